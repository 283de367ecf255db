use std::collections::BTreeMap;

use serde_json::json;

/// How variables are written: for the users of which shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Bash,
    Fish,
    PowerShell,
    /// `NAME=value`, for files that are read by `docker --env-file` and its like. They cannot take a variable away.
    Dotenv,
    Json,
}

/// This one belongs to the user as well: our addresses are added to what is there.
const ADDED_TO: &str = "NO_PROXY";

impl Format {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "bash" | "zsh" | "sh" => Some(Self::Bash),
            "fish" => Some(Self::Fish),
            "powershell" | "pwsh" => Some(Self::PowerShell),
            "dotenv" => Some(Self::Dotenv),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// What has to go, then what has to be set.
    pub(crate) fn all(self, unset: &[&str], set: &[(String, String)]) -> String {
        if self == Self::Json {
            let set: BTreeMap<&str, &str> = set
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            return format!("{:#}\n", json!({"unset": unset, "set": set}));
        }
        let set = set.iter().map(|(name, value)| self.set(name, value));
        std::iter::once(self.unset(unset)).chain(set).collect()
    }

    /// The lines that take variables away.
    fn unset(self, names: &[&str]) -> String {
        match self {
            Self::Bash => wrapped("unset", names),
            Self::Fish => wrapped("set -e", names),
            Self::Dotenv | Self::Json => String::new(),
            Self::PowerShell => names
                .iter()
                .map(|name| format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue\n"))
                .collect(),
        }
    }

    /// The line that sets a variable.
    fn set(self, name: &str, value: &str) -> String {
        let quoted = self.quote(value);
        match self {
            Self::Bash if name == ADDED_TO => {
                format!("export {name}=\"${{{name}:+${name},}}\"{quoted}\n")
            }
            Self::Fish if name == ADDED_TO => format!("set -gx {name} (string join , ${name} {quoted})\n"),
            Self::PowerShell if name == ADDED_TO => {
                format!("$env:{name} = (@($env:{name}, {quoted}) | Where-Object {{ $_ }}) -join ','\n")
            }
            Self::Bash => format!("export {name}={quoted}\n"),
            Self::Fish => format!("set -gx {name} {quoted}\n"),
            Self::PowerShell => format!("$env:{name} = {quoted}\n"),
            Self::Dotenv | Self::Json => format!("{name}={value}\n"),
        }
    }

    fn quote(self, value: &str) -> String {
        let is_plain = !value.is_empty()
            && value
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"/:._-+,@".contains(&byte));
        match self {
            Self::Bash | Self::Fish if is_plain => value.to_owned(),
            Self::Bash => format!("'{}'", value.replace('\'', "'\\''")),
            Self::Fish => format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'")),
            Self::PowerShell => format!("'{}'", value.replace('\'', "''")),
            Self::Dotenv | Self::Json => value.to_owned(),
        }
    }
}

/// One command for many names, over as many lines as it takes to be read with ease.
fn wrapped(command: &str, names: &[&str]) -> String {
    const WIDTH: usize = 100;
    let mut lines = vec![command.to_owned()];
    for name in names {
        match lines.last_mut() {
            Some(line) if line.len() + name.len() < WIDTH => {
                line.push(' ');
                line.push_str(name);
            }
            _ => lines.push(format!("{command} {name}")),
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_for_each_shell() {
        let value = r"it's a \";
        for (format, line) in [
            (Format::Bash, "export A='it'\\''s a \\'\n"),
            (Format::Fish, "set -gx A 'it\\'s a \\\\'\n"),
            (Format::PowerShell, "$env:A = 'it''s a \\'\n"),
        ] {
            assert_eq!(format.set("A", value), line);
        }
        assert_eq!(
            Format::Bash.set("A", "http://127.0.0.1:1338"),
            "export A=http://127.0.0.1:1338\n"
        );
        assert_eq!(Format::Bash.set("A", ""), "export A=''\n");
    }

    #[test]
    fn programs_get_them_without_a_shell() {
        let set = [
            ("A".to_owned(), "it's \"a\"".to_owned()),
            ("NO_PROXY".to_owned(), "::1".to_owned()),
        ];
        assert_eq!(Format::Dotenv.all(&["B"], &set), "A=it's \"a\"\nNO_PROXY=::1\n");
        let document: serde_json::Value = serde_json::from_str(&Format::Json.all(&["B"], &set)).unwrap();
        assert_eq!(
            document,
            json!({"unset": ["B"], "set": {"A": "it's \"a\"", "NO_PROXY": "::1"}})
        );
    }

    #[test]
    fn what_the_user_has_in_no_proxy_stays() {
        assert_eq!(
            Format::Bash.set("NO_PROXY", "::1"),
            "export NO_PROXY=\"${NO_PROXY:+$NO_PROXY,}\"::1\n"
        );
    }

    #[test]
    fn many_names_take_several_lines() {
        let names = ["AWS_SOMETHING_OR_OTHER"; 8];
        let text = Format::Fish.unset(&names);
        assert!(
            text.lines()
                .all(|line| line.len() <= 100 && line.starts_with("set -e AWS_")),
            "{text}"
        );
        assert_eq!(text.matches("AWS_SOMETHING_OR_OTHER").count(), 8);
    }
}
