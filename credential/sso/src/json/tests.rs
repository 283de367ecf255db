use tests_support::{canary, leaks};

use super::*;

#[test]
fn what_is_unknown_is_written_back_as_it_was() {
    let text = r#"{"a":"b","n":[1,-2,2.5,null,true],"o":{"deep":{"er":"x"}},"ü":"\u0001\"\\"}"#;
    let object = Object::parse(text).unwrap();
    assert_eq!(Object::parse(object.to_secret().expose()).unwrap(), object);
    assert_eq!(object.to_secret().expose(), text);
}

#[test]
fn names_count_exactly_and_then_in_any_case() {
    let object = Object::parse(r#"{"ACCESSTOKEN":"other","accessToken":"exact","Region":"r"}"#).unwrap();
    assert_eq!(object.text("accessToken").unwrap().expose(), "exact");
    assert_eq!(object.text("region").unwrap().expose(), "r");
}

#[test]
fn a_member_is_set_in_its_place_and_in_our_spelling() {
    let mut object = Object::parse(r#"{"AccessToken":"old","x":"y"}"#).unwrap();
    object.set("accessToken", "new");
    object.set("z", "added");
    assert_eq!(
        object.to_secret().expose(),
        r#"{"accessToken":"new","x":"y","z":"added"}"#
    );
}

#[test]
fn a_text_that_is_no_object_tells_where_it_is_wrong_and_nothing_of_what_it_holds() {
    let secret = canary("json").replace('"', "");
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    let cases = [
        (String::new(), true),
        (format!("{{\"a\": \"{secret}"), true),
        (format!("{{\"a\": {secret}}}"), false),
        (format!("{{}} {secret}"), false),
        (deep, false),
    ];
    for (text, early) in cases {
        let fault = Object::parse(&text).unwrap_err();
        assert!(
            matches!(&fault, Fault::NotJson { ends_early, .. } if *ends_early == early),
            "{fault:?}"
        );
        assert!(!leaks(&format!("{fault} {fault:?}")));
    }
    for text in ["[]", "null", "1", "\"text\""] {
        assert_eq!(Object::parse(text).unwrap_err(), Fault::NotAnObject, "{text}");
    }
}

#[test]
fn members_of_another_type_are_named() {
    let object =
        Object::parse(r#"{"t":1,"e":"","n":"1","f":1.5,"whole":1.0,"big":1e300,"null":null}"#).unwrap();
    let text = |key| Fault::WrongType {
        key,
        expected: "text",
    };
    let number = |key| Fault::WrongType {
        key,
        expected: "whole number",
    };
    assert_eq!(object.text("t").unwrap_err(), text("t"));
    assert_eq!(object.text("e").unwrap_err(), Fault::Missing { key: "e" });
    assert_eq!(object.text("null").unwrap_err(), Fault::Missing { key: "null" });
    assert_eq!(object.number("n").unwrap_err(), number("n"));
    assert_eq!(object.number("f").unwrap_err(), number("f"));
    assert_eq!(object.number("big").unwrap_err(), number("big"));
    assert_eq!(object.number("whole").unwrap(), 1);
    assert_eq!(object.object("none").unwrap_err(), Fault::Missing { key: "none" });
}

#[test]
fn an_object_prints_none_of_its_texts() {
    let object = Object::default().with("accessToken", canary("object"));
    assert!(!leaks(&format!("{object:?}")));
}

#[test]
fn a_byte_order_mark_is_passed_over_and_the_last_of_two_members_counts() {
    let object = Object::parse("\u{feff}{\"a\":\"1\",\"a\":\"2\"}").unwrap();
    assert_eq!(object.text("a").unwrap().expose(), "2");
}
