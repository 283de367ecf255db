use tests_support::{canary, leaks};

use super::*;

#[test]
fn what_is_unknown_is_written_back_as_it_was() {
    for text in [
        r#"{"a":"b","n":[1,-2,2.5,null,true],"o":{"deep":{"er":"x"}},"ü":"\u0001\"\\"}"#,
        r#"{"z":null,"a":[1,-2,2.5,true,{"b":{}}],"text":"line\nend \"quoted\" ä","a":"twice","":[]}"#,
    ] {
        let object = Object::parse(text).unwrap();
        assert_eq!(object.to_secret().expose(), text);
        assert_eq!(Object::parse(object.to_secret().expose()).unwrap(), object);
    }
    let spaced = Object::parse(" {\n \"a\" : 1 } \n").unwrap();
    assert_eq!(spaced.to_secret().expose(), r#"{"a":1}"#);
}

#[test]
fn names_count_exactly_and_then_in_any_case() {
    let object = Object::parse(
        r#"{"ACCESSTOKEN":"other","accessToken":"exact","Region":"r","A":1,"a":2,"Null":null}"#,
    )
    .unwrap();
    assert_eq!(object.text("accessToken").unwrap().expose(), "exact");
    assert_eq!(object.text("region").unwrap().expose(), "r");
    assert_eq!((object.number("a"), object.number("A")), (Ok(2), Ok(1)));
    assert_eq!((object.get("null"), object.get("none")), (None, None));
}

#[test]
fn a_byte_order_mark_is_passed_over_and_the_last_of_two_members_counts() {
    let mut object = Object::parse("\u{feff}{\"a\":\"1\",\"a\":\"2\"}").unwrap();
    assert_eq!(object.text("a").unwrap().expose(), "2");
    object.set("a", "3");
    assert_eq!(object.text("a").unwrap().expose(), "3");
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
fn a_text_that_is_no_object_is_told_by_place_alone() {
    let not_json = |ends_early, line, column| Fault::NotJson {
        ends_early,
        line,
        column,
    };
    for (text, expected) in [
        ("", not_json(true, 1, 0)),
        ("{\"a\":", not_json(true, 1, 5)),
        ("{\n\"a\" 1}", not_json(false, 2, 5)),
        ("{} x", not_json(false, 1, 4)),
        ("[]", Fault::NotAnObject),
        ("null", Fault::NotAnObject),
        ("1", Fault::NotAnObject),
        ("\"text\"", Fault::NotAnObject),
    ] {
        assert_eq!(Object::parse(text).unwrap_err(), expected, "{text:?}");
    }
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    let fault = Object::parse(&deep).unwrap_err();
    assert!(
        matches!(
            fault,
            Fault::NotJson {
                ends_early: false,
                ..
            }
        ),
        "{fault}"
    );
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
fn no_text_is_shown() {
    let secret = canary("refresh token");
    let object = Object::parse(&format!(r#"{{"a": ["{secret}"], "{secret}": "{secret}"}}"#)).unwrap();
    assert!(!leaks(&format!("{object:?} {object:#?} {:?}", object.get("a"))));
    for text in [
        format!("{{\"a\": \"{secret}"),
        format!("{{\"a\": {secret}}}"),
        format!("{{}} {secret}"),
        format!("\"{secret}\""),
    ] {
        let fault = Object::parse(&text).unwrap_err();
        assert!(!leaks(&format!("{fault} {fault:?}")), "{fault}");
    }
}

#[test]
fn an_object_of_very_many_members_is_read_in_no_time() {
    let members: Vec<String> = (0..100_000).map(|number| format!("\"{number}\":0")).collect();
    let object = Object::parse(&format!("{{{}}}", members.join(","))).unwrap();
    assert_eq!(object.number("99999"), Ok(0));
}
