//! Whole chains: a case is a folder under `scenario/`, and needs no Rust to add.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `variables.json` | the environment: name → value |
//! | `program.json` | what the program says in code: `{profile}` |
//! | `home/` | the home directory, as `home/.aws/config`; the provider gets a copy as `HOME` |
//! | `http.json` | what a server on loopback answers: a list of `{method, path, query, headers, header_parts, contains: [texts in the body], status, answer_headers, body or json}` |
//! | `expect.json` | `{credentials: {…}}`, or `{error: {kind, says: [texts]}}`, and `requests` per `METHOD path` |
//!
//! `${HOME}`, `${URL}` (the server's), `${NOW+3600}`, `${MILLISECONDS+3600}` (since 1970) and `${canary:NAME}` (a secret)
//! are filled in everywhere.

use std::path::{Path, PathBuf};

use credential_chain::{
    CredentialsError, DefaultCredentialsProvider, ProvideAwsCredentials, Variables, format_timestamp,
};
use httpmock::MockServer;
use serde_json::Value;
use tests_support::canary;
use time::OffsetDateTime;

struct Scenario {
    folder: PathBuf,
    home: tempfile::TempDir,
    server: MockServer,
}

impl Scenario {
    fn open(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenario").join(name);
        Self {
            folder,
            home: tempfile::tempdir().unwrap(),
            server: MockServer::start(),
        }
    }

    fn text(&self, file: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.join(file))
            .ok()
            .map(|text| self.fill(&text))
    }

    fn json(&self, file: &str) -> Option<Value> {
        self.text(file)
            .map(|text| serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}")))
    }

    fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').expect("a placeholder ends with }");
            filled.push_str(before);
            filled.push_str(&self.value(name));
            rest = after;
        }
        filled + rest
    }

    fn value(&self, name: &str) -> String {
        match name {
            "HOME" => self.home.path().display().to_string(),
            "URL" => self.server.base_url(),
            _ => {
                if let Some(secret) = name.strip_prefix("canary:") {
                    canary(secret)
                } else if let Some(seconds) = name.strip_prefix("NOW") {
                    instant(seconds.parse().expect("${NOW+seconds}"))
                } else if let Some(seconds) = name.strip_prefix("MILLISECONDS") {
                    milliseconds(seconds.parse().expect("${MILLISECONDS+seconds}"))
                } else {
                    panic!("nobody knows ${{{name}}}")
                }
            }
        }
    }

    fn furnish_home(&self) {
        copy(&self.folder.join("home"), self.home.path(), &|text| {
            self.fill(text)
        });
    }

    fn variables(&self) -> Variables {
        let given = self.json("variables.json").unwrap_or_default();
        let mut pairs = vec![("HOME".to_owned(), self.value("HOME"))];
        for (name, value) in given.as_object().into_iter().flatten() {
            pairs.push((
                name.clone(),
                value.as_str().expect("a variable is a text").to_owned(),
            ));
        }
        pairs.into_iter().collect()
    }

    fn serve(&self) -> Vec<(String, usize)> {
        let mut served = Vec::new();
        for exchange in self
            .json("http.json")
            .unwrap_or_default()
            .as_array()
            .into_iter()
            .flatten()
        {
            let word = |name: &str| exchange.get(name).and_then(Value::as_str);
            let (method, path) = (
                word("method").expect("method").to_owned(),
                word("path").expect("path").to_owned(),
            );
            let mock = self.server.mock(|when, then| {
                let mut when = when.method(method.as_str()).path(&path);
                for (name, value) in exchange
                    .get("headers")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                {
                    when = when.header(name, value.as_str().expect("a header is a text"));
                }
                for (name, part) in exchange
                    .get("header_parts")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                {
                    when = when.header_includes(name, part.as_str().expect("a part of a header is a text"));
                }
                for (name, value) in exchange
                    .get("query")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                {
                    when = when.query_param(name, value.as_str().expect("a query's value is a text"));
                }
                for part in exchange
                    .get("contains")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                {
                    when = when.body_includes(part.as_str().expect("a part of a body is a text"));
                }
                let _ = when;
                let status = exchange.get("status").and_then(Value::as_u64).unwrap_or(200);
                let mut then = then.status(u16::try_from(status).expect("a status"));
                for (name, value) in exchange
                    .get("answer_headers")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                {
                    then = then.header(name, value.as_str().expect("a header is a text"));
                }
                let body = exchange
                    .get("json")
                    .map_or_else(|| word("body").unwrap_or_default().to_owned(), Value::to_string);
                then.body(body);
            });
            served.push((format!("{method} {path}"), mock.id()));
        }
        served
    }
}

fn copy(from: &Path, to: &Path, fill: &dyn Fn(&str) -> String) {
    let Ok(entries) = std::fs::read_dir(from) else {
        return;
    };
    for entry in entries {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target, fill);
        } else {
            let bytes = std::fs::read(entry.path()).unwrap();
            match String::from_utf8(bytes) {
                Ok(text) => std::fs::write(target, fill(&text)).unwrap(),
                Err(other) => std::fs::write(target, other.into_bytes()).unwrap(),
            }
        }
    }
}

/// Now and some seconds; scenarios run on the system's clock, as their servers do.
#[expect(
    clippy::disallowed_methods,
    reason = "the stack under test reads the system's clock, so the answers must match it"
)]
fn from_now(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::now_utc() + time::Duration::seconds(seconds)
}

fn milliseconds(seconds: i64) -> String {
    (from_now(seconds).unix_timestamp_nanos() / 1_000_000).to_string()
}

/// In RFC 3339.
fn instant(seconds: i64) -> String {
    format_timestamp(from_now(seconds))
}

fn says(error: &CredentialsError) -> String {
    error.report().to_string()
}

async fn run(name: &str) {
    let scenario = Scenario::open(name);
    scenario.furnish_home();
    let served = scenario.serve();
    let expected = scenario
        .json("expect.json")
        .unwrap_or_else(|| panic!("{name} expects nothing"));

    let builder = DefaultCredentialsProvider::builder().variables(scenario.variables());
    let program = scenario.json("program.json").unwrap_or_default();
    let provider = match program.get("profile").and_then(Value::as_str) {
        Some(profile) => builder.profile_name(profile).build(),
        None => builder.build(),
    };
    let answer = provider.credentials().await;

    match (&answer, expected.get("credentials"), expected.get("error")) {
        (Ok(credentials), Some(expected), _) => {
            let found = [
                ("AccessKeyId", Some(credentials.access_key_id())),
                ("SecretAccessKey", Some(credentials.secret_access_key().expose())),
                (
                    "SessionToken",
                    credentials.session_token().map(credential_chain::Secret::expose),
                ),
                ("AccountId", credentials.account_id()),
                ("Source", Some(credentials.source())),
            ];
            for (field, found) in found {
                if let Some(expected) = expected.get(field) {
                    assert_eq!(found, expected.as_str(), "{name}: {field}");
                }
            }
        }
        (Err(error), _, Some(expected)) => {
            let text = says(error);
            assert!(
                !tests_support::leaks(&text) && !tests_support::leaks(&format!("{error:?}")),
                "{name} leaks"
            );
            if let Some(kind) = expected.get("kind").and_then(Value::as_str) {
                assert_eq!(format!("{:?}", error.kind()), kind, "{name}: {text}");
            }
            for word in expected
                .get("says")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                let word = word.as_str().expect("a text");
                assert!(text.contains(word), "{name}: {text:?} does not say {word:?}");
            }
        }
        _ => panic!(
            "{name}: {}",
            answer.map_or_else(|error| says(&error), |credentials| format!("{credentials:?}"))
        ),
    }
    for (request, count) in expected
        .get("requests")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let seen: usize = served
            .iter()
            .filter(|(name, _)| name == request)
            .map(|(_, id)| httpmock::Mock::new(*id, &scenario.server).calls())
            .sum();
        assert_eq!(Some(seen as u64), count.as_u64(), "{name}: {request}");
    }
}

#[tokio::test]
async fn every_scenario_ends_as_it_expects() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenario");
    let mut names: Vec<String> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() > 10, "the scenarios are gone: {names:?}");
    for name in names {
        run(&name).await;
    }
}
