use std::path::Path;

use super::*;

const NONE: [(&str, &str); 0] = [];

#[test]
fn a_blank_variable_counts_as_unset() {
    let variables = Variables::from([("EMPTY", ""), ("BLANK", " \t\r\n"), ("SET", " x ")]);
    assert_eq!(variables.get("EMPTY"), Ok(None));
    assert_eq!(variables.get("BLANK"), Ok(None));
    assert_eq!(variables.get_path("BLANK"), Ok(None));
    assert_eq!(variables.get("SET"), Ok(Some("x".to_owned())));
    assert_eq!(variables.get("ABSENT"), Ok(None));
}

#[test]
fn a_path_keeps_its_blanks_but_not_its_line_end() {
    let variables = Variables::from([("FILE", " a b \r\n")]);
    assert_eq!(variables.get_path("FILE"), Ok(Some(" a b ".to_owned())));
}

#[test]
fn a_raw_value_may_be_blank() {
    let variables = Variables::from([("EMPTY", "")]);
    assert_eq!(variables.get_raw("EMPTY"), Ok(Some(String::new())));
    assert_eq!(variables.get_raw("ABSENT"), Ok(None));
}

#[cfg(unix)]
#[test]
fn what_is_not_unicode_is_an_error_that_names_the_variable() {
    use std::os::unix::ffi::OsStringExt;
    let variables = Variables::from([("AWS_PROFILE", OsString::from_vec(vec![0x66, 0xff]))]);
    let error = variables.get("AWS_PROFILE").unwrap_err();
    assert_eq!(
        error.to_string(),
        "AWS_PROFILE does not hold valid Unicode; set it again or unset it"
    );
}

#[test]
fn debug_shows_names_only() {
    let value = tests_support::canary("variable");
    let shown = format!("{:?}", Variables::from([("AWS_SECRET_ACCESS_KEY", &*value)]));
    assert_eq!(shown, r#"Variables{"AWS_SECRET_ACCESS_KEY"}"#);
}

#[test]
fn home_is_home_first_on_every_platform() {
    let all = [
        ("HOME", "/h"),
        ("USERPROFILE", "/u"),
        ("HOMEDRIVE", "C:"),
        ("HOMEPATH", "/p"),
    ];
    let cases: &[(&[&str], bool, Option<&str>)] = &[
        (&["HOME", "USERPROFILE"], false, Some("/h")),
        (&["HOME", "USERPROFILE"], true, Some("/h")),
        (&["USERPROFILE", "HOMEDRIVE", "HOMEPATH"], true, Some("/u")),
        (&["HOMEDRIVE", "HOMEPATH"], true, Some("C:/p")),
        (&["HOMEDRIVE"], true, None),
        (&["USERPROFILE"], false, None),
    ];
    for (set, windows, expected) in cases {
        let variables: Variables = all.into_iter().filter(|(name, _)| set.contains(name)).collect();
        assert_eq!(
            variables.home_on(*windows).as_deref(),
            expected.map(Path::new),
            "{set:?} {windows}"
        );
    }
}

#[test]
fn a_blank_home_is_no_home() {
    assert_eq!(Variables::from([("HOME", "")]).home_on(false), None);
}

#[test]
fn a_tilde_is_the_home_only_as_the_whole_first_component() {
    let variables = Variables::from([("HOME", "/home/me")]);
    for (path, expected) in [
        ("~", "/home/me"),
        ("~/.aws/config", "/home/me/.aws/config"),
        ("~other/x", "~other/x"),
        ("/x/~", "/x/~"),
        ("x", "x"),
    ] {
        assert_eq!(variables.expand_home(path), Path::new(expected), "{path}");
    }
}

#[test]
fn without_a_home_the_tilde_stays() {
    assert_eq!(Variables::from(NONE).expand_home("~/x"), Path::new("~/x"));
}

#[test]
fn none_is_not_the_process() {
    assert!(Variables::of_process().get("PATH").unwrap().is_some());
    assert_eq!(Variables::none().get("PATH"), Ok(None));
    assert_eq!(Variables::none().home(), None);
    assert_eq!(format!("{:?}", Variables::none()), "Variables{}");
}
