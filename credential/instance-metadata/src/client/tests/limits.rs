//! How long an answer may take.

use tests_support::{ManualClock, printed};

use super::*;
use crate::settings::Limits;
use crate::testing::{TOKEN, no_variables};

#[tokio::test]
async fn a_token_request_without_an_answer_explains_the_hop_limit_and_is_not_repeated() {
    let server = Server::deciding(|_, _| Reply::Silence).await;
    let client = client(&server).with_read_timeout(Duration::from_millis(100));

    let error = client.get("meta-data/instance-id").await.unwrap_err();

    assert!(matches!(error, Error::SilentToken { .. }), "{error:?}");
    assert!(
        printed(&error)
            .contains("set the instance's metadata response hop limit to 2 or use the host's network")
    );
    assert_eq!(error.kind(), credential_core::ErrorKind::TimedOut);
    assert_eq!(server.lines(), [format!("PUT {TOKEN}")]);
}

#[test]
fn limits_are_a_second_to_connect_and_to_read_and_grow_with_the_settings() {
    let limits = |settings: Settings| settings.limits().unwrap();
    let seconds = Duration::from_secs;
    let usual = Settings {
        variables: no_variables(),
        ..Settings::default()
    };
    let expected = Limits {
        connect: seconds(1),
        read: seconds(1),
        request: seconds(3),
        whole: seconds(5),
        attempts: 3,
    };
    assert_eq!(limits(usual.clone()), expected);

    let mut patient = usual;
    let number = |value: &str| Setting {
        value: value.to_owned(),
        origin: "line 3".to_owned(),
    };
    patient.profile = [
        ("metadata_service_timeout".to_owned(), number(" 4 ")),
        ("metadata_service_num_attempts".to_owned(), number("7")),
    ]
    .into();
    let expected = Limits {
        connect: seconds(4),
        read: seconds(4),
        request: seconds(12),
        whole: seconds(20),
        attempts: 7,
    };
    assert_eq!(limits(patient.clone()), expected);

    patient.variables = Variables::from([
        ("AWS_METADATA_SERVICE_TIMEOUT", "2"),
        ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "1"),
    ]);
    assert_eq!(
        (limits(patient.clone()).read, limits(patient.clone()).attempts),
        (seconds(2), 1)
    );
    patient.read_timeout = Some(seconds(9));
    patient.attempts = Some(0);
    assert_eq!(
        (limits(patient.clone()).read, limits(patient.clone()).attempts),
        (seconds(9), 1)
    );
    assert_eq!(limits(patient).connect, seconds(2));
}

#[test]
fn a_limit_that_is_no_whole_number_from_one_is_an_error_that_names_it() {
    for name in [
        "AWS_METADATA_SERVICE_TIMEOUT",
        "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
    ] {
        for value in ["0", "-1", "1.5", "one", "99999999999"] {
            let settings = Settings {
                variables: Variables::from([(name, value)]),
                ..Settings::default()
            };
            let error = settings.limits().unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("{name} says {value:?}, but must be a whole number from 1")
            );
            assert_eq!(error.kind(), credential_core::ErrorKind::InvalidConfiguration);
        }
    }
}

#[tokio::test]
async fn the_whole_has_its_own_limit() {
    let server = knowing_its_id(|request, _| (request.target == ID).then_some(Reply::Silence)).await;
    let clock = ManualClock::new();
    let client = client(&server).with_clock(clock.clone());
    let asking = tokio::spawn(async move { client.get("meta-data/instance-id").await });
    while server.count(&format!("GET {ID}")) == 0 {
        tokio::task::yield_now().await;
    }

    clock.advance(Duration::from_secs(5));

    let error = asking.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
    assert_eq!(error.kind(), credential_core::ErrorKind::TimedOut);
}
