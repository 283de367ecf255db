//! Which file holds the session.

use std::path::PathBuf;

use credential_core::Variables;
use sha2::{Digest, Sha256};
use snafu::{OptionExt, ResultExt};

use crate::error::{Error, NoHomeSnafu, VariableSnafu};

/// The folder, by precedence: the setting, `AWS_LOGIN_CACHE_DIRECTORY`, `~/.aws/login/cache`.
pub(crate) fn folder(setting: Option<&PathBuf>, variables: &Variables) -> Result<PathBuf, Error> {
    if let Some(folder) = setting {
        return Ok(folder.clone());
    }
    let variable = variables
        .get_path("AWS_LOGIN_CACHE_DIRECTORY")
        .context(VariableSnafu)?;
    if let Some(folder) = variable {
        return Ok(variables.expand_home(&folder));
    }
    let home = variables.home().context(NoHomeSnafu)?;
    Ok(home.join(".aws").join("login").join("cache"))
}

/// The file's name: the SHA-256 of the session's text.
pub(crate) fn name(login_session: &str) -> String {
    let digest = Sha256::digest(login_session.trim().as_bytes());
    let mut name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    name.push_str(".json");
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_name_is_the_digest_of_the_session() {
        let expected = "4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255.json";
        for session in [
            "arn:aws:sts::012345678910:assumed-role/Admin/admin",
            "  arn:aws:sts::012345678910:assumed-role/Admin/admin\n",
        ] {
            assert_eq!(name(session), expected);
        }
    }

    #[test]
    fn the_folder_is_the_setting_then_the_variable_then_below_home() {
        let both = Variables::from([("HOME", "/home/jo"), ("AWS_LOGIN_CACHE_DIRECTORY", "~/cache\n")]);
        let home = Variables::from([("HOME", "/home/jo"), ("AWS_LOGIN_CACHE_DIRECTORY", " ")]);
        let absolute = Variables::from([("AWS_LOGIN_CACHE_DIRECTORY", "/var/cache")]);
        for (setting, variables, expected) in [
            (Some("~/kept as it is"), &both, "~/kept as it is"),
            (None, &both, "/home/jo/cache"),
            (None, &home, "/home/jo/.aws/login/cache"),
            (None, &absolute, "/var/cache"),
        ] {
            let setting = setting.map(PathBuf::from);
            assert_eq!(folder(setting.as_ref(), variables).unwrap(), Path::new(expected));
        }
    }

    #[test]
    fn without_a_home_the_error_names_the_ways_out() {
        let error = folder(None, &Variables::from([("HOME", "")])).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("HOME") && text.contains("AWS_LOGIN_CACHE_DIRECTORY"),
            "{text}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_no_unicode_is_an_error() {
        use std::os::unix::ffi::OsStrExt;
        let value = std::ffi::OsStr::from_bytes(b"/\xff");
        let variables = Variables::from([("AWS_LOGIN_CACHE_DIRECTORY", value)]);
        let error = folder(None, &variables).unwrap_err();
        assert!(matches!(error, Error::Variable { .. }));
    }
}
