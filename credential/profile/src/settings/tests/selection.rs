//! Which profile, and whether it may be missing.

use super::*;

#[test]
fn the_profile_is_named_by_code_then_by_the_first_variable_that_is_not_blank() {
    let cases: &[(Given<'_>, &str)] = &[
        (&[], "\"default\" of the default"),
        (
            &[("AWS_PROFILE", " ops\n"), ("AWS_DEFAULT_PROFILE", "old")],
            "\"ops\" of AWS_PROFILE",
        ),
        (
            &[("AWS_PROFILE", " "), ("AWS_DEFAULT_PROFILE", "old")],
            "\"old\" of AWS_DEFAULT_PROFILE",
        ),
        (
            &[("AWS_PROFILE", ""), ("AWS_DEFAULT_PROFILE", "")],
            "\"default\" of the default",
        ),
    ];
    for (variables, expected) in cases {
        let selection = Selection::new().with_variables(variables.iter().copied().collect());
        assert_eq!(told(selection.profile().map(Some)), *expected);
        let in_code = selection.with_profile("mine");
        assert_eq!(told(in_code.profile().map(Some)), "\"mine\" of the program");
        assert!(in_code.names_profile_in_code());
        let by_argument = in_code.with_profile_from("theirs", "--profile");
        assert_eq!(told(by_argument.profile().map(Some)), "\"theirs\" of --profile");
        assert!(by_argument.names_profile_in_code());
        let in_code = by_argument.with_profile("mine");
        assert_eq!(told(in_code.profile().map(Some)), "\"mine\" of the program");
    }
}

#[test]
fn only_a_profile_that_nobody_named_may_be_missing() {
    let missing = settings(&[], "").selected().unwrap_err();
    assert_eq!(
        missing.to_string(),
        "no profile `default` in config or credentials"
    );
    assert!(matches!(missing, Error::NoDefaultProfile { .. }));

    for name in ["default", "ops"] {
        let missing = settings(&[("AWS_PROFILE", name)], "[ops]")
            .selected()
            .unwrap_err();
        assert!(matches!(missing, Error::NoSuchProfile { .. }));
        let sentence = missing.to_string();
        assert!(
            sentence.contains("which AWS_PROFILE names, in config or credentials"),
            "{sentence}"
        );
        assert_eq!(sentence.contains("[profile ops]"), name == "ops", "{sentence}");
    }

    let hostile = settings(&[("AWS_DEFAULT_PROFILE", "a\u{1b}[2Jb")], "")
        .selected()
        .unwrap_err();
    assert!(!hostile.to_string().contains('\u{1b}'));
}
