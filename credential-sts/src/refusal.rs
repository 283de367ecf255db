use credential_core::ErrorKind;

use crate::call::Operation;

/// What to do about a refusal, before giving up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cure {
    /// Nothing helps.
    None,
    /// The same again after a pause.
    Retry,
    /// Set our clock by the answer's date and sign again, once.
    Clock,
    /// The same, but only when the answer's date is far from our time.
    ClockIfFar,
    /// Ask the source of the credentials again, and repeat when it has other ones.
    Source,
    /// Read the web identity token again, and repeat when it is another one.
    Token,
}

/// What an error code of STS means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) cure: Cure,
    /// Nobody gains by asking again until a person has changed something.
    pub(crate) permanent: bool,
    pub(crate) kind: ErrorKind,
    pub(crate) hint: Option<&'static str>,
}

struct Row {
    /// Without a trailing `Exception`: the same error comes with and without it.
    codes: &'static [&'static str],
    meaning: Meaning,
}

const fn row(
    codes: &'static [&'static str],
    cure: Cure,
    permanent: bool,
    kind: ErrorKind,
    hint: Option<&'static str>,
) -> Row {
    let meaning = Meaning {
        cure,
        permanent,
        kind,
        hint,
    };
    Row { codes, meaning }
}

/// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html> and the error lists of each call.
static TABLE: [Row; 13] = [
    row(
        &["IDPCommunicationError"],
        Cure::Retry,
        false,
        ErrorKind::Failed,
        Some("AWS could not reach the identity provider"),
    ),
    row(
        &["InvalidIdentityToken"],
        Cure::Token,
        true,
        ErrorKind::Failed,
        Some("check the token's audience and issuer, and the keys that the identity provider publishes"),
    ),
    row(
        &["ExpiredToken"],
        Cure::Source,
        false,
        ErrorKind::Failed,
        Some("the session that made the call has expired: renew the source credentials"),
    ),
    row(
        &["IDPRejectedClaim"],
        Cure::None,
        true,
        ErrorKind::Failed,
        Some("the identity provider did not accept the token's claim: get a new token"),
    ),
    row(
        &["AccessDenied"],
        Cure::None,
        true,
        ErrorKind::Failed,
        Some(
            "check the role's trust policy, the external ID, and whether MFA is asked for; \
             a role made a moment ago needs some seconds",
        ),
    ),
    row(
        &["MalformedPolicyDocument"],
        Cure::None,
        true,
        ErrorKind::InvalidConfiguration,
        Some("mend the session policy"),
    ),
    row(
        &["PackedPolicyTooLarge"],
        Cure::None,
        true,
        ErrorKind::InvalidConfiguration,
        Some("shorten the session policy or use fewer session tags"),
    ),
    row(
        &["RegionDisabled"],
        Cure::None,
        true,
        ErrorKind::InvalidConfiguration,
        Some("activate STS for this region in the account's settings, or use another region"),
    ),
    row(
        &["ValidationError", "MissingParameter", "InvalidParameterValue"],
        Cure::None,
        true,
        ErrorKind::InvalidConfiguration,
        None,
    ),
    row(
        &[
            "InvalidClientTokenId",
            "SignatureDoesNotMatch",
            "IncompleteSignature",
            "MissingAuthenticationToken",
            "UnrecognizedClient",
        ],
        Cure::ClockIfFar,
        false,
        ErrorKind::Failed,
        Some(
            "check the source credentials: access key ID, secret access key and session token must belong together",
        ),
    ),
    row(
        &["RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"],
        Cure::Clock,
        false,
        ErrorKind::Failed,
        Some("check this machine's clock"),
    ),
    row(
        &[
            "Throttling",
            "Throttled",
            "RequestThrottled",
            "TooManyRequests",
            "ProvisionedThroughputExceeded",
            "TransactionInProgress",
            "RequestLimitExceeded",
            "BandwidthLimitExceeded",
            "LimitExceeded",
            "SlowDown",
            "EC2Throttled",
            "RequestTimeout",
            "PriorRequestNotComplete",
        ],
        Cure::Retry,
        false,
        ErrorKind::Failed,
        None,
    ),
    row(
        &[
            "JWTPayloadSizeExceeded",
            "SessionDurationEscalation",
            "OutboundWebIdentityFederationDisabled",
            "ExpiredTradeInToken",
            "InvalidAuthorizationMessage",
        ],
        Cure::None,
        true,
        ErrorKind::Failed,
        None,
    ),
];

/// What means something else where a web identity token stands in for a signature.
///
/// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
static BY_TOKEN: [Row; 2] = [
    row(
        &["ExpiredToken"],
        Cure::Token,
        false,
        ErrorKind::Failed,
        Some("the web identity token has expired: see that whoever issues it renews it in time"),
    ),
    row(
        &["AccessDenied"],
        Cure::None,
        true,
        ErrorKind::Failed,
        Some(
            "check the role's trust policy: it has to name the identity provider, and let the token's audience and \
             subject in; a role made a moment ago needs some seconds",
        ),
    ),
];

/// Whether this is one of AWS's own codes.
pub(crate) fn is_known(code: &str) -> bool {
    row_of(&[], code).is_some()
}

fn row_of(by_token: &'static [Row], code: &str) -> Option<&'static Row> {
    let code = code.strip_suffix("Exception").unwrap_or(code);
    row_in(by_token, code).or_else(|| row_in(&TABLE, code))
}

/// Not inlined, or each code of the table becomes a comparison of its own.
#[inline(never)]
fn row_in(rows: &'static [Row], code: &str) -> Option<&'static Row> {
    rows.iter().find(|row| row.codes.contains(&code))
}

/// What a refusal of this call with this status and code means.
pub(crate) fn meaning_of(operation: &Operation, status: u16, code: Option<&str>) -> Meaning {
    let by_token: &'static [Row] = match operation.name() {
        Operation::ASSUME_ROLE_WITH_WEB_IDENTITY => &BY_TOKEN,
        _ => &[],
    };
    let known = code.and_then(|code| row_of(by_token, code));
    let trouble = matches!(status, 429 | 500 | 502..=504);
    match known {
        // A server in trouble is asked again whatever it says.
        Some(Row { meaning, .. }) => Meaning {
            cure: if trouble { Cure::Retry } else { meaning.cure },
            permanent: meaning.permanent && !trouble,
            ..*meaning
        },
        None => Meaning {
            cure: if trouble { Cure::Retry } else { Cure::None },
            permanent: !trouble,
            kind: ErrorKind::Failed,
            hint: (300..400)
                .contains(&status)
                .then_some("redirects are not followed"),
        },
    }
}

/// What a person can do about it.
pub(crate) fn hint_of(
    operation: &Operation,
    status: u16,
    code: Option<&str>,
    message: Option<&str>,
) -> Option<&'static str> {
    // Only a call with a code of an MFA device is refused in these words.
    const WRONG_CODE: &str = "MultiFactorAuthentication failed with invalid MFA one time pass code";
    if code == Some("AccessDenied") && message.is_some_and(|message| message.contains(WRONG_CODE)) {
        return Some("wait for the next code and try again");
    }
    meaning_of(operation, status, code).hint
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(status: u16, code: Option<&str>) -> Meaning {
        meaning_of(&Operation::new(Operation::ASSUME_ROLE), status, code)
    }

    fn by_token(status: u16, code: Option<&str>) -> Meaning {
        let operation = Operation::new(Operation::ASSUME_ROLE_WITH_WEB_IDENTITY);
        meaning_of(&operation, status, code)
    }

    /// The table once more, row by row, as a reader of AWS's pages would write it down.
    const EXPECTED: &[(&str, u16, Cure, bool)] = &[
        ("IDPCommunicationError", 400, Cure::Retry, false),
        ("InvalidIdentityToken", 400, Cure::Token, true),
        ("ExpiredToken", 403, Cure::Source, false),
        ("IDPRejectedClaim", 403, Cure::None, true),
        ("AccessDenied", 403, Cure::None, true),
        ("MalformedPolicyDocument", 400, Cure::None, true),
        ("PackedPolicyTooLarge", 400, Cure::None, true),
        ("RegionDisabled", 403, Cure::None, true),
        ("ValidationError", 400, Cure::None, true),
        ("MissingParameter", 400, Cure::None, true),
        ("InvalidParameterValue", 400, Cure::None, true),
        ("InvalidClientTokenId", 403, Cure::ClockIfFar, false),
        ("SignatureDoesNotMatch", 403, Cure::ClockIfFar, false),
        ("IncompleteSignature", 400, Cure::ClockIfFar, false),
        ("MissingAuthenticationToken", 403, Cure::ClockIfFar, false),
        ("UnrecognizedClient", 403, Cure::ClockIfFar, false),
        ("RequestExpired", 400, Cure::Clock, false),
        ("RequestTimeTooSkewed", 403, Cure::Clock, false),
        ("RequestInTheFuture", 403, Cure::Clock, false),
        ("Throttling", 400, Cure::Retry, false),
        ("Throttled", 400, Cure::Retry, false),
        ("RequestThrottled", 400, Cure::Retry, false),
        ("TooManyRequests", 429, Cure::Retry, false),
        ("ProvisionedThroughputExceeded", 400, Cure::Retry, false),
        ("TransactionInProgress", 400, Cure::Retry, false),
        ("RequestLimitExceeded", 503, Cure::Retry, false),
        ("BandwidthLimitExceeded", 400, Cure::Retry, false),
        ("LimitExceeded", 400, Cure::Retry, false),
        ("SlowDown", 400, Cure::Retry, false),
        ("EC2Throttled", 400, Cure::Retry, false),
        ("RequestTimeout", 400, Cure::Retry, false),
        ("PriorRequestNotComplete", 400, Cure::Retry, false),
        ("JWTPayloadSizeExceeded", 400, Cure::None, true),
        ("SessionDurationEscalation", 403, Cure::None, true),
        ("OutboundWebIdentityFederationDisabled", 403, Cure::None, true),
        ("ExpiredTradeInToken", 400, Cure::None, true),
        ("InvalidAuthorizationMessage", 400, Cure::None, true),
    ];

    #[test]
    fn each_code_has_its_cure_with_and_without_the_word_exception() {
        for (code, status, cure, permanent) in EXPECTED {
            for spelling in [(*code).to_owned(), format!("{code}Exception")] {
                let meaning = signed(*status, Some(&spelling));
                assert_eq!(
                    (meaning.cure, meaning.permanent),
                    (*cure, *permanent),
                    "{spelling}"
                );
            }
        }
    }

    #[test]
    fn no_code_of_the_table_is_left_untested() {
        let known: Vec<&str> = TABLE.iter().flat_map(|row| row.codes).copied().collect();
        let tested: Vec<&str> = EXPECTED.iter().map(|(code, ..)| *code).collect();
        assert_eq!(known, tested);
    }

    #[test]
    fn a_server_in_trouble_is_asked_again_whatever_it_says() {
        for status in [429, 500, 502, 503, 504] {
            for code in [
                None,
                Some("InternalFailure"),
                Some("AccessDenied"),
                Some("Nonsense"),
            ] {
                let meaning = signed(status, code);
                assert_eq!(
                    (meaning.cure, meaning.permanent),
                    (Cure::Retry, false),
                    "{status} {code:?}"
                );
            }
        }
    }

    #[test]
    fn a_wrong_mfa_code_is_not_blamed_on_the_trust_policy() {
        let operation = Operation::new(Operation::ASSUME_ROLE);
        for (message, hint) in [
            (
                Some("MultiFactorAuthentication failed with invalid MFA one time pass code. "),
                "wait for the next code and try again",
            ),
            (
                Some("User: arn:aws:iam::123456789012:user/jo is not authorized to perform: sts:AssumeRole"),
                "check the role's trust policy",
            ),
            (None, "check the role's trust policy"),
        ] {
            let given = hint_of(&operation, 403, Some("AccessDenied"), message).unwrap();
            assert!(given.starts_with(hint), "{given}");
        }
    }

    #[test]
    fn an_unknown_refusal_is_final() {
        for (status, code) in [
            (400, Some("Nonsense")),
            (404, None),
            (301, None),
            (501, None),
            (200, None),
        ] {
            let meaning = signed(status, code);
            assert_eq!(
                (meaning.cure, meaning.permanent),
                (Cure::None, true),
                "{status} {code:?}"
            );
        }
    }

    #[test]
    fn what_only_a_person_can_mend_in_the_settings_is_invalid_configuration() {
        for code in [
            "MalformedPolicyDocument",
            "PackedPolicyTooLarge",
            "RegionDisabled",
            "ValidationError",
        ] {
            assert_eq!(
                signed(400, Some(code)).kind,
                ErrorKind::InvalidConfiguration,
                "{code}"
            );
        }
        assert_eq!(signed(403, Some("AccessDenied")).kind, ErrorKind::Failed);
    }

    #[test]
    fn an_expired_token_is_the_callers_session_or_the_web_identity() {
        for code in ["ExpiredToken", "ExpiredTokenException"] {
            let (session, token) = (signed(403, Some(code)), by_token(400, Some(code)));
            assert_eq!((session.cure, session.permanent), (Cure::Source, false));
            assert!(session.hint.unwrap().contains("source credentials"));
            assert_eq!((token.cure, token.permanent), (Cure::Token, false));
            assert!(token.hint.unwrap().contains("web identity token"));
        }
    }

    #[test]
    fn without_a_signature_all_other_codes_mean_the_same() {
        for (code, status, ..) in EXPECTED {
            if !BY_TOKEN.iter().any(|row| row.codes.contains(code)) {
                assert_eq!(by_token(*status, Some(code)), signed(*status, Some(code)));
            }
        }
        assert_eq!(by_token(403, Some("AccessDenied")).cure, Cure::None);
        assert_eq!(by_token(503, Some("ExpiredToken")).cure, Cure::Retry);
    }
}
