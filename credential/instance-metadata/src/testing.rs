//! Instance metadata by script, and what the tests of this crate share.

use std::time::Duration;

use credential_core::Variables;
use tests_support::{FixedRandom, ManualClock, PausingClock, Received, Reply, Server, canary};
use tokio::net::TcpListener;

use crate::InstanceMetadataProvider;

pub(crate) const LIST: &str = "/latest/meta-data/iam/security-credentials/";
pub(crate) const EXTENDED_LIST: &str = "/latest/meta-data/iam/security-credentials-extended/";
pub(crate) const ROLE: &str = "/latest/meta-data/iam/security-credentials/web";
pub(crate) const TOKEN: &str = "/latest/api/token";

/// A whole answer, after which the server closes the connection, as EC2 does.
pub(crate) fn reply(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Reply {
    Reply::Answer {
        status,
        headers: headers.to_owned(),
        body: body.as_ref().to_vec(),
    }
}

pub(crate) fn ok(body: impl AsRef<[u8]>) -> Reply {
    reply(200, "", body)
}

/// Instance metadata with one role, `web`, whose n-th token ends in n. What `special` answers comes first; it hears
/// how often this very request came, from 1.
pub(crate) async fn imds(
    mut special: impl FnMut(&Received, usize) -> Option<Reply> + Send + 'static,
) -> Server {
    let mut counts = std::collections::HashMap::new();
    Server::deciding(move |_, request| {
        let count = counts
            .entry(format!("{} {}", request.method, request.target))
            .and_modify(|count| *count += 1)
            .or_insert(1);
        let normal = || match (request.method.as_str(), request.target.as_str()) {
            ("PUT", TOKEN) => reply(
                200,
                "Server: EC2ws\r\nX-aws-ec2-metadata-token-ttl-seconds: 21600\r\n",
                token(*count),
            ),
            ("GET", LIST) => ok("web"),
            ("GET", ROLE) => ok(document("web")),
            _ => reply(404, "", "<html>404</html>"),
        };
        special(request, *count).unwrap_or_else(normal)
    })
    .await
}

/// What instance metadata was asked.
pub(crate) trait Asked {
    /// Methods and paths, in order.
    fn lines(&self) -> Vec<String>;

    /// How often this was asked for.
    fn count(&self, line: &str) -> usize {
        self.lines().iter().filter(|seen| *seen == line).count()
    }

    /// A provider that asks this server, with its clock wound by hand and no pauses.
    fn provider(&self) -> InstanceMetadataProvider;
}

impl Asked for Server {
    fn lines(&self) -> Vec<String> {
        self.received().iter().map(Received::line).collect()
    }

    fn provider(&self) -> InstanceMetadataProvider {
        provider().with_endpoint(&self.url)
    }
}

/// The n-th token.
pub(crate) fn token(n: usize) -> String {
    format!("{}{n}", canary("imds token"))
}

/// A good document for a role.
pub(crate) fn document(role: &str) -> String {
    format!(
        r#"{{"Code": "Success", "LastUpdated": "2030-01-01T11:00:00Z", "Type": "AWS-HMAC",
  "AccessKeyId": "ASIA{role}", "SecretAccessKey": "{}", "Token": "{}", "Expiration": "2030-01-01T18:00:00Z"}}"#,
        canary("secret"),
        canary("session token"),
    )
}

pub(crate) fn provider() -> InstanceMetadataProvider {
    InstanceMetadataProvider::new()
        .with_variables(no_variables())
        .with_clock(ManualClock::new())
        .with_random(FixedRandom(0.0))
}

pub(crate) fn no_variables() -> Variables {
    Variables::none()
}

/// A port at which nothing listens.
pub(crate) async fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// A clock wound by hand but for pauses between attempts: no limit is as short as the longest of them.
pub(crate) fn pausing_clock() -> PausingClock {
    PausingClock::of(&ManualClock::new(), Duration::from_millis(1001))
}
