use super::*;

const CONFIG: &str = "AWS_CONFIG_FILE";
const CREDENTIALS: &str = "AWS_SHARED_CREDENTIALS_FILE";

#[cfg(not(windows))]
#[test]
fn the_files_are_where_code_then_variables_then_the_home_directory_say() {
    type Case<'a> = (
        &'a [(&'a str, &'a str)],
        [Option<&'a str>; 2],
        [Option<&'a str>; 2],
    );
    const NO_CODE: [Option<&str>; 2] = [None, None];
    let in_home = [Some("/h/.aws/config"), Some("/h/.aws/credentials")];
    let cases: &[Case<'_>] = &[
        (&[("HOME", "/h")], NO_CODE, in_home),
        (&[("HOME", "/h/")], NO_CODE, in_home),
        (&[("HOME", "/h"), ("USERPROFILE", "/u")], NO_CODE, in_home),
        (&[("USERPROFILE", "/u")], NO_CODE, NO_CODE),
        (&[("HOMEDRIVE", "/d"), ("HOMEPATH", "/p")], NO_CODE, NO_CODE),
        (&[], NO_CODE, NO_CODE),
        (&[("HOME", " ")], NO_CODE, NO_CODE),
        (
            &[("HOME", "/h"), (CONFIG, "/x"), (CREDENTIALS, "/y")],
            NO_CODE,
            [Some("/x"), Some("/y")],
        ),
        (&[(CONFIG, "/x")], NO_CODE, [Some("/x"), None]),
        (
            &[("HOME", "/h"), (CREDENTIALS, "rel/y")],
            NO_CODE,
            [Some("/h/.aws/config"), Some("rel/y")],
        ),
        (
            &[("HOME", "/h"), (CONFIG, "~/x"), (CREDENTIALS, "~")],
            NO_CODE,
            [Some("/h/x"), Some("/h")],
        ),
        (
            &[("HOME", "/h"), (CONFIG, "~//a//b")],
            NO_CODE,
            [Some("/h/a/b"), Some("/h/.aws/credentials")],
        ),
        (
            &[("HOME", "/h"), (CONFIG, "~you/x"), (CREDENTIALS, "/x/~")],
            NO_CODE,
            [Some("~you/x"), Some("/x/~")],
        ),
        (
            &[("HOME", "/h"), (CONFIG, "~\\x"), (CREDENTIALS, "$HOME/x")],
            NO_CODE,
            [Some("~\\x"), Some("$HOME/x")],
        ),
        (
            &[(CONFIG, "~/x"), (CREDENTIALS, "~you/x")],
            NO_CODE,
            [None, Some("~you/x")],
        ),
        // blank switches a file off; a path may hold blanks, and a line end is cut off it
        (
            &[("HOME", "/h"), (CONFIG, ""), (CREDENTIALS, " ")],
            NO_CODE,
            NO_CODE,
        ),
        (
            &[(CONFIG, "/a b/c \r\n"), (CREDENTIALS, " /x")],
            NO_CODE,
            [Some("/a b/c "), Some(" /x")],
        ),
        (
            &[("HOME", "/h"), (CONFIG, "/x"), (CREDENTIALS, "/y")],
            [Some("~/a"), Some("/b")],
            [Some("/h/a"), Some("/b")],
        ),
        (
            &[("HOME", "/h"), (CONFIG, "")],
            [Some("/a"), None],
            [Some("/a"), Some("/h/.aws/credentials")],
        ),
    ];
    for (variables, [config, credentials], paths) in cases {
        let locations = Locations::of(
            &variables.iter().copied().collect(),
            config.map(Path::new),
            credentials.map(Path::new),
        )
        .unwrap();
        let found = [locations.config().path(), locations.credentials().path()];
        assert_eq!(found, paths.map(|path| path.map(Path::new)), "{variables:?}");
    }
}

#[test]
fn a_tilde_is_home_only_as_the_whole_first_component() {
    for (path, unix, windows) in [
        ("~", true, true),
        ("~/x", true, true),
        ("~\\x", false, true),
        ("~you/x", false, false),
        ("x/~", false, false),
        ("/~", false, false),
        ("", false, false),
    ] {
        assert_eq!(is_below_home(path, false), unix, "{path}");
        assert_eq!(is_below_home(path, true), windows, "{path}");
    }
}

#[test]
fn a_location_says_why_there_is_nothing_to_read() {
    let locations = Locations::of(&Variables::from([(CONFIG, "")]), None, None).unwrap();
    assert_eq!(
        locations.to_string(),
        "no file (AWS_CONFIG_FILE is blank) or ~/.aws/credentials (there is no home directory)"
    );
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_unicode_is_an_error_that_names_the_variable() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    let variables = Variables::from([(CREDENTIALS, OsString::from_vec(vec![b'/', 0xff]))]);
    let error = Locations::of(&variables, None, None).unwrap_err();
    assert!(error.to_string().starts_with(CREDENTIALS), "{error}");
    // A path given in code may be what it likes, and the variable is not even looked at.
    let odd = PathBuf::from(OsString::from_vec(vec![b'/', 0xff]));
    let locations = Locations::of(&variables, Some(&odd), Some(&odd)).unwrap();
    assert_eq!(locations.config().path(), Some(odd.as_path()));
}
