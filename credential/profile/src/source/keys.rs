//! What all kinds share: reading keys strictly, and the errors about them.

use std::time::Duration;

use crate::error::{IllegalCharacterSnafu, IncompleteSnafu};
use crate::problem::ProblemKind;
use crate::{Error, Origin, Problem, Profile, Property, Section};

/// The keys that say where credentials come from.
const KNOWN: [&str; 15] = [
    "role_arn",
    "source_profile",
    "credential_source",
    "web_identity_token_file",
    "role_session_name",
    "external_id",
    "mfa_serial",
    "duration_seconds",
    "login_session",
    "credential_process",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "aws_account_id",
];

/// Blank keys count as absent, which is worth a word.
pub(super) fn blanks(profile: &Profile, problems: &mut Vec<Problem>) {
    for key in KNOWN {
        if let Some(blank) = profile.property(key).filter(|property| property.is_blank()) {
            problems.push(Problem {
                position: blank.position().clone(),
                kind: ProblemKind::BlankKey { key },
            });
        }
    }
}

/// A value that goes into a header as it stands.
pub(super) fn sendable<'a>(
    section: &Section,
    key: &'static str,
    property: &'a Property,
) -> Result<&'a str, Error> {
    refuse(section, key, property, |c| c.is_control() || c.is_whitespace())
}

/// A value that has no control characters.
pub(super) fn printable<'a>(
    section: &Section,
    key: &'static str,
    property: &'a Property,
) -> Result<&'a str, Error> {
    refuse(section, key, property, char::is_control)
}

/// The same of the value that a section has under this key, if it has one.
pub(super) fn optional<'a>(section: &'a Section, key: &'static str) -> Result<Option<&'a str>, Error> {
    section
        .value(key)
        .map(|property| printable(section, key, property))
        .transpose()
}

fn refuse<'a>(
    section: &Section,
    key: &'static str,
    property: &'a Property,
    illegal: fn(char) -> bool,
) -> Result<&'a str, Error> {
    if property.value().chars().any(illegal) {
        return IllegalCharacterSnafu {
            profile: section.name(),
            key,
            position: property.position().clone(),
        }
        .fail();
    }
    Ok(property.value())
}

/// `role_session_name`, as AWS wants it.
pub(super) fn role_session_name(profile: &Profile) -> Result<Option<&str>, Error> {
    let Some(property) = profile.value("role_session_name") else {
        return Ok(None);
    };
    let name = property.value();
    let legal = (2..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b));
    if legal {
        return Ok(Some(name));
    }
    Err(wrong(
        "role_session_name",
        property,
        "must be 2 to 64 of the letters, digits and _+=,.@-",
    ))
}

/// `duration_seconds`, as AWS wants it.
pub(super) fn duration(profile: &Profile) -> Result<Option<Duration>, Error> {
    let Some(property) = profile.value("duration_seconds") else {
        return Ok(None);
    };
    let text = property.value();
    let seconds = text
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
        .filter(|seconds| (900..=43_200).contains(seconds));
    match seconds {
        Some(seconds) => Ok(Some(Duration::from_secs(seconds))),
        None => Err(wrong(
            "duration_seconds",
            property,
            "must be a whole number of seconds from 900 to 43200",
        )),
    }
}

#[cold]
pub(super) fn wrong(key: &str, property: &Property, rule: &'static str) -> Error {
    let origin = Origin::File {
        key: key.to_owned(),
        position: property.position().clone(),
    };
    Error::Setting { origin, rule }
}

#[cold]
pub(super) fn incomplete(
    profile: &Profile,
    present: &'static str,
    property: &Property,
    missing: &str,
) -> Error {
    IncompleteSnafu {
        profile: profile.name(),
        present,
        position: property.position().clone(),
        missing,
    }
    .build()
}
