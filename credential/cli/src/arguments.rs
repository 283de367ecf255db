use std::ffi::OsString;

use lexopt::{Arg, Parser, ValueExt};

use crate::format::Format;
use crate::help;

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// Print this text and be done.
    Show(String),
    Export(Export),
    WhoAmI(Common),
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Export {
    pub(crate) common: Common,
    /// `None`: what suits the standard output.
    pub(crate) format: Option<Format>,
}

/// The options that every subcommand has.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Common {
    pub(crate) profile: Option<String>,
    pub(crate) verbose: bool,
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
        Some(Arg::Value(word)) => match word.to_str() {
            Some("export") => EXPORT.parse(&mut parser, Request::Export),
            Some("whoami") => WHOAMI.parse(&mut parser, |options| Request::WhoAmI(options.common)),
            Some("help") => help_on(&mut parser),
            _ => Err(misuse(format!("there is no command `{}`", word.display()))),
        },
        Some(other) => Err(misuse(other.unexpected().to_string())),
    }
}

/// A command's help, its name for messages about wrong lines, and whether it prints in several formats.
struct Command {
    help: &'static str,
    see: &'static str,
    has_formats: bool,
}

const EXPORT: Command = Command {
    help: help::EXPORT,
    see: "credential export",
    has_formats: true,
};

const WHOAMI: Command = Command {
    help: help::WHOAMI,
    see: "credential whoami",
    has_formats: false,
};

impl Command {
    fn parse(&self, parser: &mut Parser, done: fn(Export) -> Request) -> Result<Request, Misuse> {
        match self.options(parser) {
            Ok(Some(options)) => Ok(done(options)),
            Ok(None) => Ok(Request::Show(self.help.to_owned())),
            Err(error) => Err(Misuse {
                message: error.to_string(),
                see: self.see,
            }),
        }
    }

    /// `None`: somebody asked for help.
    fn options(&self, parser: &mut Parser) -> Result<Option<Export>, lexopt::Error> {
        let mut options = Export::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                Arg::Short('f') | Arg::Long("format") if self.has_formats => {
                    options.format = Some(parser.value()?.parse()?);
                }
                Arg::Short('p') | Arg::Long("profile") => {
                    let name = parser.value()?.string()?;
                    if name.trim().is_empty() {
                        return Err("the profile's name is blank".into());
                    }
                    options.common.profile = Some(name);
                }
                Arg::Short('v') | Arg::Long("verbose") => options.common.verbose = true,
                other => return Err(other.unexpected()),
            }
        }
        Ok(Some(options))
    }
}

fn help_on(parser: &mut Parser) -> Result<Request, Misuse> {
    let topic = parser.next().ok().flatten();
    let text = match topic {
        Some(Arg::Value(word)) if word == "export" => help::EXPORT,
        Some(Arg::Value(word)) if word == "whoami" => help::WHOAMI,
        _ => help::TOP,
    };
    Ok(Request::Show(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Request, Misuse> {
        parse(line.split(' ').map(OsString::from))
    }

    #[test]
    fn options_stand_in_any_order_and_spelling() {
        let expected = Request::Export(Export {
            common: Common {
                profile: Some("deploy".to_owned()),
                verbose: true,
            },
            format: Some(Format::Fish),
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
            ("credential exprot", "there is no command `exprot`", "credential"),
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
        ] {
            let misuse = parsed(line).unwrap_err();
            assert_eq!((misuse.message.as_str(), misuse.see), (message, see), "{line}");
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
        for line in ["credential whoami --help", "credential help whoami"] {
            assert_eq!(parsed(line), Ok(Request::Show(help::WHOAMI.to_owned())), "{line}");
        }
    }
}
