use std::ffi::OsString;
use std::fmt;

/// What is wrong with the command line. The values shown are no secrets: no option takes one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum UsageError {
    Unknown(String),
    NoValue(String),
    NeedlessValue(String),
    BadValue {
        option: String,
        value: String,
        wanted: &'static str,
    },
    NotText(String),
    NoCommand,
    NotWithExec(&'static str),
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(option) => write!(f, "there is no option {option}"),
            Self::NoValue(option) => write!(f, "{option} wants a value"),
            Self::NeedlessValue(option) => write!(f, "{option} takes no value"),
            Self::BadValue {
                option,
                value,
                wanted,
            } => write!(f, "{option} wants {wanted}, not {value:?}"),
            Self::NoCommand => f.write_str("exec wants a command: mock-imds exec [OPTIONS] -- COMMAND"),
            Self::NotWithExec(option) => {
                write!(f, "{option} is of no use to exec: its command gets the variables")
            }
            Self::NotText(option) => write!(f, "{option:?} is not UTF-8"),
        }
    }
}

/// The words of a command line: `--name value`, `--name=value`, `-n value`, `-nvalue`.
pub(crate) struct Words {
    rest: std::vec::IntoIter<String>,
    attached: Option<String>,
}

impl Words {
    pub(crate) fn new(words: Vec<OsString>) -> Result<Self, UsageError> {
        let words: Result<Vec<String>, _> = words
            .into_iter()
            .map(|word| {
                word.into_string()
                    .map_err(|word| UsageError::NotText(word.to_string_lossy().into_owned()))
            })
            .collect();
        Ok(Self {
            rest: words?.into_iter(),
            attached: None,
        })
    }

    pub(crate) fn next_option(&mut self) -> Result<Option<String>, UsageError> {
        let Some(word) = self.rest.next() else {
            return Ok(None);
        };
        if !word.starts_with('-') || word == "-" || word == "--" {
            return Err(UsageError::Unknown(word));
        }
        let at = if word.starts_with("--") {
            word.find('=')
        } else {
            word.char_indices().nth(2).map(|(at, _)| at)
        };
        let Some(at) = at else { return Ok(Some(word)) };
        let (option, value) = word.split_at(at);
        self.attached = Some(value.strip_prefix('=').unwrap_or(value).to_owned());
        Ok(Some(option.to_owned()))
    }

    pub(crate) fn text(&mut self, option: &str) -> Result<String, UsageError> {
        self.attached
            .take()
            .or_else(|| self.rest.next())
            .ok_or_else(|| UsageError::NoValue(option.to_owned()))
    }

    pub(crate) fn value<T>(
        &mut self,
        option: &str,
        wanted: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, UsageError> {
        let value = self.text(option)?;
        read(&value).ok_or_else(|| UsageError::BadValue {
            option: option.to_owned(),
            value,
            wanted,
        })
    }

    pub(crate) fn flag(&mut self, option: &str) -> Result<bool, UsageError> {
        match self.attached.take() {
            Some(_) => Err(UsageError::NeedlessValue(option.to_owned())),
            None => Ok(true),
        }
    }
}
