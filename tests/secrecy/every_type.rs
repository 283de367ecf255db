//! No public type is forgotten.

use std::collections::BTreeSet;
use std::path::Path;

/// Public types that are given no secret. What a mock is told to expect counts as none.
const HOLDS_NO_SECRET: &[&str] = &[
    "AssumeRoleWithWebIdentity",
    "Attempted",
    "Builder",
    "CallerIdentity",
    "Category",
    "Clock",
    "CredentialSource",
    "Endpoint",
    "EndpointMode",
    "ErrorKind",
    "ExplainedSource",
    "ExtendedPath",
    "ExtendedPaths",
    "FailureCounts",
    "Form",
    "Host",
    "ImdsVersion",
    "Location",
    "Locations",
    "Lock",
    "LoggedIn",
    "LoginSession",
    "Member",
    "Missed",
    "MockClock",
    "OffsetDateTime",
    "Operation",
    "Origin",
    "Part",
    "Partition",
    "Phase",
    "Place",
    "Position",
    "ProblemKind",
    "ProcessRandom",
    "ProvideAwsCredentials",
    "Random",
    "RefreshTokens",
    "Renewal",
    "Required",
    "RetryMode",
    "RetryPolicy",
    "RoleBase",
    "Rotation",
    "Scenario",
    "Scheme",
    "Scope",
    "Searched",
    "Runtime",
    "Seconds",
    "Service",
    "SignIn",
    "Signatures",
    "Sleep",
    "SourceKind",
    "SpotAction",
    "SsoRole",
    "SsoSession",
    "SsoSettings",
    "Standing",
    "StaticStability",
    "Step",
    "StsAssumeRoleSessionCredentialsProvider",
    "StsRegionalEndpoints",
    "StsSessionCredentialsProvider",
    "SyntaxErrorKind",
    "SystemClock",
    "TokenMode",
    "TokenPlace",
    "TokioClock",
    "TrustedRole",
    "Unread",
    "V1Fallback",
    "Verifier",
    "Version",
    "WebIdentityRole",
    "Words",
];

/// Public types that get a secret, if at all, from an answer or a file on the way: their own crates' tests search them.
const SEARCHED_AT_HOME: &[&str] = &[
    "AnswerError",
    "AssumedRole",
    "CacheFile",
    "DeviceAuthorization",
    "Es256Error",
    "Fault",
    "Flight",
    "Number",
    "NotRenewable",
    "Problem",
    "Report",
    "Response",
    "Said",
    "Sending",
    "SharedTask",
    "SplitError",
    "TokenFault",
    "UrlError",
    "VariableError",
];

#[test]
fn every_public_type_is_searched_or_said_to_hold_no_secret() {
    let types = public_types();
    let here = [
        include_str!("every_type.rs"),
        include_str!("files.rs"),
        include_str!("providers.rs"),
        include_str!("signatures.rs"),
        include_str!("values.rs"),
    ]
    .concat();
    let decided = |name: &&String| here.contains(&format!("\"{name}\""));
    let open: Vec<&String> = types.iter().filter(|name| !decided(name)).collect();
    assert!(
        open.is_empty(),
        "put a canary into these, or say why not: {open:?}"
    );
    let mut excused = HOLDS_NO_SECRET.iter().chain(SEARCHED_AT_HOME);
    assert_eq!(excused.find(|name| !types.contains(**name)), None, "gone by now");
}

/// The types that the crates' first pages name, and a few traits with them.
fn public_types() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut crates: Vec<_> = ["credential-sts", "credential-chain", "mock-imds"]
        .map(|name| root.join(name))
        .into();
    crates.extend(
        std::fs::read_dir(root.join("credential"))
            .unwrap()
            .map(|entry| entry.unwrap().path()),
    );
    let mut types = BTreeSet::new();
    for text in crates
        .iter()
        .filter_map(|folder| std::fs::read_to_string(folder.join("src/lib.rs")).ok())
    {
        for exported in text.split("pub use ").skip(1) {
            let names = exported.split(';').next().unwrap_or_default();
            let words = names.split(|letter: char| !letter.is_ascii_alphanumeric());
            let is_type = |word: &&str| word.starts_with(|letter: char| letter.is_ascii_uppercase());
            types.extend(words.filter(is_type).map(str::to_owned));
        }
    }
    assert!(types.len() > 100, "{types:?}");
    types
}
