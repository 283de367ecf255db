use credential_chain::{VariableError, Variables};

/// The profiles that commands above this one are busy with, one a line: set for the processes that a profile starts.
pub(crate) const MARK: &str = "CREDENTIAL_PROFILES_IN_PROGRESS";

/// The profile that would be asked for once more; `None` when all is well.
///
/// `[default] credential_process = credential export` would start itself without end.
pub(crate) fn repeated(variables: &Variables, chosen: Option<&str>) -> Result<Option<String>, VariableError> {
    let Some(in_progress) = variables.get_raw(MARK)? else {
        return Ok(None);
    };
    let profile = selected(variables, chosen)?;
    let repeats = in_progress.lines().any(|name| name == profile);
    Ok(repeats.then_some(profile))
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
    fn only_a_profile_in_progress_is_refused() {
        for (mark, chosen, variable, refused) in [
            ("default", None, "", Some("default")),
            ("default", Some("deploy"), "", None),
            ("default\ndeploy", Some("deploy"), "", Some("deploy")),
            ("default\ndeploy", None, "deploy", Some("deploy")),
            ("deploy", None, "", None),
            ("deploy-2", Some("deploy"), "", None),
            ("", None, "", None),
        ] {
            let variables = Variables::from([(MARK, mark), ("AWS_PROFILE", variable)]);
            assert_eq!(
                repeated(&variables, chosen).unwrap().as_deref(),
                refused,
                "{mark:?} {chosen:?} {variable:?}"
            );
        }
        assert_eq!(repeated(&Variables::from([("HOME", "/")]), None), Ok(None));
    }
}
