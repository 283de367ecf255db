use std::time::Duration;

/// A role that can be assumed, and by whom: a table, not a policy engine.
///
/// Without any, every identity of the server may assume every role of its own account, and no role of another.
///
/// ```
/// use std::time::Duration;
/// use mock_imds::{MockImds, TrustedRole};
///
/// let deploy = TrustedRole::new("arn:aws:iam::210987654321:role/deploy")
///     .max_duration(Duration::from_secs(7200))
///     .external_id("4711")
///     .caller("arn:aws:sts::123456789012:assumed-role/mock-role/*");
/// let mock = MockImds::builder().trusting(deploy).start_blocking();
/// # let _ = mock;
/// ```
///
/// AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user.html>
#[derive(Clone, Debug)]
pub struct TrustedRole {
    pub(crate) arn: String,
    pub(crate) max_duration: Duration,
    callers: Vec<String>,
    external_id: Option<String>,
    mfa_serial: Option<String>,
}

impl TrustedRole {
    /// A role that any identity may assume, for at most one hour: IAM's own default.
    #[must_use]
    pub fn new(arn: &str) -> Self {
        Self {
            arn: arn.to_owned(),
            max_duration: Duration::from_secs(3600),
            callers: Vec::new(),
            external_id: None,
            mfa_serial: None,
        }
    }

    /// A role of the server's own account that nobody said anything about: for as long as IAM lets any role be assumed.
    pub(crate) fn undeclared(arn: &str) -> Self {
        Self::new(arn).max_duration(Duration::from_secs(43_200))
    }

    /// The longest session, from one to twelve hours. Default: one hour.
    #[must_use]
    pub fn max_duration(mut self, duration: Duration) -> Self {
        self.max_duration = duration;
        self
    }

    /// Lets only this identity assume the role: its ARN, or the subject of a web identity token, with `*` at the end
    /// for any rest. Can be given several times.
    #[must_use]
    pub fn caller(mut self, arn: &str) -> Self {
        self.callers.push(arn.to_owned());
        self
    }

    /// Demands this external ID.
    #[must_use]
    pub fn external_id(mut self, external_id: &str) -> Self {
        self.external_id = Some(external_id.to_owned());
        self
    }

    /// Demands this MFA device, whose code is set with [`Builder::mfa_device`](crate::Builder::mfa_device).
    #[must_use]
    pub fn mfa(mut self, serial: &str) -> Self {
        self.mfa_serial = Some(serial.to_owned());
        self
    }

    /// Whether the trust policy, so to speak, lets this call through.
    pub(crate) fn admits(&self, caller: &str, external_id: Option<&str>, mfa_serial: Option<&str>) -> bool {
        let known = self.callers.is_empty() || self.callers.iter().any(|pattern| matches(pattern, caller));
        let external = self.external_id.is_none() || self.external_id.as_deref() == external_id;
        let mfa = self.mfa_serial.is_none() || self.mfa_serial.as_deref() == mfa_serial;
        known && external && mfa
    }
}

fn matches(pattern: &str, arn: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => arn.starts_with(start),
        None => arn == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_that_is_set_must_hold() {
        let role = TrustedRole::new("arn:aws:iam::1:role/r")
            .caller("arn:aws:sts::1:assumed-role/a/*")
            .external_id("x")
            .mfa("device");
        let caller = "arn:aws:sts::1:assumed-role/a/session";
        assert!(role.admits(caller, Some("x"), Some("device")));
        assert!(!role.admits("arn:aws:sts::1:assumed-role/b/session", Some("x"), Some("device")));
        assert!(!role.admits(caller, None, Some("device")));
        assert!(!role.admits(caller, Some("y"), Some("device")));
        assert!(!role.admits(caller, Some("x"), None));
    }
}
