use std::fmt::Write as _;
use std::str::FromStr;

use credential_chain::{AwsCredentials, Secret, Variables, format_timestamp};

/// How credentials are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Process,
    Json,
    Env,
    Fish,
    PowerShell,
}

const NAMES: [(&str, Format); 5] = [
    ("process", Format::Process),
    ("env", Format::Env),
    ("fish", Format::Fish),
    ("powershell", Format::PowerShell),
    ("json", Format::Json),
];

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = NAMES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(text))
            .map(|(_, format)| *format);
        found.ok_or_else(|| {
            let names = NAMES.map(|(name, _)| name).join(", ");
            format!("there is no format `{text}`; there are {names}")
        })
    }
}

impl Format {
    /// The lines that the shell at hand understands, told by `SHELL`, and on Windows by what PowerShell sets.
    pub(crate) fn of_shell(variables: &Variables) -> Self {
        let set = |name| variables.get(name).ok().flatten();
        match set("SHELL").as_deref().map(last_component) {
            Some("fish") => Self::Fish,
            Some("pwsh") => Self::PowerShell,
            None if set("PSModulePath").is_some() => Self::PowerShell,
            Some(_) | None => Self::Env,
        }
    }

    /// The whole output, with a line end.
    pub(crate) fn print(self, credentials: &AwsCredentials) -> String {
        match self {
            Self::Process => document(credentials, None),
            Self::Json => document(credentials, Some(credentials.source())),
            Self::Env => lines(credentials, |name, value| match value {
                Some(value) => format!("export {name}={}", quote_posix(value)),
                None => format!("unset {name}"),
            }),
            Self::Fish => lines(credentials, |name, value| match value {
                Some(value) => format!("set -gx {name} {}", quote_fish(value)),
                None => format!("set -eg {name}"),
            }),
            Self::PowerShell => lines(credentials, |name, value| match value {
                Some(value) => format!("$Env:{name} = {}", quote_powershell(value)),
                None => format!("$Env:{name} = $null"),
            }),
        }
    }
}

fn last_component(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".exe").unwrap_or(name)
}

/// The document of `credential_process`, on one line; with a source it is the format `json`, on several.
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
fn document(credentials: &AwsCredentials, source: Option<&str>) -> String {
    let members = [
        ("AccessKeyId", Some(credentials.access_key_id().to_owned())),
        (
            "SecretAccessKey",
            Some(credentials.secret_access_key().expose().to_owned()),
        ),
        (
            "SessionToken",
            credentials.session_token().map(|token| token.expose().to_owned()),
        ),
        ("Expiration", credentials.expiration().map(format_timestamp)),
        ("AccountId", credentials.account_id().map(ToOwned::to_owned)),
        ("Source", source.map(ToOwned::to_owned)),
    ];
    let (between, colon, end) = match source {
        Some(_) => (",\n  ", ": ", "\n}\n"),
        None => (",", ":", "}\n"),
    };
    let mut text = match source {
        Some(_) => format!("{{\n  \"Version\"{colon}1"),
        None => format!("{{\"Version\"{colon}1"),
    };
    for (name, value) in members {
        if let Some(value) = value {
            let _ = write!(text, "{between}\"{name}\"{colon}{}", quote_json(&value));
        }
    }
    text + end
}

/// One line for each variable that describes credentials: those that these lack are unset, for a session token left
/// over from others would spoil them.
fn lines(credentials: &AwsCredentials, line: impl Fn(&str, Option<&str>) -> String) -> String {
    let expiration = credentials.expiration().map(format_timestamp);
    let variables = [
        ("AWS_ACCESS_KEY_ID", Some(credentials.access_key_id())),
        (
            "AWS_SECRET_ACCESS_KEY",
            Some(credentials.secret_access_key().expose()),
        ),
        (
            "AWS_SESSION_TOKEN",
            credentials.session_token().map(Secret::expose),
        ),
        ("AWS_CREDENTIAL_EXPIRATION", expiration.as_deref()),
        ("AWS_ACCOUNT_ID", credentials.account_id()),
        // The session token's older name: botocore looks at it first.
        ("AWS_SECURITY_TOKEN", None),
    ];
    variables
        .into_iter()
        .map(|(name, value)| line(name, value) + "\n")
        .collect()
}

/// Single quotes keep everything but a single quote.
fn quote_posix(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// A word as a person can copy it into a shell.
pub(crate) fn shell_word(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._/+@-".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        quote_posix(word)
    }
}

/// Within single quotes fish reads `\'` and `\\`.
fn quote_fish(value: &str) -> String {
    format!("'{}'", value.replace('\\', r"\\").replace('\'', r"\'"))
}

/// Within single quotes PowerShell doubles a quote, and takes the typographic ones for quotes too.
fn quote_powershell(value: &str) -> String {
    let mut quoted = String::from("'");
    for letter in value.chars() {
        quoted.push(letter);
        if matches!(letter, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}') {
            quoted.push(letter);
        }
    }
    quoted.push('\'');
    quoted
}

pub(crate) fn quote_json(value: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in value.chars() {
        match letter {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(letter);
            }
            control if u32::from(control) < 0x20 => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shell_reads_a_value_back_as_it_was() {
        for (value, posix, fish, powershell) in [
            ("plain", "'plain'", "'plain'", "'plain'"),
            ("", "''", "''", "''"),
            ("it's", r"'it'\''s'", r"'it\'s'", "'it''s'"),
            (r"back\slash", r"'back\slash'", r"'back\\slash'", r"'back\slash'"),
            (r"\'", r"'\'\'''", r"'\\\''", r"'\'''"),
            (
                "$HOME `id` \"x\" !",
                "'$HOME `id` \"x\" !'",
                "'$HOME `id` \"x\" !'",
                "'$HOME `id` \"x\" !'",
            ),
            (
                "a\u{2019}b",
                "'a\u{2019}b'",
                "'a\u{2019}b'",
                "'a\u{2019}\u{2019}b'",
            ),
        ] {
            assert_eq!(quote_posix(value), posix);
            assert_eq!(quote_fish(value), fish);
            assert_eq!(quote_powershell(value), powershell);
        }
    }

    #[test]
    fn only_an_odd_word_is_quoted_for_people() {
        for (word, shown) in [
            ("deploy", "deploy"),
            ("a.b/c+d@e-f_g", "a.b/c+d@e-f_g"),
            ("my profile", "'my profile'"),
            ("", "''"),
        ] {
            assert_eq!(shell_word(word), shown);
        }
    }

    #[test]
    fn json_reads_a_value_back_as_it_was() {
        for value in ["plain", "a\"b", "a\\b", "a\u{1}\n\tb", "ä\u{7f}€", ""] {
            assert_eq!(serde_json::from_str::<String>(&quote_json(value)).unwrap(), value);
        }
    }

    #[test]
    fn the_shell_at_hand_is_told_by_its_path() {
        for (shell, format) in [
            ("/bin/bash", Format::Env),
            ("/usr/bin/fish", Format::Fish),
            ("fish", Format::Fish),
            ("/opt/homebrew/bin/pwsh", Format::PowerShell),
            (r"C:\Program Files\Git\bin\bash.exe", Format::Env),
            ("", Format::Env),
        ] {
            assert_eq!(
                Format::of_shell(&Variables::from([("SHELL", shell)])),
                format,
                "{shell}"
            );
        }
        let windows = Variables::from([("PSModulePath", "C:\\x")]);
        assert_eq!(Format::of_shell(&windows), Format::PowerShell);
    }
}
