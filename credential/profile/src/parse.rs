//! Text → sections with lines, as AWS's SDKs agree on it. Pure.
//!
//! AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>

use std::borrow::Cow;
use std::fmt;

/// What is wrong with a line of a config or credentials file.
///
/// ```
/// use credential_profile::{Error, Profiles, SyntaxErrorKind};
///
/// let error = Profiles::of_texts("[default]\nregion : eu-west-1", "").unwrap_err();
/// assert!(matches!(error, Error::Syntax { kind: SyntaxErrorKind::MissingEquals, .. }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// A section line does not end with a bracket.
    SectionNotClosed,
    /// A property or an indented line stands before the first section line.
    PropertyOutsideSection,
    /// An indented line has no property above it in its section.
    OrphanContinuation,
    /// A property line has no equals sign.
    MissingEquals,
    /// A property has no name.
    EmptyKey,
    /// An indented line below an empty value has no equals sign.
    SubMissingEquals,
    /// An indented line below an empty value has no name before its equals sign.
    SubEmptyKey,
}

impl fmt::Display for SyntaxErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SectionNotClosed => "a section line must end with a bracket",
            Self::PropertyOutsideSection => "a section line such as [default] must come first",
            Self::OrphanContinuation => "an indented line continues a property, and there is none above it",
            Self::MissingEquals => "a property line needs an equals sign",
            Self::EmptyKey => "a property needs a name before its equals sign",
            Self::SubMissingEquals => "an indented line below an empty value needs an equals sign",
            Self::SubEmptyKey => "an indented line below an empty value needs a name before its equals sign",
        })
    }
}

/// The first line that breaks the grammar.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) line: usize,
    pub(crate) kind: SyntaxErrorKind,
}

/// One section line and what stands below it. The same section may come again: merging is not done here.
pub(crate) struct ParsedSection<'a> {
    pub(crate) header: Header<'a>,
    pub(crate) line: usize,
    pub(crate) properties: Vec<ParsedProperty<'a>>,
}

/// What stands between the brackets: `[KIND NAME]` or `[NAME]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header<'a> {
    pub(crate) kind: Option<&'a str>,
    pub(crate) name: &'a str,
    /// All of it.
    pub(crate) inside: &'a str,
    /// The name stood in quotes, as the AWS CLI writes names with blanks.
    pub(crate) quoted: bool,
}

pub(crate) struct ParsedProperty<'a> {
    /// In lower case.
    pub(crate) key: Cow<'a, str>,
    pub(crate) value: Cow<'a, str>,
    pub(crate) line: usize,
    /// Its own line had an empty value, so that indented lines are sub-properties.
    nested: bool,
    pub(crate) children: Vec<ParsedChild<'a>>,
}

pub(crate) struct ParsedChild<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
    pub(crate) line: usize,
}

pub(crate) fn parse(text: &str) -> Result<Vec<ParsedSection<'_>>, SyntaxError> {
    let mut sections = Vec::new();
    // A line ends with LF or CRLF; a lone CR is a character like any other.
    for (line, number) in text.lines().zip(1..) {
        read_line(&mut sections, line, number).map_err(|kind| SyntaxError { line: number, kind })?;
    }
    Ok(sections)
}

fn read_line<'a>(
    sections: &mut Vec<ParsedSection<'a>>,
    line: &'a str,
    number: usize,
) -> Result<(), SyntaxErrorKind> {
    if trim(line).is_empty() || line.starts_with(['#', ';']) {
        return Ok(());
    }
    if line.starts_with('[') {
        sections.push(ParsedSection {
            header: header(line)?,
            line: number,
            properties: Vec::new(),
        });
        return Ok(());
    }
    let section = sections
        .last_mut()
        .ok_or(SyntaxErrorKind::PropertyOutsideSection)?;
    if line.starts_with(WHITE) {
        let property = section
            .properties
            .last_mut()
            .ok_or(SyntaxErrorKind::OrphanContinuation)?;
        return property.continue_with(trim(line), number);
    }
    let (key, value) = key_and_value(line).map_err(|flaw| match flaw {
        Flaw::MissingEquals => SyntaxErrorKind::MissingEquals,
        Flaw::EmptyKey => SyntaxErrorKind::EmptyKey,
    })?;
    section.properties.push(ParsedProperty {
        key: lower_case(key),
        value: Cow::Borrowed(value),
        line: number,
        nested: value.is_empty(),
        children: Vec::new(),
    });
    Ok(())
}

impl<'a> ParsedProperty<'a> {
    fn continue_with(&mut self, text: &'a str, line: usize) -> Result<(), SyntaxErrorKind> {
        if self.nested {
            let (name, value) = key_and_value(text).map_err(|flaw| match flaw {
                Flaw::MissingEquals => SyntaxErrorKind::SubMissingEquals,
                Flaw::EmptyKey => SyntaxErrorKind::SubEmptyKey,
            })?;
            self.children.push(ParsedChild { name, value, line });
        }
        let value = self.value.to_mut();
        value.push('\n');
        value.push_str(text);
        Ok(())
    }
}

pub(crate) fn lower_case(key: &str) -> Cow<'_, str> {
    if key.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(key.to_ascii_lowercase())
    } else {
        Cow::Borrowed(key)
    }
}

fn header(line: &str) -> Result<Header<'_>, SyntaxErrorKind> {
    let without_comment = line.split(['#', ';']).next().unwrap_or_default();
    let inside = trim(without_comment)
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .map(trim)
        .ok_or(SyntaxErrorKind::SectionNotClosed)?;
    if let Some(name) = unquoted(inside) {
        return Ok(Header {
            kind: None,
            name,
            inside,
            quoted: true,
        });
    }
    let (kind, name) = match inside.split_once(WHITE) {
        Some((kind, name)) => (Some(kind), trim(name)),
        None => (None, inside),
    };
    Ok(Header {
        kind,
        name: unquoted(name).unwrap_or(name),
        inside,
        quoted: unquoted(name).is_some(),
    })
}

/// The text within one pair of quotes of either kind.
pub(crate) fn unquoted(text: &str) -> Option<&str> {
    let within = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    within('"').or_else(|| within('\''))
}

enum Flaw {
    MissingEquals,
    EmptyKey,
}

fn key_and_value(line: &str) -> Result<(&str, &str), Flaw> {
    let (key, value) = trim(without_comment(trim(line)))
        .split_once('=')
        .ok_or(Flaw::MissingEquals)?;
    match trim(key) {
        "" => Err(Flaw::EmptyKey),
        key => Ok((key, trim(value))),
    }
}

/// A comment begins at a `#` or `;` right behind white space of any sort.
fn without_comment(text: &str) -> &str {
    let mut from = 0;
    while let Some(found) = text.as_bytes().get(from..).and_then(first_mark) {
        let before = text.get(..from + found).unwrap_or(text);
        if before.ends_with(char::is_whitespace) {
            return before;
        }
        from += found + 1;
    }
    text
}

fn first_mark(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| matches!(byte, b'#' | b';'))
}

const WHITE: [char; 2] = [' ', '\t'];

/// Byte by byte, since files may be long and most lines begin and end with a letter.
fn trim(text: &str) -> &str {
    let is_letter = |byte: &u8| !matches!(byte, b' ' | b'\t');
    let bytes = text.as_bytes();
    let start = bytes.iter().position(is_letter).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(is_letter).map_or(start, |last| last + 1);
    text.get(start..end).unwrap_or_default()
}

/// Whether a name can be a profile's, a key's: letters, digits and `_ - / . % @ : +`.
pub(crate) fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_identifier_byte)
}

fn is_identifier_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/' | b'.' | b'%' | b'@' | b':' | b'+')
}

impl Header<'_> {
    /// A name in quotes may hold blanks too.
    pub(crate) fn is_legal(&self) -> bool {
        let blank_is_fine = |byte: u8| self.quoted && matches!(byte, b' ' | b'\t');
        !trim(self.name).is_empty()
            && self
                .name
                .bytes()
                .all(|byte| is_identifier_byte(byte) || blank_is_fine(byte))
    }
}

#[cfg(test)]
mod tests;
