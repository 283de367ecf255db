//! What the log says.

use super::*;

#[test]
fn the_log_of_a_login_and_a_logout_holds_no_secret() {
    let (mock, home) = approving();
    let variables = [("AWS_ENDPOINT_URL", mock.endpoint()), ("CREDENTIAL_LOG", "trace")];
    for line in [
        "login --profile corp",
        "whoami --profile corp",
        "logout --profile corp",
    ] {
        let ended = home.run_with(line, &variables);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert!(
            !ended.err.contains("EXAMPLETOKEN") && !ended.err.contains("EXAMPLEKEY"),
            "{}",
            ended.err
        );
    }
}
