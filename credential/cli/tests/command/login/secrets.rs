//! What the log says.

use super::*;

#[test]
fn the_log_of_a_login_and_a_logout_holds_no_secret() {
    let (mock, home) = approving();
    let variables = [("AWS_ENDPOINT_URL", mock.endpoint()), ("CREDENTIAL_LOG", "trace")];
    for (line, asked) in [
        ("login --profile corp", "/token"),
        ("whoami --profile corp", "/federation/credentials"),
        ("logout --profile corp", "/logout"),
    ] {
        let ended = home.run_with(line, &variables);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        // A token or keys went over the wire, and the log tells of that.
        let logged = format!("url={}{asked} status=200", mock.endpoint());
        assert!(ended.err.contains(&logged), "{}", ended.err);
        assert!(
            !ended.err.contains("EXAMPLETOKEN") && !ended.err.contains("EXAMPLEKEY"),
            "{}",
            ended.err
        );
    }
}
