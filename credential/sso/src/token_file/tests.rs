use credential_core::Clock;
use proptest::prelude::*;
use tests_support::{ManualClock, canary, leaks};

use super::*;
use crate::scripted::{World, login};

fn settings() -> Settings {
    let mut settings = Settings::new(World::named());
    settings.clock = std::sync::Arc::new(ManualClock::new());
    settings
}

fn now() -> OffsetDateTime {
    ManualClock::new().now()
}

fn parse(text: &str) -> Result<Token, Fault> {
    Token::parse(&Secret::from(text))
}

#[test]
fn two_members_make_a_token() {
    let access = canary("access");
    let token = parse(&format!(
        "{{\"accessToken\":\"{access}\",\"expiresAt\":\"2030-01-01T20:00:00Z\"}}"
    ))
    .unwrap();
    assert_eq!(token.access_token.expose(), access);
    assert_eq!(token.expiration, now() + time::Duration::hours(8));
    assert!(!leaks(&format!("{token:?}")));
}

#[test]
fn a_file_that_is_no_token_is_blamed_on_its_member() {
    let access = canary("access");
    let time = "2030-01-01T20:00:00Z";
    let missing = |key| Fault::Missing { key };
    let wrong = |key| Fault::WrongType {
        key,
        expected: "text",
    };
    let unprintable = || Fault::WrongType {
        key: "accessToken",
        expected: "printable text",
    };
    let table = [
        ("{}".to_owned(), missing("accessToken")),
        (format!("{{\"expiresAt\":\"{time}\"}}"), missing("accessToken")),
        (
            format!("{{\"accessToken\":\"\",\"expiresAt\":\"{time}\"}}"),
            missing("accessToken"),
        ),
        (
            format!("{{\"accessToken\":null,\"expiresAt\":\"{time}\"}}"),
            missing("accessToken"),
        ),
        (
            format!("{{\"accessToken\":5,\"expiresAt\":\"{time}\"}}"),
            wrong("accessToken"),
        ),
        (
            format!("{{\"accessToken\":[\"{access}\"],\"expiresAt\":\"{time}\"}}"),
            wrong("accessToken"),
        ),
        (format!("{{\"accessToken\":\"{access}\"}}"), missing("expiresAt")),
        (
            format!("{{\"accessToken\":\"{access}\",\"expiresAt\":1893499200}}"),
            wrong("expiresAt"),
        ),
        (
            format!("{{\"accessToken\":\"{access}\",\"expiresAt\":\"{access}\"}}"),
            Fault::Time { key: "expiresAt" },
        ),
        (
            format!("{{\"accessToken\":\"{access}\",\"expiresAt\":\"2030-01-01\"}}"),
            Fault::Time { key: "expiresAt" },
        ),
        (
            format!("{{\"accessToken\":\"{access}\\n\",\"expiresAt\":\"{time}\"}}"),
            unprintable(),
        ),
        (
            format!("{{\"accessToken\":\"{access}\\u001b[8m\",\"expiresAt\":\"{time}\"}}"),
            unprintable(),
        ),
        ("[]".to_owned(), Fault::NotAnObject),
    ];
    for (text, expected) in table {
        let fault = parse(&text).unwrap_err();
        assert_eq!(fault, expected, "{text}");
        assert!(!leaks(&format!("{fault} {fault:?}")), "{fault}");
    }
}

#[test]
fn a_token_ends_in_its_last_five_minutes_and_is_over_at_its_expiration() {
    let table = [
        (time::Duration::minutes(6), Standing::Good),
        (time::Duration::seconds(301), Standing::Good),
        (time::Duration::minutes(5), Standing::Ending),
        (time::Duration::seconds(1), Standing::Ending),
        (time::Duration::ZERO, Standing::Expired),
        (time::Duration::hours(-1), Standing::Expired),
    ];
    for (left, standing) in table {
        let token = parse(&login(now() + left)).unwrap();
        assert_eq!(token.standing(now()), standing, "{left}");
    }
}

#[test]
fn renewing_takes_all_four_members_and_a_registration_that_has_not_expired() {
    let good = login(now());
    assert!(parse(&good).unwrap().renewable(&settings()).is_ok());
    for key in [
        "refreshToken",
        "clientId",
        "clientSecret",
        "registrationExpiresAt",
    ] {
        let text = good.replace(&format!("\"{key}\""), "\"other\"");
        let reason = parse(&text).unwrap().renewable(&settings()).unwrap_err();
        assert_eq!(reason, NotRenewable::Incomplete(Fault::Missing { key }));
    }
    let over = good.replace("2030-03-01T00:00:00Z", "2030-01-01T12:00:00Z");
    assert_eq!(
        parse(&over).unwrap().renewable(&settings()).unwrap_err(),
        NotRenewable::RegistrationExpired(now())
    );
    let odd = good.replace("\"2030-03-01T00:00:00Z\"", "7");
    assert!(matches!(
        parse(&odd).unwrap().renewable(&settings()),
        Err(NotRenewable::Incomplete(Fault::WrongType { .. }))
    ));
    let mut legacy = settings();
    legacy.session = crate::SsoSession::legacy("https://corp.awsapps.com/start", "eu-central-1");
    assert_eq!(
        parse(&good).unwrap().renewable(&legacy).unwrap_err(),
        NotRenewable::Legacy
    );
}

#[test]
fn a_renewed_token_keeps_what_it_does_not_bring() {
    let old = parse(&login(now()).replace("accessToken", "ACCESSTOKEN")).unwrap();
    let grant = Grant {
        access_token: Secret::from("new access"),
        expiration: now() + time::Duration::hours(8),
        refresh_token: None,
    };
    let text = old.renewed(&grant, &settings()).contents();
    let expected = login(now() + time::Duration::hours(8))
        .replace(&canary("access 0"), "new access")
        .replace("\": ", "\":")
        .replace(", ", ",");
    assert_eq!(text.expose(), expected);

    let with_another = Grant {
        refresh_token: Some(Secret::from("new refresh")),
        ..grant
    };
    let text = old.renewed(&with_another, &settings()).contents();
    assert!(text.expose().contains("\"refreshToken\":\"new refresh\""));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_told_from_one_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token.json");
    let file = CacheFile::new(&path);
    let error = read(&settings(), &file).await.unwrap_err();
    assert!(matches!(error, Error::NotLoggedIn { .. }), "{error:?}");

    std::fs::write(&path, "x".repeat(2 * 1024 * 1024)).unwrap();
    let error = read(&settings(), &file).await.unwrap_err();
    assert!(matches!(error, Error::ReadToken { .. }), "{error:?}");

    std::fs::write(&path, [canary("bytes").as_bytes(), &[0xff, 0xfe]].concat()).unwrap();
    let error = read(&settings(), &file).await.unwrap_err();
    assert!(matches!(error, Error::ReadToken { .. }), "{error:?}");
    assert!(!leaks(&format!("{error:?}")));

    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let error = read(&settings(), &file).await.unwrap_err();
    assert!(matches!(error, Error::ReadToken { .. }), "{error:?}");

    let below_a_file = CacheFile::new(path.join("x"));
    std::fs::remove_dir(&path).unwrap();
    std::fs::write(&path, "").unwrap();
    let error = read(&settings(), &below_a_file).await.unwrap_err();
    assert!(matches!(error, Error::ReadToken { .. }), "{error:?}");
}

#[tokio::test]
async fn a_byte_order_mark_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token.json");
    std::fs::write(&path, format!("\u{feff}{}", login(now()))).unwrap();
    let token = read(&settings(), &CacheFile::new(&path)).await.unwrap();
    assert_eq!(token.expiration, now());
}

proptest! {
    #[test]
    fn whatever_stands_in_a_file_is_shown_to_nobody_and_written_back(
        text in ".{0,100}",
        member in prop::sample::select(&["accessToken", "expiresAt", "refreshToken", "clientId", "region", "list"][..]),
        value in prop_oneof![
            ".{0,20}".prop_map(|text| format!("{text:?}")),
            any::<f64>().prop_map(|number| format!("{number:?}")),
            Just("null".to_owned()),
        ],
    ) {
        crate::fuzzing::token_file(&text);
        let good = login(now());
        crate::fuzzing::token_file(&good.replacen(&format!("\"{member}\": "), &format!("\"{member}\": {value}, \"was\": "), 1));
        crate::fuzzing::token_file(&good.replacen('{', &format!("{{\"{member}\": {value}, "), 1));
    }
}
