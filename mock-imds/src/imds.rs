use crate::answer::Answer;
use crate::json::document;
use crate::published::{Document, Endpoint};
use crate::request::{Request, TOKEN, TOKEN_SECONDS};
use crate::settings::{ExtendedPaths, TokenMode};
use crate::state::Shared;
use crate::token::seconds_asked_for;
use crate::tree::{self, Found};
use crate::{Step, clock};

const FOLDER: &str = "security-credentials";
const EXTENDED_FOLDER: &str = "security-credentials-extended";
const FORWARDED: &str = "x-forwarded-for";

/// What a path below `/` is for.
pub(crate) fn step(segments: &[&str]) -> Step {
    match segments {
        [_, "api", "token"] => Step::Token,
        [version, "meta-data", "iam", FOLDER | EXTENDED_FOLDER, rest @ ..] if tree::is_version(version) => {
            if matches!(rest, [] | [""]) {
                Step::RoleList
            } else {
                Step::Credentials
            }
        }
        [] | [""] => Step::Metadata,
        [version, ..] if tree::is_version(version) => Step::Metadata,
        _ => Step::Unexpected,
    }
}

/// The answer of instance metadata.
pub(crate) fn answer(shared: &Shared, request: &Request, segments: &[&str]) -> Answer {
    let mode = shared.state().mode;
    match segments {
        [version, "api", "token"] if mode != TokenMode::V1Only => token(shared, request, version, mode),
        _ => match admit(shared, request, mode) {
            Ok(seconds_left) => {
                let answer = value(shared, segments);
                match seconds_left {
                    Some(seconds) => answer.header(TOKEN_SECONDS, &seconds.to_string()),
                    None => answer,
                }
            }
            Err(answer) => answer,
        },
    }
}

/// The path that hands out session tokens.
///
/// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-v2-how-it-works.html>
fn token(shared: &Shared, request: &Request, version: &str, mode: TokenMode) -> Answer {
    let allow = |answer: Answer| answer.header("allow", "OPTIONS, PUT");
    match request.method.as_str() {
        "OPTIONS" => return allow(Answer::new(200, "text/plain", "").by_metadata()),
        "PUT" => {}
        _ => return allow(Answer::metadata_error(405)),
    }
    if request.has_header(FORWARDED) || mode == TokenMode::Disabled {
        return Answer::metadata_error(403);
    }
    let mut asked = request.headers_named(TOKEN_SECONDS);
    let seconds = asked.next().and_then(seconds_asked_for);
    let (Some(seconds), None) = (seconds, asked.next()) else {
        return Answer::metadata_error(400);
    };
    if version != "latest" {
        return Answer::metadata_error(403);
    }
    let seconds = seconds.min(shared.settings.token_cap);
    let (text, _) = shared.state().tokens.issue(shared.clock.now(), seconds);
    Answer::new(200, "text/plain", text)
        .header(TOKEN_SECONDS, &seconds.to_string())
        .by_metadata()
}

/// Whether a request may read; if so, how many seconds its token still has.
fn admit(shared: &Shared, request: &Request, mode: TokenMode) -> Result<Option<i64>, Answer> {
    let refused = |status| Err(Answer::metadata_error(status));
    if mode == TokenMode::Disabled {
        return refused(403);
    }
    let mut tokens = request.headers_named(TOKEN);
    let left = match (tokens.next(), mode) {
        (_, TokenMode::V1Only) => None,
        (Some(_), _) if request.has_header(FORWARDED) => return refused(403),
        (Some(text), _) if tokens.next().is_none() => {
            match shared.state().tokens.find(text, shared.clock.now()) {
                Some((_, left)) => Some(left),
                None => return refused(401),
            }
        }
        (Some(_), _) | (None, TokenMode::Required) => return refused(401),
        (None, _) => None,
    };
    if request.is_read() {
        Ok(left)
    } else {
        Err(Answer::metadata_error(405).header("allow", "GET, HEAD"))
    }
}

fn value(shared: &Shared, segments: &[&str]) -> Answer {
    if let [
        version,
        "meta-data",
        "iam",
        folder @ (FOLDER | EXTENDED_FOLDER),
        rest @ ..,
    ] = segments
        && tree::is_version(version)
        && "2012-01-12" <= *version
    {
        return iam(shared, folder, rest);
    }
    match tree::find(shared, segments) {
        Found::Value(bytes) => Answer::metadata(shared.started, "text/plain", bytes),
        Found::UserData(bytes) => Answer::metadata(shared.started, "application/octet-stream", bytes),
        Found::Listing(text) => Answer::metadata(shared.started, "text/plain", text),
        Found::Nothing => Answer::metadata_error(404),
    }
}

/// The roles of the machine, and the credentials of one.
fn iam(shared: &Shared, folder: &str, rest: &[&str]) -> Answer {
    let extended = folder == EXTENDED_FOLDER;
    let exists = match shared.settings.extended {
        ExtendedPaths::Off => !extended,
        ExtendedPaths::On => true,
        ExtendedPaths::Only => extended,
    };
    let roles = shared.state().roles.clone();
    let text = match rest {
        _ if !exists => None,
        [] | [""] => match &shared.settings.role_listing {
            Some(listing) => Some(listing.clone()),
            None if roles.is_empty() => None,
            None => {
                let names: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
                Some(names.join("\n"))
            }
        },
        [name] => roles.iter().find(|role| role.name == *name).map(|role| {
            role.answer.clone().unwrap_or_else(|| {
                let document = shared.document(Endpoint::Machine, name);
                credentials(&document, extended.then_some(shared.settings.account.as_str()))
            })
        }),
        _ => None,
    };
    match text {
        Some(text) => Answer::metadata(shared.started, "text/plain", text),
        None => Answer::metadata_error(404),
    }
}

/// Credentials in the members and the order of the service.
fn credentials(published: &Document, account: Option<&str>) -> String {
    let updated = clock::rfc3339(published.issued);
    let expiration = clock::rfc3339(published.end);
    let key = &published.key;
    let mut members = vec![
        ("Code", "Success"),
        ("LastUpdated", &updated),
        ("Type", "AWS-HMAC"),
        ("AccessKeyId", key.access_key_id()),
        ("SecretAccessKey", key.secret_access_key()),
        ("Token", key.session_token().unwrap_or_default()),
        ("Expiration", &expiration),
    ];
    members.extend(account.map(|account| ("AccountId", account)));
    document(&members)
}

/// The document with which the service says, with status 200, that there are no credentials.
pub(crate) fn refusal(code: &str, message: &str, now: time::OffsetDateTime) -> String {
    document(&[
        ("Code", code),
        ("Message", message),
        ("LastUpdated", &clock::rfc3339(now)),
    ])
}
