use serde_json::json;

use crate::answer::Answer;
use crate::published::{Document, Endpoint};
use crate::random::Random;
use crate::request::Request;
use crate::state::Shared;
use crate::{base64, clock};

/// Where a container or function runs, besides ECS and EKS: each hands out credentials at a path of its own, for a
/// token that it has put into the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Greengrass,
    SnapStart,
    CloudShell,
}

/// What each of them demands as `Authorization`. They are secrets.
pub(crate) struct HostTokens {
    greengrass: String,
    snap_start: String,
    cloud_shell: String,
}

impl HostTokens {
    pub(crate) fn new(mut random: Random) -> Self {
        let mut token = || format!("{}EXAMPLETOKEN", base64::url_unpadded(&random.bytes::<30>()));
        Self {
            greengrass: token(),
            snap_start: token(),
            cloud_shell: token(),
        }
    }

    pub(crate) fn of(&self, host: Host) -> &str {
        match host {
            Host::Greengrass => &self.greengrass,
            Host::SnapStart => &self.snap_start,
            Host::CloudShell => &self.cloud_shell,
        }
    }
}

impl Host {
    const ALL: [Self; 3] = [Self::Greengrass, Self::SnapStart, Self::CloudShell];

    /// The final slash of Greengrass is part of its path.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Greengrass => "/2016-11-01/credentialprovider/",
            Self::SnapStart => "/2021-04-23/credentials",
            Self::CloudShell => "/latest/meta-data/container/security-credentials",
        }
    }

    /// Whose path a request is for. CloudShell's stands among those of instance metadata, which knows no
    /// `Authorization`: without one it is none of CloudShell's.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        let host = Self::ALL.into_iter().find(|host| host.path() == request.path)?;
        (host != Self::CloudShell || request.has_header("authorization")).then_some(host)
    }

    fn endpoint(self) -> Endpoint {
        match self {
            Self::Greengrass => Endpoint::Greengrass,
            Self::SnapStart => Endpoint::SnapStart,
            Self::CloudShell => Endpoint::CloudShell,
        }
    }
}

/// The answer of one of them.
///
/// AWS: <https://docs.aws.amazon.com/greengrass/v2/developerguide/interact-with-aws-services.html>
pub(crate) fn answer(shared: &Shared, request: &Request) -> Answer {
    let Some(host) = Host::of(request) else {
        return Answer::new(404, "text/plain", "not found");
    };
    if !request.is_read() {
        return Answer::new(405, "text/plain", "method not allowed").header("allow", "GET, HEAD");
    }
    if request.header("authorization") != Some(shared.host_tokens.of(host)) {
        return Answer::new(403, "text/plain", "Bad auth token");
    }
    let document = shared.document(host.endpoint(), &shared.settings.task.role);
    let body = match host {
        Host::Greengrass | Host::SnapStart => one_line(&document),
        Host::CloudShell => with_tabs(&document),
    };
    Answer::new(200, "application/json", body)
}

fn one_line(document: &Document) -> String {
    let body = json!({
        "AccessKeyId": document.key.access_key_id(),
        "SecretAccessKey": document.key.secret_access_key(),
        "Token": document.key.session_token(),
        "Expiration": clock::rfc3339(document.end),
    });
    body.to_string()
}

/// With an empty `Type`, as CloudShell has it.
fn with_tabs(document: &Document) -> String {
    let key = &document.key;
    let lines: Vec<String> = [
        ("Type", ""),
        ("AccessKeyId", key.access_key_id()),
        ("SecretAccessKey", key.secret_access_key()),
        ("Token", key.session_token().unwrap_or_default()),
        ("Expiration", &clock::rfc3339(document.end)),
        ("Code", "Success"),
    ]
    .map(|(name, value)| format!("\t\"{name}\": {}", json!(value)))
    .into();
    format!("{{\n{}\n}}", lines.join(",\n"))
}
