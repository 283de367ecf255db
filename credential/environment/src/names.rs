use credential_core::{VariableError, Variables};

/// The variables that hold one thing: the documented one first, then what older tools called it.
#[derive(Debug)]
pub(crate) struct Names {
    documented: String,
    older: &'static [&'static str],
}

/// A value and the variable that held it.
pub(crate) struct Found {
    pub(crate) variable: String,
    pub(crate) value: String,
}

impl Names {
    pub(crate) fn access_key_id(prefix: &str) -> Self {
        Self::new(prefix, "ACCESS_KEY_ID", &["AWS_ACCESS_KEY"])
    }

    pub(crate) fn secret_access_key(prefix: &str) -> Self {
        Self::new(
            prefix,
            "SECRET_ACCESS_KEY",
            &["AWS_SECRET_KEY", "SECRET_ACCESS_KEY"],
        )
    }

    pub(crate) fn session_token(prefix: &str) -> Self {
        Self::new(prefix, "SESSION_TOKEN", &["AWS_SECURITY_TOKEN"])
    }

    pub(crate) fn account_id(prefix: &str) -> Self {
        Self::new(prefix, "ACCOUNT_ID", &[])
    }

    pub(crate) fn expiration(prefix: &str) -> Self {
        Self::new(prefix, "CREDENTIAL_EXPIRATION", &[])
    }

    /// The older names belong to AWS's own prefix: another prefix is somebody else's name space.
    fn new(prefix: &str, rest: &str, older: &'static [&'static str]) -> Self {
        Self {
            documented: format!("{prefix}_{rest}"),
            older: if prefix == "AWS" { older } else { &[] },
        }
    }

    /// The first of them that is set and not blank.
    pub(crate) fn look_up(&self, variables: &Variables) -> Result<Option<Found>, VariableError> {
        for variable in std::iter::once(self.documented.as_str()).chain(self.older.iter().copied()) {
            if let Some(value) = variables.get(variable)? {
                return Ok(Some(Found {
                    variable: variable.to_owned(),
                    value,
                }));
            }
        }
        Ok(None)
    }

    /// The name to tell people about.
    pub(crate) fn into_documented(self) -> String {
        self.documented
    }
}
