//! A client without opinions: it sends the bytes it is given and shows the bytes it gets.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use credential_core::AwsCredentials;
use credential_sigv4::{SignableRequest, Signer, form_encode};
use mock_imds::{AccessKey, MockImds};
use time::OffsetDateTime;

/// Noon on the first of January 2030.
pub(crate) fn noon() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_893_499_200)
}

pub(crate) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        Self {
            status: status.unwrap_or_else(|| panic!("no status in {text:?}")),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (theirs, value) = line.split_once(": ")?;
            theirs.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The text of the first element of this name.
    pub(crate) fn element(&self, name: &str) -> &str {
        let (start, end) = (format!("<{name}>"), format!("</{name}>"));
        let inside = self
            .body
            .split_once(&start)
            .and_then(|(_, rest)| rest.split_once(&end));
        inside.unwrap_or_else(|| panic!("no {name} in {}", self.body)).0
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON in {self:?}"))
    }

    /// The text of a member of a JSON document.
    pub(crate) fn member(&self, name: &str) -> String {
        let document: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        document[name].as_str().unwrap().to_owned()
    }
}

pub(crate) fn connect(mock: &MockImds) -> TcpStream {
    let stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], mock.port()))).unwrap();
    stream.set_read_timeout(Some(seconds(20))).unwrap();
    stream
}

/// Sends these very bytes and reads to the end.
pub(crate) fn raw(mock: &MockImds, bytes: impl AsRef<[u8]>) -> String {
    let mut stream = connect(mock);
    // A server that has heard enough may close before it has read it all.
    let _ = stream.write_all(bytes.as_ref());
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// One request: `"GET /path"` and its headers, without a body.
pub(crate) fn ask(mock: &MockImds, line: &str, headers: &[(&str, &str)]) -> Reply {
    let mut text = format!("{line} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n", mock.port());
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    Reply::parse(&raw(mock, text + "\r\n"))
}

pub(crate) const TOKEN: &str = "X-aws-ec2-metadata-token";
pub(crate) const TOKEN_SECONDS: &str = "X-aws-ec2-metadata-token-ttl-seconds";
pub(crate) const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

pub(crate) fn token(mock: &MockImds) -> String {
    let reply = ask(mock, "PUT /latest/api/token", &[(TOKEN_SECONDS, "21600")]);
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.body
}

/// Reads a path with a token of its own.
pub(crate) fn get(mock: &MockImds, path: &str) -> Reply {
    ask(mock, &format!("GET {path}"), &[(TOKEN, &token(mock))])
}

/// What instance metadata hands out for the default role.
pub(crate) fn role_credentials(mock: &MockImds) -> AwsCredentials {
    let reply = get(mock, &format!("{ROLES}mock-role"));
    AwsCredentials::new(reply.member("AccessKeyId"), reply.member("SecretAccessKey"))
        .with_session_token(reply.member("Token"))
}

pub(crate) fn user(mock: &MockImds) -> AwsCredentials {
    credentials(mock.user())
}

pub(crate) fn credentials(key: &AccessKey) -> AwsCredentials {
    let credentials = AwsCredentials::new(key.access_key_id(), key.secret_access_key());
    match key.session_token() {
        Some(token) => credentials.with_session_token(token),
        None => credentials,
    }
}

/// The credentials in an answer of STS.
pub(crate) fn session(reply: &Reply) -> AwsCredentials {
    assert_eq!(reply.status, 200, "{reply:?}");
    AwsCredentials::new(reply.element("AccessKeyId"), reply.element("SecretAccessKey"))
        .with_session_token(reply.element("SessionToken"))
}

/// A signed call, by the clock of the server.
pub(crate) fn sts(mock: &MockImds, by: &AwsCredentials, action: &str, rest: &[(&str, &str)]) -> Reply {
    let signer = Signer::new("sts", mock.region());
    call(
        mock,
        &signer,
        by,
        &form(action, "2011-06-15", rest),
        mock.clock().now(),
    )
}

pub(crate) fn ec2(mock: &MockImds, by: &AwsCredentials, rest: &[(&str, &str)]) -> Reply {
    ec2_call(mock, by, "DescribeSpotInstanceRequests", rest)
}

pub(crate) fn ec2_call(mock: &MockImds, by: &AwsCredentials, action: &str, rest: &[(&str, &str)]) -> Reply {
    let signer = Signer::new("ec2", mock.region());
    let form = form(action, "2016-11-15", rest);
    call(mock, &signer, by, &form, mock.clock().now())
}

pub(crate) fn who(mock: &MockImds, by: &AwsCredentials) -> Reply {
    sts(mock, by, "GetCallerIdentity", &[])
}

pub(crate) fn assume(mock: &MockImds, by: &AwsCredentials, rest: &[(&str, &str)]) -> Reply {
    let role = mock.role_arn("deploy");
    let mut all = vec![("RoleArn", role.as_str()), ("RoleSessionName", "nightly")];
    all.retain(|(name, _)| !rest.iter().any(|(other, _)| other == name));
    all.extend(rest);
    sts(mock, by, "AssumeRole", &all)
}

pub(crate) fn form(action: &str, version: &str, rest: &[(&str, &str)]) -> String {
    let mut pairs = vec![("Action", action), ("Version", version)];
    pairs.extend(rest);
    form_encode(&pairs)
}

/// A signed POST of a form.
pub(crate) fn call(
    mock: &MockImds,
    signer: &Signer,
    by: &AwsCredentials,
    form: &str,
    now: OffsetDateTime,
) -> Reply {
    let host = format!("127.0.0.1:{}", mock.port());
    let headers = [
        ("host", host.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let request = SignableRequest {
        method: "POST",
        path: "/",
        query: "",
        headers: &headers,
        body: form.as_bytes(),
    };
    let signed = signer.sign(&request, by, now).unwrap();
    let mut all: Vec<(&str, &str)> = headers.to_vec();
    all.extend(
        signed
            .headers()
            .iter()
            .map(|header| (header.name(), header.value())),
    );
    post(mock, &all, form)
}

/// A POST of a JSON document to a path.
pub(crate) fn post_json(mock: &MockImds, path: &str, body: &serde_json::Value) -> Reply {
    send(mock, &format!("POST {path}"), &[], &body.to_string())
}

/// One request with a body.
pub(crate) fn send(mock: &MockImds, line: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut text = format!("{line} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n", mock.port());
    text += &format!("Content-Length: {}\r\n", body.len());
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    Reply::parse(&raw(mock, text + "\r\n" + body))
}

pub(crate) fn post(mock: &MockImds, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut text = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    Reply::parse(&raw(mock, text + "\r\n" + body))
}
