use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Output, Stdio};

/// `mock-imds exec OPTIONS -- sh -c SCRIPT`, without the variables of whoever runs the tests.
fn exec(options: &[&str], script: &str) -> Command {
    let mut command = command(options);
    command.args(["--", "sh", "-c", script]);
    command
}

fn command(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mock-imds"));
    command
        .arg("exec")
        .args(options)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(options: &[&str], script: &str) -> Output {
    exec(options, script).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn code_and_words(output: &Output) -> (Option<i32>, &str) {
    (output.status.code(), text(&output.stderr))
}

#[test]
fn it_ends_with_the_code_of_its_command_and_says_nothing_itself() {
    let output = run(&[], "echo out; echo err >&2; exit 7");
    assert_eq!(code_and_words(&output), (Some(7), "err\n"));
    assert_eq!(text(&output.stdout), "out\n");
    assert_eq!(run(&[], "kill -KILL $$").status.code(), Some(128 + 9));
}

#[test]
fn its_command_finds_the_server_and_its_input_and_output_are_its_own() {
    let script = "echo $AWS_EC2_METADATA_SERVICE_ENDPOINT; read line; echo \"$line\"";
    let mut child = exec(&["--role", "web", "--summary"], script)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut endpoint = String::new();
    lines.read_line(&mut endpoint).unwrap();
    let mut stream = TcpStream::connect(endpoint.trim().strip_prefix("http://").unwrap()).unwrap();
    stream
        .write_all(b"GET /latest/meta-data/iam/security-credentials/ HTTP/1.1\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("\r\n\r\nweb"), "{answer}");
    child.stdin.take().unwrap().write_all(b"hello\n").unwrap();
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "hello\n");
    let output = child.wait_with_output().unwrap();
    let said =
        "mock-imds has stopped: 1 requests, 1 of them by version 1 of instance metadata\n  imds: 1 × 200\n";
    assert_eq!(code_and_words(&output), (Some(0), said));
}

#[test]
fn variables_and_files_of_other_sources_are_out_of_sight() {
    let script = "echo ${AWS_PROFILE-unset} ${AWS_ACCESS_KEY_ID-unset} $AWS_CONFIG_FILE $NO_PROXY $no_proxy";
    let output = exec(&[], script)
        .envs([
            ("AWS_PROFILE", "work"),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("NO_PROXY", "example.com"),
            ("no_proxy", "example.org"),
        ])
        .output()
        .unwrap();
    assert_eq!(
        text(&output.stdout),
        "unset unset /dev/null example.com,127.0.0.1,localhost,::1 example.org,127.0.0.1,localhost,::1\n"
    );
    assert_eq!(
        text(&output.stderr),
        "mock-imds: the command sees the server's credentials, not those in AWS_ACCESS_KEY_ID\n"
    );
    let key = run(&["--source", "env"], "echo $AWS_ACCESS_KEY_ID ${no_proxy-unset}");
    let key = text(&key.stdout);
    assert!(
        key.starts_with("AKIA") && key.ends_with("EXAMPLE unset\n"),
        "{key}"
    );
}

#[test]
fn the_files_of_a_source_go_with_its_command() {
    let script =
        "test -s \"$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE\" && echo $AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
    let output = run(&["--source", "eks"], script);
    assert_eq!(code_and_words(&output), (Some(0), ""));
    assert!(!std::fs::exists(text(&output.stdout).trim()).unwrap());
    let output = run(
        &["--source", "sso"],
        "grep -c \"profile mock-sso\" \"$AWS_CONFIG_FILE\"",
    );
    assert_eq!(text(&output.stdout), "1\n");
}

#[test]
fn a_command_that_cannot_be_run_has_the_code_that_shells_give_it() {
    for (program, code) in [("no-such-command-of-mock-imds", 127), ("/", 126)] {
        let output = command(&[]).args(["--", program]).output().unwrap();
        let (found, said) = code_and_words(&output);
        assert_eq!(found, Some(code), "{said}");
        assert!(
            said.starts_with(&format!("mock-imds: cannot run {program}: ")),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let output = command(&[]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "no command at all");
}

/// Starts a command that tells when it is ready for signals.
fn waiting(trap: &str) -> Child {
    let script = format!("trap '{trap}; exit 9' INT TERM HUP; echo ready; while :; do sleep 0.02; done");
    let mut child = exec(&[], &script).spawn().unwrap();
    let mut ready = [0; 6];
    child.stdout.as_mut().unwrap().read_exact(&mut ready).unwrap();
    assert_eq!(&ready, b"ready\n");
    child
}

fn send(signal: &str, process: u32) {
    let kill = format!("kill -{signal} {process}");
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}

#[test]
fn signals_reach_the_command_which_decides() {
    for signal in ["INT", "TERM", "HUP"] {
        let child = waiting("echo cleaned up");
        send(signal, child.id());
        let output = child.wait_with_output().unwrap();
        assert_eq!(code_and_words(&output), (Some(9), ""), "{signal}");
        assert_eq!(text(&output.stdout), "cleaned up\n", "{signal}");
    }
}

#[test]
fn a_command_without_a_mind_of_its_own_ends_by_the_signal() {
    let mut child = exec(&[], "echo ready; exec sleep 600").spawn().unwrap();
    let mut ready = [0; 6];
    child.stdout.as_mut().unwrap().read_exact(&mut ready).unwrap();
    send("TERM", child.id());
    let status = child.wait().unwrap();
    assert_eq!((status.code(), status.signal()), (Some(128 + 15), None));
}

#[test]
fn a_scenario_and_a_seed_can_be_named() {
    let script = "echo $AWS_ACCESS_KEY_ID";
    let options = [
        "--seed",
        "1",
        "--source",
        "env",
        "--scenario",
        "imds-outage",
        "--summary",
    ];
    let [a, b] = [(); 2].map(|()| run(&options, script));
    assert_eq!(a.stdout, b.stdout);
    let said = text(&a.stderr);
    assert!(
        said.contains("No request met what goes wrong in the scenario."),
        "{said}"
    );
}
