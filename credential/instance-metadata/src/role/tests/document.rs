//! What a document may say.

use time::OffsetDateTime;

use super::*;
use crate::testing::{Asked as _, document};

#[tokio::test]
async fn a_document_may_lack_its_code_and_spell_names_its_own_way() {
    let body = document("web");
    for body in [
        body.replace(r#""Code": "Success","#, ""),
        body.replace("Success", "SUCCESS"),
        body.replace(r#""Token""#, r#""SessionToken""#),
        body.replace(r#""Expiration""#, r#""ExpiresAt""#),
        body.replace(r#""AccessKeyId""#, r#""accesskeyid""#),
        body.replace('}', r#", "Extra": {"a": [1, 2]}, "Region": null}"#),
    ] {
        let server = with_document(body).await;
        assert_eq!(server.provider().load().await.unwrap().access_key_id(), "ASIAweb");
    }
}

#[tokio::test]
async fn the_account_is_read_where_the_document_has_one() {
    let body = document("web").replace('}', r#", "AccountId": "123456789012"}"#);
    let server = with_document(body).await;
    assert_eq!(
        server.provider().load().await.unwrap().account_id(),
        Some("123456789012")
    );
}

#[tokio::test]
async fn expirations_are_read_with_fractions_and_offsets() {
    for (text, nanoseconds) in [
        ("2030-01-01T12:00:00.832308Z", 832_308_000),
        ("2030-01-01T14:00:00+02:00", 0),
        ("2030-01-01T12:00:00.123456789Z", 123_456_789),
    ] {
        let server = with_document(document("web").replace("2030-01-01T18:00:00Z", text)).await;
        let expiration = server.provider().load().await.unwrap().expiration().unwrap();
        assert_eq!(
            (expiration.unix_timestamp(), expiration.nanosecond()),
            (1_893_499_200, nanoseconds)
        );
    }
}

#[tokio::test]
async fn credentials_that_are_past_their_expiration_are_handed_out_as_they_are() {
    let server = with_document(document("web").replace("2030-01-01T18", "2029-01-01T18")).await;
    let credentials = server.provider().load().await.unwrap();
    assert!(
        credentials.is_expired_at(OffsetDateTime::UNIX_EPOCH + std::time::Duration::from_secs(1_893_499_200))
    );
    assert!(credentials.renewal().static_stability);
}
