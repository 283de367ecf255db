use std::fmt;
use std::time::Duration;

use credential_core::Secret;
use snafu::ensure;

use crate::call::Operation;
use crate::error::{Error, ParameterSnafu};
use crate::form::Form;

/// What to ask AssumeRole for. [`AssumeRoleProvider`](crate::AssumeRoleProvider) makes one from its own settings.
///
/// What is not set is not sent, so AWS's defaults hold. `Debug` hides external ID and MFA code.
///
/// ```
/// use credential_sts::AssumeRole;
/// use std::time::Duration;
///
/// let request = AssumeRole::new("arn:aws:iam::123456789012:role/deploy", "nightly")
///     .with_external_id("4711")
///     .with_duration(Duration::from_secs(900))
///     .with_tag("team", "blue");
/// # let _ = request;
/// ```
///
/// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[derive(Clone, Debug)]
pub struct AssumeRole {
    role_arn: String,
    role_session_name: String,
    duration: Option<Duration>,
    external_id: Option<Secret>,
    policy: Option<String>,
    policy_arns: Vec<String>,
    tags: Vec<Tag>,
    transitive_tag_keys: Vec<String>,
    source_identity: Option<String>,
    mfa: Option<Mfa>,
}

#[derive(Clone)]
struct Tag {
    key: String,
    value: String,
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key, self.value)
    }
}

impl AssumeRole {
    /// A session in this role, under this name: 2 to 64 of the letters, digits and `_+=,.@-`.
    pub fn new(role_arn: impl Into<String>, role_session_name: impl Into<String>) -> Self {
        Self {
            role_arn: role_arn.into(),
            role_session_name: role_session_name.into(),
            duration: None,
            external_id: None,
            policy: None,
            policy_arns: Vec::new(),
            tags: Vec::new(),
            transitive_tag_keys: Vec::new(),
            source_identity: None,
            mfa: None,
        }
    }

    /// Names the session otherwise. Default: the name given to [`new`](Self::new).
    #[must_use]
    pub fn with_role_session_name(mut self, name: impl Into<String>) -> Self {
        self.role_session_name = name.into();
        self
    }

    /// How long the session lasts: 15 minutes to 12 hours, and no longer than the role allows. A fraction of a second
    /// is dropped. Default: not sent, so one hour.
    #[must_use]
    pub fn with_duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// The ID that the role's owner agreed on with the caller. Default: none.
    #[must_use]
    pub fn with_external_id(mut self, external_id: impl Into<Secret>) -> Self {
        self.external_id = Some(external_id.into());
        self
    }

    /// A policy, in JSON, that narrows what the session may do. Default: none.
    #[must_use]
    pub fn with_policy(mut self, policy: impl Into<String>) -> Self {
        self.policy = Some(policy.into());
        self
    }

    /// Adds the ARN of a managed policy that narrows what the session may do, ten at most. Default: none.
    #[must_use]
    pub fn with_policy_arn(mut self, arn: impl Into<String>) -> Self {
        self.policy_arns.push(arn.into());
        self
    }

    /// Adds a session tag, fifty at most. Default: none.
    #[must_use]
    pub fn with_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push(Tag {
            key: key.into(),
            value: value.into(),
        });
        self
    }

    /// Adds the key of a tag that stays with sessions made from this one, fifty at most. Default: none.
    #[must_use]
    pub fn with_transitive_tag_key(mut self, key: impl Into<String>) -> Self {
        self.transitive_tag_keys.push(key.into());
        self
    }

    /// Who is behind the session, for the audit log. It stays through all sessions made from this one. Default: none.
    #[must_use]
    pub fn with_source_identity(mut self, source_identity: impl Into<String>) -> Self {
        self.source_identity = Some(source_identity.into());
        self
    }

    /// The MFA device's serial number or ARN, and the six digits that it shows now. Default: none.
    #[must_use]
    pub fn with_mfa(mut self, serial: impl Into<String>, code: impl Into<Secret>) -> Self {
        self.mfa = Some(Mfa::new(serial, code));
        self
    }

    pub(crate) fn role_arn(&self) -> &str {
        &self.role_arn
    }

    pub(crate) fn duration(&self) -> Option<Duration> {
        self.duration
    }

    pub(crate) fn operation(&self) -> Operation {
        Operation::of(Operation::ASSUME_ROLE, &self.role_arn)
    }

    /// Refuses what STS would refuse for certain; all else is the service's to judge, whose limits have grown before.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let operation = || self.operation();
        check_role(&self.role_arn, &self.role_session_name, operation)?;
        check_duration(self.duration, 43_200, operation)?;
        check_policy_arns(&self.policy_arns, operation)?;
        need(self.tags.len() <= 50, operation, "Tags", "must be 50 at most")?;
        need(
            self.transitive_tag_keys.len() <= 50,
            operation,
            "TransitiveTagKeys",
            "must be 50 at most",
        )?;
        self.mfa.as_ref().map_or(Ok(()), Mfa::check)
    }

    pub(crate) fn form(&self) -> Form {
        self.form_with(self.duration, self.mfa.as_ref())
    }

    /// The form with this duration and this code in place of the request's own.
    pub(crate) fn form_with(&self, duration: Option<Duration>, mfa: Option<&Mfa>) -> Form {
        let mut form = Form::new(Operation::ASSUME_ROLE);
        form.add("RoleArn", &self.role_arn);
        form.add("RoleSessionName", &self.role_session_name);
        add_policy_arns(&mut form, &self.policy_arns);
        add_policy(&mut form, self.policy.as_deref());
        add_duration(&mut form, duration);
        form.add_list("Tags", &self.tags, |form, name, tag| {
            form.add(&format!("{name}.Key"), &tag.key);
            form.add(&format!("{name}.Value"), &tag.value);
        });
        form.add_list(
            "TransitiveTagKeys",
            &self.transitive_tag_keys,
            |form, name, key| {
                form.add(name, key);
            },
        );
        form.add_secret("ExternalId", "external ID", self.external_id.as_ref());
        add_mfa(&mut form, mfa);
        form.add_some("SourceIdentity", self.source_identity.as_deref());
        form
    }
}

/// What to ask GetSessionToken for: a session of the caller's own, for long-term credentials.
///
/// ```
/// use credential_sts::GetSessionToken;
///
/// let request = GetSessionToken::new().with_mfa("arn:aws:iam::123456789012:mfa/jo", "123456");
/// assert!(!format!("{request:?}").contains("123456\""));
/// ```
///
/// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
#[derive(Clone, Debug, Default)]
pub struct GetSessionToken {
    duration: Option<Duration>,
    mfa: Option<Mfa>,
}

impl GetSessionToken {
    /// A session of AWS's default length, twelve hours.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How long the session lasts: 15 minutes to 36 hours. A fraction of a second is dropped. Default: not sent, so
    /// twelve hours.
    #[must_use]
    pub fn with_duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// The MFA device's serial number or ARN, and the six digits that it shows now. Default: none.
    #[must_use]
    pub fn with_mfa(mut self, serial: impl Into<String>, code: impl Into<Secret>) -> Self {
        self.mfa = Some(Mfa::new(serial, code));
        self
    }

    pub(crate) fn operation() -> Operation {
        Operation::new(Operation::GET_SESSION_TOKEN)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        check_duration(self.duration, 129_600, Self::operation)?;
        self.mfa.as_ref().map_or(Ok(()), Mfa::check)
    }

    pub(crate) fn form(&self) -> Form {
        let mut form = Form::new(Operation::GET_SESSION_TOKEN);
        add_duration(&mut form, self.duration);
        add_mfa(&mut form, self.mfa.as_ref());
        form
    }
}

/// An MFA device and the code that it shows.
#[derive(Clone, Debug)]
pub(crate) struct Mfa {
    serial: String,
    code: Secret,
}

impl Mfa {
    pub(crate) fn new(serial: impl Into<String>, code: impl Into<Secret>) -> Self {
        Self {
            serial: serial.into(),
            code: code.into(),
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let code = self.code.expose();
        if code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(());
        }
        Err(Error::MfaCode {
            serial: self.serial.clone(),
        })
    }
}

pub(crate) fn need(
    fine: bool,
    operation: impl FnOnce() -> Operation,
    parameter: &'static str,
    rule: &'static str,
) -> Result<(), Error> {
    ensure!(
        fine,
        ParameterSnafu {
            operation: operation(),
            parameter,
            rule
        }
    );
    Ok(())
}

pub(crate) fn check_role(
    role_arn: &str,
    role_session_name: &str,
    operation: impl Fn() -> Operation,
) -> Result<(), Error> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    need(
        !role_arn.trim().is_empty(),
        &operation,
        "RoleArn",
        "must not be blank",
    )?;
    need(
        (2..=64).contains(&role_session_name.len()) && role_session_name.bytes().all(legal),
        operation,
        "RoleSessionName",
        "must be 2 to 64 of the ASCII letters, digits and _+=,.@-",
    )
}

pub(crate) fn check_policy_arns(arns: &[String], operation: impl FnOnce() -> Operation) -> Result<(), Error> {
    need(arns.len() <= 10, operation, "PolicyArns", "must be 10 at most")
}

pub(crate) fn check_duration(
    duration: Option<Duration>,
    most: u64,
    operation: impl FnOnce() -> Operation,
) -> Result<(), Error> {
    let rule = if most == 43_200 {
        "must be 15 minutes to 12 hours (900 to 43200 seconds)"
    } else {
        "must be 15 minutes to 36 hours (900 to 129600 seconds)"
    };
    let fine = duration.is_none_or(|duration| (900..=most).contains(&duration.as_secs()));
    need(fine, operation, "DurationSeconds", rule)
}

pub(crate) fn add_policy_arns(form: &mut Form, arns: &[String]) {
    form.add_list("PolicyArns", arns, |form, name, arn| {
        form.add(&format!("{name}.arn"), arn);
    });
}

/// A policy is no secret, but a refusal that repeats all of it tells nothing else.
pub(crate) fn add_policy(form: &mut Form, policy: Option<&str>) {
    form.add_secret("Policy", "session policy", policy.map(Secret::from).as_ref());
}

pub(crate) fn add_duration(form: &mut Form, duration: Option<Duration>) {
    if let Some(duration) = duration {
        form.add("DurationSeconds", &duration.as_secs().to_string());
    }
}

fn add_mfa(form: &mut Form, mfa: Option<&Mfa>) {
    if let Some(mfa) = mfa {
        form.add("SerialNumber", &mfa.serial);
        form.add_secret("TokenCode", "MFA code", Some(&mfa.code));
    }
}

#[cfg(test)]
mod tests;
