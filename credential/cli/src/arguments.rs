use std::ffi::{OsStr, OsString};

use lexopt::{Arg, Parser, ValueExt};

use crate::format::Format;
use crate::help;

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// Print this text and be done.
    Show(String),
    Export(Options),
    WhoAmI(Options),
    Plan(Options),
    Profiles(Options),
    Login(Options),
    Logout(Options),
}

/// What may be said beside a command's name; each command takes its own part of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) profile: Option<String>,
    pub(crate) verbose: bool,
    /// `None`: what suits the standard output.
    pub(crate) format: Option<Format>,
    pub(crate) json: bool,
    pub(crate) use_device_code: bool,
    pub(crate) no_browser: bool,
}

/// A command line that nobody can follow.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misuse {
    pub(crate) message: String,
    /// The command whose help tells more.
    pub(crate) see: &'static str,
}

/// Reads the command line; the first word is the program's own name.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Request, Misuse> {
    let mut parser = Parser::from_iter(words);
    let misuse = |message: String| Misuse {
        message,
        see: "credential",
    };
    match parser.next().map_err(|error| misuse(error.to_string()))? {
        None => Err(misuse("a command is missing".to_owned())),
        Some(Arg::Short('h') | Arg::Long("help")) => Ok(Request::Show(help::TOP.to_owned())),
        Some(Arg::Short('V') | Arg::Long("version")) => Ok(Request::Show(help::version())),
        Some(Arg::Value(word)) if word == "help" => Ok(help_on(&mut parser)),
        Some(Arg::Value(word)) => match Command::named(&word) {
            Some(command) => command.parse(&mut parser),
            None => Err(misuse(unknown(&word))),
        },
        Some(other) => Err(misuse(other.unexpected().to_string())),
    }
}

fn unknown(word: &OsStr) -> String {
    let message = format!("there is no command `{}`", word.display());
    let word = word.to_string_lossy();
    let close = COMMANDS
        .iter()
        .map(|command| (distance(&word, command.name), command.name))
        .filter(|(distance, _)| *distance <= 2)
        .min();
    match close {
        Some((_, name)) => format!("{message}; did you mean `{name}`?"),
        None => message,
    }
}

/// How many letters have to be put in, taken out or replaced to make one of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (number, letter) in (1..).zip(one.chars()) {
        let mut last = number;
        let mut next = vec![last];
        for (above, another) in row.windows(2).zip(other.chars()) {
            let [diagonal, above] = above else { continue };
            last = (diagonal + usize::from(letter != another)).min(last.min(*above) + 1);
            next.push(last);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

struct Command {
    name: &'static str,
    /// The command as messages about wrong lines name it.
    see: &'static str,
    help: &'static str,
    takes: &'static [Taken],
    request: fn(Options) -> Request,
}

/// The options that not every command has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    Profile,
    Verbose,
    Format,
    Json,
    Login,
}

const COMMANDS: [Command; 6] = [
    Command {
        name: "export",
        see: "credential export",
        help: help::EXPORT,
        takes: &[Taken::Profile, Taken::Verbose, Taken::Format],
        request: Request::Export,
    },
    Command {
        name: "whoami",
        see: "credential whoami",
        help: help::WHOAMI,
        takes: &[Taken::Profile, Taken::Verbose],
        request: Request::WhoAmI,
    },
    Command {
        name: "plan",
        see: "credential plan",
        help: help::PLAN,
        takes: &[Taken::Profile],
        request: Request::Plan,
    },
    Command {
        name: "profiles",
        see: "credential profiles",
        help: help::PROFILES,
        takes: &[Taken::Json],
        request: Request::Profiles,
    },
    Command {
        name: "login",
        see: "credential login",
        help: help::LOGIN,
        takes: &[Taken::Profile, Taken::Login],
        request: Request::Login,
    },
    Command {
        name: "logout",
        see: "credential logout",
        help: help::LOGOUT,
        takes: &[Taken::Profile],
        request: Request::Logout,
    },
];

impl Command {
    fn named(word: &OsStr) -> Option<&'static Self> {
        COMMANDS.iter().find(|command| word == command.name)
    }

    fn parse(&self, parser: &mut Parser) -> Result<Request, Misuse> {
        match self.options(parser) {
            Ok(Some(options)) => Ok((self.request)(options)),
            Ok(None) => Ok(Request::Show(self.help.to_owned())),
            Err(error) => Err(Misuse {
                message: error.to_string(),
                see: self.see,
            }),
        }
    }

    /// `None`: somebody asked for help.
    fn options(&self, parser: &mut Parser) -> Result<Option<Options>, lexopt::Error> {
        let takes = |option| self.takes.contains(&option);
        let mut options = Options::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                Arg::Short('f') | Arg::Long("format") if takes(Taken::Format) => {
                    options.format = Some(parser.value()?.parse()?);
                }
                Arg::Short('p') | Arg::Long("profile") if takes(Taken::Profile) => {
                    let name = parser.value()?.string()?;
                    if name.trim().is_empty() {
                        return Err("the profile's name is blank".into());
                    }
                    options.profile = Some(name);
                }
                Arg::Short('v') | Arg::Long("verbose") if takes(Taken::Verbose) => options.verbose = true,
                Arg::Long("json") if takes(Taken::Json) => options.json = true,
                Arg::Long("use-device-code") if takes(Taken::Login) => options.use_device_code = true,
                Arg::Long("no-browser") if takes(Taken::Login) => options.no_browser = true,
                other => return Err(other.unexpected()),
            }
        }
        Ok(Some(options))
    }
}

fn help_on(parser: &mut Parser) -> Request {
    let topic = parser.next().ok().flatten();
    let text = match &topic {
        Some(Arg::Value(word)) => Command::named(word).map_or(help::TOP, |command| command.help),
        _ => help::TOP,
    };
    Request::Show(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Request, Misuse> {
        parse(line.split(' ').map(OsString::from))
    }

    #[test]
    fn options_stand_in_any_order_and_spelling() {
        let expected = Request::Export(Options {
            profile: Some("deploy".to_owned()),
            verbose: true,
            format: Some(Format::Fish),
            ..Options::default()
        });
        for line in [
            "credential export --profile deploy --format fish --verbose",
            "credential export -v -f fish -p deploy",
            "credential export --format=fish --profile=deploy -v",
        ] {
            assert_eq!(parsed(line).as_ref(), Ok(&expected), "{line}");
        }
    }

    #[test]
    fn a_line_that_nobody_can_follow_says_where_to_read_on() {
        for (line, message, see) in [
            ("credential", "a command is missing", "credential"),
            (
                "credential exprot",
                "there is no command `exprot`; did you mean `export`?",
                "credential",
            ),
            (
                "credential log-out",
                "there is no command `log-out`; did you mean `logout`?",
                "credential",
            ),
            ("credential rotate", "there is no command `rotate`", "credential"),
            (
                "credential --profile x export",
                "invalid option '--profile'",
                "credential",
            ),
            (
                "credential export --colour",
                "invalid option '--colour'",
                "credential export",
            ),
            (
                "credential export extra",
                "unexpected argument \"extra\"",
                "credential export",
            ),
            (
                "credential export --profile",
                "missing argument for option '--profile'",
                "credential export",
            ),
            (
                "credential export --profile=",
                "the profile's name is blank",
                "credential export",
            ),
            (
                "credential export --format yaml",
                "cannot parse argument \"yaml\": there is no format `yaml`; there are process, env, fish, powershell, json",
                "credential export",
            ),
            (
                "credential whoami --format env",
                "invalid option '--format'",
                "credential whoami",
            ),
            (
                "credential plan --verbose",
                "invalid option '--verbose'",
                "credential plan",
            ),
            (
                "credential profiles --profile x",
                "invalid option '--profile'",
                "credential profiles",
            ),
            (
                "credential logout --use-device-code",
                "invalid option '--use-device-code'",
                "credential logout",
            ),
        ] {
            let misuse = parsed(line).unwrap_err();
            assert_eq!((misuse.message.as_str(), misuse.see), (message, see), "{line}");
        }
    }

    #[test]
    fn words_differ_by_the_letters_that_have_to_change() {
        for (one, other, expected) in [
            ("", "", 0),
            ("plan", "plan", 0),
            ("plans", "plan", 1),
            ("pln", "plan", 1),
            ("exprot", "export", 2),
            ("", "plan", 4),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
            assert_eq!(distance(other, one), expected, "{other} {one}");
        }
    }

    #[test]
    fn help_is_found_everywhere() {
        for line in ["credential -h", "credential --help", "credential help"] {
            assert_eq!(parsed(line), Ok(Request::Show(help::TOP.to_owned())), "{line}");
        }
        for line in [
            "credential export --help",
            "credential export -p x -h",
            "credential help export",
        ] {
            assert_eq!(parsed(line), Ok(Request::Show(help::EXPORT.to_owned())), "{line}");
        }
        for command in &COMMANDS {
            let name = command.name;
            for line in [
                format!("credential {name} --help"),
                format!("credential help {name}"),
            ] {
                assert_eq!(
                    parsed(&line),
                    Ok(Request::Show(command.help.to_owned())),
                    "{line}"
                );
            }
            assert!(
                command
                    .help
                    .contains(&format!("Usage: {} [options]", command.see)),
                "{name}"
            );
            assert!(help::TOP.contains(&format!("\n  {name} ")), "{name}");
        }
    }
}
