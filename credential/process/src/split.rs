//! A command line becomes words, without a shell. Both ways are pure functions, compiled and tested everywhere.

use snafu::Snafu;

/// Why a command line cannot be split into a program and its arguments.
///
/// ```
/// use credential_process::{Error, ProcessProvider, SplitError};
///
/// let Err(Error::CommandLine { source, .. }) = ProcessProvider::new("\"\" --role ops").check() else {
///     panic!("another answer");
/// };
/// assert_eq!(source, SplitError::NoProgram);
/// assert_eq!(source.to_string(), "its first word, the program, is empty");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Snafu)]
#[non_exhaustive]
pub enum SplitError {
    /// There is no word at all.
    #[snafu(display("it is empty: name the program to run"))]
    Empty,
    /// The first word, the program, is a pair of quotes with nothing in it.
    #[snafu(display("its first word, the program, is empty"))]
    NoProgram,
    /// A quote is opened and not closed.
    #[snafu(display("a quote ({quote}) is opened and not closed"))]
    Unclosed {
        /// Which kind of quote.
        quote: char,
    },
    /// A backslash stands at the very end, with nothing to escape. Not on Windows.
    #[snafu(display("it ends in a backslash that escapes nothing; write \\\\ for a backslash"))]
    TrailingBackslash,
    /// There is a NUL character, which no argument can hold.
    #[snafu(display("it holds a NUL character"))]
    Nul,
}

/// Splits as this platform does: the program first, its arguments behind it. Never empty.
pub(crate) fn split(line: &str) -> Result<Vec<String>, SplitError> {
    if cfg!(windows) {
        split_windows(line)
    } else {
        split_unix(line)
    }
}

/// Splits as a POSIX shell does, but expands nothing: no variables, no `~`, no patterns, no comments.
pub(crate) fn split_unix(line: &str) -> Result<Vec<String>, SplitError> {
    let mut words = Words::default();
    let mut rest = line.chars();
    while let Some(letter) = rest.next() {
        match letter {
            ' ' | '\t' | '\n' | '\r' => words.end(),
            '\'' => {
                words.begin();
                loop {
                    match rest.next() {
                        Some('\'') => break,
                        Some(letter) => words.push(letter),
                        None => return Err(SplitError::Unclosed { quote: '\'' }),
                    }
                }
            }
            '"' => {
                words.begin();
                double_quoted(&mut rest, &mut words)?;
            }
            '\\' => words.push(rest.next().ok_or(SplitError::TrailingBackslash)?),
            letter => words.push(letter),
        }
    }
    words.all()
}

/// What stands between double quotes: a backslash escapes only what would have a meaning there.
fn double_quoted(rest: &mut std::str::Chars<'_>, words: &mut Words) -> Result<(), SplitError> {
    const UNCLOSED: SplitError = SplitError::Unclosed { quote: '"' };
    loop {
        match rest.next().ok_or(UNCLOSED)? {
            '"' => return Ok(()),
            '\\' => match rest.next().ok_or(UNCLOSED)? {
                letter @ ('"' | '\\' | '$' | '`') => words.push(letter),
                // A line that goes on.
                '\n' => {}
                letter => {
                    words.push('\\');
                    words.push(letter);
                }
            },
            letter => words.push(letter),
        }
    }
}

/// Splits as programs on Windows split their own command line: a backslash is ordinary, but before a double quote.
///
/// <https://learn.microsoft.com/en-us/cpp/c-language/parsing-c-command-line-arguments>
pub(crate) fn split_windows(line: &str) -> Result<Vec<String>, SplitError> {
    let mut words = Words::default();
    let mut quoted = false;
    let mut backslashes = 0_usize;
    for letter in line.chars() {
        if letter == '\\' {
            backslashes += 1;
            continue;
        }
        let kept = if letter == '"' {
            backslashes / 2
        } else {
            backslashes
        };
        let escaped = backslashes % 2 == 1;
        words.push_backslashes(kept);
        backslashes = 0;
        match letter {
            '"' if escaped => words.push('"'),
            '"' => {
                quoted = !quoted;
                words.begin();
            }
            ' ' | '\t' if !quoted => words.end(),
            letter => words.push(letter),
        }
    }
    words.push_backslashes(backslashes);
    if quoted {
        return Err(SplitError::Unclosed { quote: '"' });
    }
    words.all()
}

/// The words so far, and the one that is being read. An empty pair of quotes is a word too.
#[derive(Default)]
struct Words {
    done: Vec<String>,
    word: Option<String>,
}

impl Words {
    fn begin(&mut self) {
        self.word.get_or_insert_default();
    }

    fn push(&mut self, letter: char) {
        self.word.get_or_insert_default().push(letter);
    }

    fn push_backslashes(&mut self, count: usize) {
        for _ in 0..count {
            self.push('\\');
        }
    }

    fn end(&mut self) {
        self.done.extend(self.word.take());
    }

    fn all(mut self) -> Result<Vec<String>, SplitError> {
        self.end();
        match self.done.first().map(String::as_str) {
            None => Err(SplitError::Empty),
            Some("") => Err(SplitError::NoProgram),
            Some(_) if self.done.iter().any(|word| word.contains('\0')) => Err(SplitError::Nul),
            Some(_) => Ok(self.done),
        }
    }
}

#[cfg(test)]
mod tests;
