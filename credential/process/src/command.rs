use credential_core::Secret;
use tokio::process::Command;

use crate::said::Hidden;
use crate::split::{SplitError, split};

/// A command line. Any argument may be a password, so nothing but the program is ever shown.
#[derive(Clone)]
pub(crate) struct CommandLine {
    text: Secret,
    shell: bool,
    /// What the child finds in its environment beside what it inherits.
    variables: Vec<(String, Secret)>,
}

/// A command line that has been split.
pub(crate) struct Words {
    program: String,
    arguments: Vec<Secret>,
    variables: Vec<(String, Secret)>,
    /// The text for a shell, which stands in for the words.
    script: Option<Secret>,
}

impl CommandLine {
    pub(crate) fn new(text: String) -> Self {
        Self {
            text: Secret::new(text),
            shell: false,
            variables: Vec::new(),
        }
    }

    pub(crate) fn through_shell(&mut self) {
        self.shell = true;
    }

    pub(crate) fn uses_shell(&self) -> bool {
        self.shell
    }

    pub(crate) fn set_variable(&mut self, name: String, value: String) {
        self.variables.retain(|(other, _)| *other != name);
        self.variables.push((name, Secret::new(value)));
    }

    pub(crate) fn variable_names(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|(name, _)| name.as_str())
    }

    /// The program as it may be shown: the first word.
    pub(crate) fn program(&self) -> String {
        let line = self.text.expose();
        if self.shell {
            return first_of_script(line);
        }
        let first = split(line).ok().and_then(|words| words.into_iter().next());
        let first = first.unwrap_or_else(|| {
            let first = line.split_ascii_whitespace().next().unwrap_or_default();
            first.trim_matches(['"', '\'']).to_owned()
        });
        // `PASSWORD=… tool` is what people write who are used to a shell.
        let shown = match first.split_once('=') {
            Some((name, _)) => format!("{name}=…"),
            None => first,
        };
        shown
            .chars()
            .filter(|letter| !letter.is_control())
            .take(MOST_LETTERS)
            .collect()
    }

    pub(crate) fn words(&self) -> Result<Words, SplitError> {
        let line = self.text.expose();
        let (program, arguments, script) = if self.shell {
            if line.trim().is_empty() {
                return Err(SplitError::Empty);
            }
            if line.contains('\0') {
                return Err(SplitError::Nul);
            }
            (String::new(), Vec::new(), Some(self.text.clone()))
        } else {
            let mut words = split(line)?.into_iter();
            let program = words.next().ok_or(SplitError::Empty)?;
            (program, words.map(Secret::new).collect(), None)
        };
        Ok(Words {
            program,
            arguments,
            variables: self.variables.clone(),
            script,
        })
    }
}

const MOST_LETTERS: usize = 200;

/// The start of a shell's text up to the first character that could have a meaning to the shell.
fn first_of_script(line: &str) -> String {
    let plain = |letter: &char| {
        letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | '/' | '\\' | ':' | '~')
    };
    let first: String = line
        .trim_start()
        .chars()
        .take_while(plain)
        .take(MOST_LETTERS)
        .collect();
    if first.is_empty() {
        "(a shell's text)".to_owned()
    } else {
        first
    }
}

impl Words {
    /// What the system is asked to run.
    pub(crate) fn command(&self) -> Command {
        let mut command = match &self.script {
            Some(script) => shell(script.expose()),
            None => {
                let mut command = Command::new(&self.program);
                command.args(self.arguments.iter().map(Secret::expose));
                command
            }
        };
        command.envs(self.variables.iter().map(|(name, value)| (name, value.expose())));
        command
    }

    /// What the command may repeat on standard error and must not be shown.
    pub(crate) fn hidden(&self) -> Hidden {
        let mut hidden = Hidden::default();
        match &self.script {
            // The shell splits by rules of its own; its blanks and quotes are near enough.
            Some(script) => hidden.add_words(
                script
                    .expose()
                    .split(|letter: char| letter.is_whitespace() || is_for_a_shell(letter))
                    .filter(|word| !word.is_empty())
                    .enumerate()
                    // The program may be shown, but not `PASSWORD=hunter2` in front of it.
                    .filter(|(place, word)| *place > 0 || word.contains('='))
                    .map(|(_, word)| word),
            ),
            None => hidden.add_words(self.arguments.iter().map(Secret::expose)),
        }
        for (name, value) in &self.variables {
            hidden.add_variable(name, value);
        }
        hidden
    }
}

fn is_for_a_shell(letter: char) -> bool {
    matches!(letter, '\'' | '"' | '|' | ';' | '&' | '<' | '>' | '(' | ')')
}

#[cfg(not(windows))]
fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// With `/S` the interpreter takes off exactly the outer quotes, and the text in them stays as it is.
#[cfg(windows)]
fn shell(script: &str) -> Command {
    let mut command = Command::new("cmd.exe");
    command.args(["/D", "/S", "/C"]).raw_arg(format!("\"{script}\""));
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_shown_and_nothing_behind_it() {
        for (line, shown) in [
            ("/opt/tool --password hunter2", "/opt/tool"),
            ("\"/opt/my tool\" hunter2", "/opt/my tool"),
            ("PASSWORD=hunter2 tool", "PASSWORD=…"),
            ("tool \"hunter2", "tool"),
            ("\"tool hunter2", "tool"),
            ("to\u{1b}ol hunter2", "tool"),
            ("", ""),
        ] {
            assert_eq!(CommandLine::new(line.into()).program(), shown, "{line}");
        }
        let long = CommandLine::new("x".repeat(5000)).program();
        assert_eq!(long.len(), MOST_LETTERS);
    }

    #[test]
    fn of_a_shells_text_only_the_plain_start_is_shown() {
        for (line, shown) in [
            ("/opt/tool hunter2|cat", "/opt/tool"),
            ("cat<<<hunter2", "cat"),
            ("PASSWORD=hunter2 tool", "PASSWORD"),
            ("echo$IFS'hunter2'", "echo"),
            ("(echo hunter2)", "(a shell's text)"),
        ] {
            let mut line = CommandLine::new(line.into());
            line.through_shell();
            assert_eq!(line.program(), shown);
        }
    }

    #[test]
    fn a_shells_text_is_refused_only_when_there_is_none() {
        for (text, expected) in [
            (" \n", Err(SplitError::Empty)),
            ("a\0", Err(SplitError::Nul)),
            ("echo 'a", Ok(())),
        ] {
            let mut line = CommandLine::new(text.into());
            line.through_shell();
            assert_eq!(line.words().map(drop), expected, "{text:?}");
        }
    }

    #[test]
    fn a_variable_set_twice_counts_as_set_last() {
        let mut line = CommandLine::new("tool".into());
        line.set_variable("A".into(), "1".into());
        line.set_variable("A".into(), "2".into());
        let command = line.words().unwrap().command();
        let values: Vec<_> = command.as_std().get_envs().collect();
        assert_eq!(values, [("A".as_ref(), Some("2".as_ref()))]);
    }
}
