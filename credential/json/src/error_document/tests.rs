use super::*;

#[test]
fn a_page_is_reduced_to_its_title() {
    assert_eq!(
        ErrorDocument::parse(b"<html><TITLE>404 - Not Found</TITLE><body>x</body>").to_string(),
        "404 - Not Found"
    );
}
