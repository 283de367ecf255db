use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use credential_core::{Clock, SystemClock};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mock-imds"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A command that is serving, with the lines of its output up to the last of the variables.
struct Serving {
    child: Child,
    variables: String,
}

impl Serving {
    fn start(arguments: &[&str]) -> Self {
        let mut all = vec!["--port", "0", "--print-env", "bash"];
        all.extend(arguments);
        let mut child = command(&all).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut variables = String::new();
        while !variables.contains("NO_PROXY=") {
            assert_ne!(
                lines.read_line(&mut variables).unwrap(),
                0,
                "it ended too early: {variables}"
            );
        }
        Self { child, variables }
    }

    fn value(&self, name: &str) -> &str {
        let start = format!("export {name}=");
        self.variables
            .lines()
            .find_map(|line| line.strip_prefix(&start))
            .unwrap()
    }

    fn connect(&self) -> TcpStream {
        let endpoint = self
            .value("AWS_ENDPOINT_URL_STS")
            .strip_prefix("http://")
            .unwrap();
        TcpStream::connect(endpoint).unwrap()
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    /// Sends a signal; gives the exit code, how long the end took, and what was said on standard error.
    #[cfg(unix)]
    fn end(mut self, signal: &str) -> (Option<i32>, Duration, String) {
        let before = SystemClock.monotonic();
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        let took = SystemClock.monotonic() - before;
        let mut said = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        (status.code(), took, said)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    let help = run(&["--help"]);
    assert!(help.status.success() && help.stderr.is_empty());
    assert!(text(&help.stdout).contains("Usage: mock-imds"));
    assert!(text(&help.stdout).lines().all(|line| line.len() <= 90));
    let version = run(&["-v"]);
    assert_eq!(
        text(&version.stdout),
        concat!("mock-imds ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn wrong_usage_ends_with_code_2_and_a_hint() {
    let output = run(&["--prot", "80"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert_eq!(
        text(&output.stderr),
        "mock-imds: there is no option --prot\nTry 'mock-imds --help'.\n"
    );
}

#[test]
fn a_port_that_is_taken_ends_with_code_4_and_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(&["--port", &port]);
    assert_eq!(output.status.code(), Some(4));
    let said = text(&output.stderr);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(&format!("port {port} is taken")), "{said}");
}

#[cfg(unix)]
#[test]
fn it_serves_says_how_to_use_it_and_stops_cleanly() {
    let mock = Serving::start(&["--role", "web", "--region", "eu-central-1"]);
    assert_eq!(mock.value("AWS_REGION"), "eu-central-1");
    assert!(
        mock.variables.starts_with("unset AWS_PROFILE "),
        "{}",
        mock.variables
    );
    let answer = mock.ask("GET /latest/meta-data/iam/security-credentials/ HTTP/1.1\r\n\r\n");
    assert!(answer.ends_with("\r\n\r\nweb"), "{answer}");
    assert!(!mock.variables.contains("SECRET_ACCESS_KEY="));
    let (code, _, said) = mock.end("INT");
    assert_eq!(code, Some(0));
    for part in [
        "mock-imds listens on http://127.0.0.1:",
        "account 123456789012, eu-central-1, role web",
        "Ctrl-C stops it.",
        "imds  v1  200  GET  /latest/meta-data/iam/security-credentials/",
        "mock-imds has stopped: 1 requests, 1 of them by version 1",
    ] {
        assert!(said.contains(part), "{part:?} in {said}");
    }
    assert!(
        !said.contains("export ") && !said.contains("EXAMPLEKEY"),
        "the variables are on standard output: {said}"
    );
}

#[test]
fn without_print_env_a_person_is_told_the_variables() {
    let mut child = command(&["--port", "0"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("Ctrl-C stops it.") {
        assert_ne!(
            lines.read_line(&mut said).unwrap(),
            0,
            "it ended too early: {said}"
        );
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let line = "export AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:";
    assert!(said.contains(line) && said.contains("--source ecs"), "{said}");
}

#[cfg(unix)]
#[test]
fn it_stops_at_once_while_a_client_stalls() {
    let mock = Serving::start(&["--quiet"]);
    let mut stalled = mock.connect();
    stalled.write_all(b"GET /latest/ HT").unwrap();
    mock.ask("GET /latest/ HTTP/1.1\r\n\r\n");
    let (code, took, said) = mock.end("TERM");
    assert_eq!((code, said.as_str()), (Some(0), ""));
    // Some milliseconds; but a busy machine is no reason to fail. A stalled head would take ten seconds.
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_eq!(stalled.read(&mut [0; 1]).unwrap_or(0), 0);
}

#[cfg(unix)]
#[test]
fn a_ready_file_is_there_while_it_listens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ready.json");
    let options = ["--quiet", "--ready-file", path.to_str().unwrap()];
    let mock = Serving::start(&options);
    let found = std::fs::read_to_string(&path).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&found).unwrap();
    assert_eq!(ready["url"], mock.value("AWS_ENDPOINT_URL_STS"));
    assert_eq!(ready["pid"], mock.child.id());
    assert_eq!(mock.end("TERM").0, Some(0));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let nowhere = folder.path().join("no/such/folder");
    let output = run(&[
        "--port",
        "0",
        "--quiet",
        "--ready-file",
        nowhere.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(4));
    assert!(text(&output.stderr).contains("--ready-file"));
}

#[cfg(unix)]
#[test]
fn the_machine_can_be_described_by_options() {
    let mock = Serving::start(&[
        "--quiet",
        "--metadata",
        "meta-data/tags/instance/Name=web",
        "--source",
        "ecs",
        "--task-role",
        "worker",
    ]);
    let name = mock.ask("GET /latest/meta-data/tags/instance/Name HTTP/1.1\r\n\r\n");
    assert!(name.ends_with("\r\n\r\nweb"), "{name}");
    let uri = mock.value("AWS_CONTAINER_CREDENTIALS_FULL_URI").to_owned();
    let path = uri.strip_prefix(mock.value("AWS_ENDPOINT_URL_STS")).unwrap();
    assert!(
        mock.ask(&format!("GET {path} HTTP/1.1\r\n\r\n"))
            .contains(":role/worker\"")
    );
}

#[cfg(unix)]
#[test]
fn the_key_of_the_user_is_printed_when_asked_for_alone() {
    let mock = Serving::start(&["--source", "env", "--quiet"]);
    assert!(mock.value("AWS_ACCESS_KEY_ID").starts_with("AKIA"));
    assert!(mock.value("AWS_SECRET_ACCESS_KEY").ends_with("EXAMPLEKEY"));
    let mock = Serving::start(&["--source", "eks", "--quiet"]);
    let file = mock.value("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").to_owned();
    assert!(std::fs::exists(&file).unwrap());
    assert_eq!(mock.end("TERM").0, Some(0));
    assert!(!std::fs::exists(&file).unwrap());
}

#[cfg(unix)]
#[test]
fn a_home_goes_with_the_command_unless_it_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let mock = Serving::start(&["--source", "sso", "--quiet"]);
    let ours = mock.value("HOME").to_owned();
    assert!(std::fs::exists(mock.value("AWS_CONFIG_FILE")).unwrap());
    assert_eq!(mock.end("TERM").0, Some(0));
    assert!(!std::fs::exists(&ours).unwrap());
    for _ in 0..2 {
        let mock = Serving::start(&["--source", "login", "--quiet", "--home", home.to_str().unwrap()]);
        assert_eq!(mock.value("AWS_PROFILE"), "mock-login");
        assert!(std::fs::exists(mock.value("AWS_LOGIN_CACHE_DIRECTORY")).unwrap());
        assert_eq!(mock.end("TERM").0, Some(0));
        assert!(
            home.join(".aws/config").is_file(),
            "it stays, and is written over the next time"
        );
    }
    std::fs::write(home.join(".aws/config"), "[default]\n").unwrap();
    let output = run(&["--source", "sso", "--port", "0", "--home", home.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(4));
    assert!(text(&output.stderr).contains("is not one of mock-imds's own"));
    assert_eq!(
        std::fs::read_to_string(home.join(".aws/config")).unwrap(),
        "[default]\n"
    );
}

#[cfg(unix)]
#[test]
fn the_access_log_can_go_to_a_file_and_holds_no_secret() {
    let folder = std::env::temp_dir().join(format!("mock-imds-test-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("access.log");
    let mock = Serving::start(&["--imdsv2", "--access-log", path.to_str().unwrap()]);
    let put = "PUT /latest/api/token HTTP/1.1\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n";
    let answer = mock.ask(put);
    let token = answer.rsplit("\r\n").next().unwrap();
    mock.ask(&format!(
        "GET /latest/meta-data/iam/security-credentials/mock-role HTTP/1.1\r\nX-aws-ec2-metadata-token: {token}\r\n\r\n"
    ));
    assert!(
        mock.ask("GET /latest/ HTTP/1.1\r\n\r\n")
            .starts_with("HTTP/1.1 401 ")
    );
    let (_, _, said) = mock.end("TERM");
    let log = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(log.lines().count(), 3, "{log}");
    assert!(
        log.contains("token#1") && !log.contains(token) && !log.contains("EXAMPLEKEY"),
        "{log}"
    );
    assert!(!said.contains("/latest/api/token"), "{said}");
}

#[cfg(unix)]
#[test]
fn an_open_address_comes_with_a_warning() {
    let mock = Serving::start(&["--hostname", "0.0.0.0", "--quiet"]);
    assert!(
        mock.value("AWS_ENDPOINT_URL_STS")
            .starts_with("http://127.0.0.1:")
    );
    assert!(
        mock.end("INT")
            .2
            .starts_with("warning: other machines can reach this server")
    );
}
