use super::*;

#[test]
fn names_are_compared_without_case() {
    let document = Document::parse(br#"{"accesskeyid":"AKID","SECRETACCESSKEY":"s"}"#).unwrap();
    assert!(document.into_credentials(Required::KEYS).is_ok());
}
