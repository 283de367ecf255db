use credential_chain::{VariableError, Variables};

/// The profiles that commands above this one are busy with, one a line: set for the processes that a profile starts.
pub(crate) const MARK: &str = "CREDENTIAL_PROFILES_IN_PROGRESS";

/// Whether this command may begin.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// The profile is in progress already.
    Repeated(String),
    /// What the processes of this profile are to be told.
    Marks(String),
}

/// `[default] credential_process = credential export` would start itself without end.
pub(crate) fn enter(variables: &Variables, chosen: Option<&str>) -> Result<Entry, VariableError> {
    let in_progress = variables.get_raw(MARK)?.unwrap_or_default();
    let profile = selected(variables, chosen)?;
    Ok(if in_progress.lines().any(|name| name == profile) {
        Entry::Repeated(profile)
    } else if in_progress.is_empty() {
        Entry::Marks(profile)
    } else {
        Entry::Marks(format!("{in_progress}\n{profile}"))
    })
}

fn selected(variables: &Variables, chosen: Option<&str>) -> Result<String, VariableError> {
    if let Some(name) = chosen {
        return Ok(name.to_owned());
    }
    for variable in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        if let Some(name) = variables.get(variable)? {
            return Ok(name);
        }
    }
    Ok("default".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_profile_in_progress_is_refused_and_others_join_the_list() {
        for (mark, chosen, variable, entry) in [
            ("default", None, "", Err("default")),
            ("default", Some("deploy"), "", Ok("default\ndeploy")),
            ("default\ndeploy", Some("deploy"), "", Err("deploy")),
            ("default\ndeploy", None, "deploy", Err("deploy")),
            ("deploy", None, "", Ok("deploy\ndefault")),
            ("deploy-2", Some("deploy"), "", Ok("deploy-2\ndeploy")),
            ("", None, "", Ok("default")),
        ] {
            let variables = Variables::from([(MARK, mark), ("AWS_PROFILE", variable)]);
            let entry = match entry {
                Ok(marks) => Entry::Marks(marks.to_owned()),
                Err(profile) => Entry::Repeated(profile.to_owned()),
            };
            assert_eq!(
                enter(&variables, chosen),
                Ok(entry),
                "{mark:?} {chosen:?} {variable:?}"
            );
        }
        let nothing = Variables::from([("HOME", "/")]);
        assert_eq!(enter(&nothing, None), Ok(Entry::Marks("default".to_owned())));
    }
}
