use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tests_support::canary;

/// A home directory, and the command run in it with nothing of the machine's own environment.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn new(config: &str, credentials: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        let folder = home.path().join(".aws");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("config"), config).unwrap();
        std::fs::write(folder.join("credentials"), credentials).unwrap();
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_credential"));
        command
            .args(line.split_whitespace())
            .env_clear()
            .env("HOME", self.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, line: &str) -> Ended {
        Ended::of(self.command(line).output().unwrap())
    }

    pub(crate) fn run_with(&self, line: &str, variables: &[(&str, &str)]) -> Ended {
        Ended::of(
            self.command(line)
                .envs(variables.iter().copied())
                .output()
                .unwrap(),
        )
    }

    /// Runs the command at a terminal of its own, where somebody types this; gives back what the terminal shows.
    #[cfg(target_os = "linux")]
    pub(crate) fn at_a_terminal(&self, line: &str, variables: &[(&str, &str)], typed: &str) -> String {
        let binary = env!("CARGO_BIN_EXE_credential");
        let mut child = Command::new("script")
            .args(["-q", "-e", "-c", &format!("'{binary}' {line}"), "/dev/null"])
            .env_clear()
            .env("HOME", self.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("SHELL", "/bin/sh")
            .envs(variables.iter().copied())
            .current_dir(self.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    pub(crate) fn of(output: Output) -> Self {
        let ended = Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!tests_support::leaks(&ended.err), "{}", ended.err);
        ended
    }
}

/// Static keys, their secret a canary.
pub(crate) fn profile(name: &str, access_key_id: &str) -> String {
    format!(
        "[{name}]\naws_access_key_id = {access_key_id}\naws_secret_access_key = {}\n",
        canary(access_key_id)
    )
}

/// Answers one request with this body, and gives back what was asked.
pub(crate) fn serve_once(status: &'static str, body: String) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        while !String::from_utf8_lossy(&request).contains("Action=") {
            let count = stream.read(&mut buffer).unwrap();
            assert!(count > 0, "the request ended early");
            request.extend_from_slice(&buffer[..count]);
        }
        write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        String::from_utf8_lossy(&request).into_owned()
    });
    (url, server)
}

/// Runs it in a session of its own, where no terminal can be opened.
#[cfg(target_os = "linux")]
pub(crate) fn without_terminal(command: &Command) -> Ended {
    let mut alone = Command::new("setsid");
    alone
        .arg("--wait")
        .arg(command.get_program())
        .args(command.get_args());
    alone.env_clear().stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            alone.env(name, value);
        }
    }
    Ended::of(alone.output().unwrap())
}
