use std::fmt;

/// A call of STS, as errors name it: `AssumeRole of arn:aws:iam::123456789012:role/deploy`. See the example of
/// [`Error`](crate::Error).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    name: &'static str,
    subject: Option<Box<str>>,
}

impl Operation {
    pub(crate) const ASSUME_ROLE: &'static str = "AssumeRole";
    pub(crate) const ASSUME_ROLE_WITH_WEB_IDENTITY: &'static str = "AssumeRoleWithWebIdentity";
    pub(crate) const GET_SESSION_TOKEN: &'static str = "GetSessionToken";
    pub(crate) const GET_CALLER_IDENTITY: &'static str = "GetCallerIdentity";

    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, subject: None }
    }

    pub(crate) fn of(name: &'static str, subject: &str) -> Self {
        Self {
            name,
            subject: Some(subject.into()),
        }
    }

    /// AWS's name of the call, as `AssumeRole`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The ARN of the role that the call is about, when it is about one.
    #[must_use]
    pub fn role_arn(&self) -> Option<&str> {
        self.subject.as_deref()
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        match &self.subject {
            Some(subject) => write!(f, " of {subject}"),
            None => Ok(()),
        }
    }
}
