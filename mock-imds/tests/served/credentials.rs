use std::time::Duration;

use mock_imds::{MockImds, Refusal, Rotation};

use crate::support::*;

fn document(mock: &MockImds) -> Reply {
    let reply = get(mock, &format!("{ROLES}mock-role"));
    assert_eq!(reply.status, 200, "{reply:?}");
    reply
}

fn key_id(mock: &MockImds) -> String {
    document(mock).member("AccessKeyId")
}

#[test]
fn the_document_has_the_members_and_the_layout_of_the_service() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let reply = document(&mock);
    assert_eq!(reply.header("Content-Type"), Some("text/plain"));
    let expected = format!(
        "{{\n  \"Code\" : \"Success\",\n  \"LastUpdated\" : \"2030-01-01T12:00:00Z\",\n  \"Type\" : \"AWS-HMAC\",\n  \
         \"AccessKeyId\" : \"{}\",\n  \"SecretAccessKey\" : \"{}\",\n  \"Token\" : \"{}\",\n  \
         \"Expiration\" : \"2030-01-01T18:00:00Z\"\n}}",
        reply.member("AccessKeyId"),
        reply.member("SecretAccessKey"),
        reply.member("Token")
    );
    assert_eq!(reply.body, expected);
}

#[test]
fn the_document_stays_the_same_byte_for_byte_between_rotations() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let first = document(&mock).body;
    mock.clock().advance(seconds(6 * 3600 - 301));
    assert_eq!(document(&mock).body, first);
}

#[test]
fn the_next_credentials_come_five_minutes_early_and_both_are_good_until_their_own_end() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let old = role_credentials(&mock);
    mock.clock().advance(seconds(6 * 3600 - 299));
    let new = role_credentials(&mock);
    assert_ne!(old.access_key_id(), new.access_key_id());
    assert_eq!((who(&mock, &old).status, who(&mock, &new).status), (200, 200));

    mock.clock().advance(seconds(299));
    let refused = who(&mock, &old);
    assert_eq!((refused.status, refused.element("Code")), (403, "ExpiredToken"));
    assert_eq!(who(&mock, &new).status, 200);
}

#[test]
fn credentials_rotate_on_demand_and_the_old_ones_stay_good() {
    let mock = MockImds::builder().start_blocking();
    let old = role_credentials(&mock);
    mock.rotate();
    let new = role_credentials(&mock);
    assert_ne!(old.access_key_id(), new.access_key_id());
    assert_eq!(who(&mock, &old).status, 200);
}

#[test]
fn credentials_expire_on_demand_and_new_ones_follow() {
    let mock = MockImds::builder().start_blocking();
    let old = role_credentials(&mock);
    mock.expire();
    assert_eq!(who(&mock, &old).element("Code"), "ExpiredToken");
    assert_eq!(who(&mock, &role_credentials(&mock)).status, 200);
    assert_eq!(
        who(&mock, &user(&mock)).status,
        200,
        "a long-term key does not expire"
    );
}

#[test]
fn a_revoked_key_is_refused_as_one_likes() {
    let mock = MockImds::builder().start_blocking();
    let key = role_credentials(&mock);
    assert!(mock.revoke(key.access_key_id(), Refusal::Unknown));
    assert_eq!(who(&mock, &key).element("Code"), "InvalidClientTokenId");
    assert!(mock.revoke(key.access_key_id(), Refusal::Expired));
    assert_eq!(who(&mock, &key).element("Code"), "ExpiredToken");
    assert!(!mock.revoke("ASIAUNKNOWN", Refusal::Unknown));
    mock.revoke_all(Refusal::Unknown);
    assert_eq!(who(&mock, &role_credentials(&mock)).status, 200);
}

#[test]
fn rotation_can_be_frequent_or_never() {
    let mock = MockImds::builder()
        .rotation(Rotation::EachRequest)
        .start_blocking();
    assert_ne!(key_id(&mock), key_id(&mock));

    let mock = MockImds::builder()
        .clock_at(noon())
        .rotation(Rotation::Every(seconds(60)))
        .start_blocking();
    let first = key_id(&mock);
    mock.clock().advance(seconds(59));
    assert_eq!(key_id(&mock), first);
    mock.clock().advance(seconds(1));
    assert_ne!(key_id(&mock), first);

    let mock = MockImds::builder()
        .clock_at(noon())
        .rotation(Rotation::Never)
        .start_blocking();
    let first = document(&mock).body;
    mock.clock().advance(seconds(7 * 3600));
    assert_eq!(document(&mock).body, first, "it stays past its end");
}

#[test]
fn a_short_life_does_not_rotate_at_every_request() {
    let mock = MockImds::builder()
        .clock_at(noon())
        .credential_lifetime(seconds(60))
        .start_blocking();
    let first = key_id(&mock);
    mock.clock().advance(seconds(29));
    assert_eq!(key_id(&mock), first);
    mock.clock().advance(seconds(1));
    assert_ne!(key_id(&mock), first);
}

#[test]
fn credentials_without_a_life_have_expired_at_first_sight() {
    let mock = MockImds::builder()
        .clock_at(noon())
        .credential_lifetime(Duration::ZERO)
        .start_blocking();
    assert_eq!(document(&mock).member("Expiration"), "2030-01-01T12:00:00Z");
    assert_eq!(
        who(&mock, &role_credentials(&mock)).element("Code"),
        "ExpiredToken"
    );
}

#[test]
fn lifetimes_can_vary_within_their_bounds() {
    let mock = MockImds::builder()
        .clock_at(noon())
        .rotation(Rotation::EachRequest)
        .credential_lifetimes(seconds(3600)..=seconds(7200))
        .seed(1)
        .start_blocking();
    let mut ends: Vec<String> = (0..8).map(|_| document(&mock).member("Expiration")).collect();
    assert!(
        ends.iter()
            .all(|end| ("2030-01-01T13:00:00Z".."2030-01-01T14:00:00Z").contains(&end.as_str()))
    );
    ends.dedup();
    assert!(ends.len() > 4, "{ends:?}");
}

#[test]
fn services_can_take_credentials_past_their_end_as_in_an_outage() {
    let mock = MockImds::builder()
        .clock_at(noon())
        .rotation(Rotation::Never)
        .accepted_past_end(seconds(3600))
        .start_blocking();
    let key = role_credentials(&mock);
    mock.clock().advance(seconds(7 * 3600 - 1));
    assert_eq!(who(&mock, &key).status, 200);
    mock.clock().advance(seconds(1));
    assert_eq!(who(&mock, &key).element("Code"), "ExpiredToken");
}

#[test]
fn a_long_session_token_is_as_good_as_a_short_one() {
    let mock = MockImds::builder().session_token_length(8192).start_blocking();
    let key = role_credentials(&mock);
    assert_eq!(key.session_token().unwrap().expose().len(), 8192);
    assert_eq!(who(&mock, &key).status, 200);
}
