mod hosts;
mod task_metadata;

use serde_json::json;
use time::OffsetDateTime;

use crate::answer::Answer;
use crate::published::Endpoint;
use crate::request::Request;
use crate::service_account::ServiceAccountTokens;
use crate::state::Shared;
use crate::{Step, clock, jwt};

pub(crate) use hosts::{Host, HostTokens, answer as host};
pub(crate) use task_metadata::answer as task_metadata;

/// What the two agents keep.
pub(crate) struct Agents {
    pub(crate) ecs_bucket: Bucket,
    pub(crate) eks_bucket: Bucket,
    pub(crate) tokens: ServiceAccountTokens,
}

/// A token bucket: so many at once, so many a second.
pub(crate) struct Bucket {
    burst: f64,
    rate: f64,
    level: f64,
    seen: OffsetDateTime,
}

impl Bucket {
    pub(crate) fn new(burst: f64, rate: f64, now: OffsetDateTime) -> Self {
        Self {
            burst,
            rate,
            level: burst,
            seen: now,
        }
    }

    fn take(&mut self, now: OffsetDateTime) -> bool {
        let passed = (now - self.seen).as_seconds_f64().max(0.0);
        self.seen = now;
        self.level = (self.level + passed * self.rate).min(self.burst);
        let has = self.level >= 1.0;
        if has {
            self.level -= 1.0;
        }
        has
    }
}

/// What a path is for, if it is one of an agent's.
pub(crate) fn step(segments: &[&str]) -> Option<Step> {
    match segments {
        ["v2", "credentials", ..] | ["creds"] | ["role", _] | ["role-arn", ..] => Some(Step::EcsCredentials),
        ["v1", "credentials"] => Some(Step::EksCredentials),
        ["v3" | "v4", _, ..] => Some(Step::TaskMetadata),
        _ => None,
    }
}

/// The answer of the ECS agent, and of the programs that stand in for it on laptops.
///
/// AWS: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html>
pub(crate) fn ecs(shared: &Shared, request: &Request, segments: &[&str]) -> Answer {
    let settings = &shared.settings;
    if !request.is_read() {
        return Answer::new(405, "text/plain", "method not allowed").header("allow", "GET, HEAD");
    }
    if settings.throttles && !shared.state().agents.ecs_bucket.take(shared.clock.now()) {
        return Answer::new(429, "text/plain", "You have reached maximum request limit.");
    }
    if let Some(wanted) = &settings.ecs_authorization
        && request.header("authorization") != Some(wanted)
    {
        let body = json!({"Message": "invalid Authorization token"}).to_string();
        return Answer::new(403, "application/json", body);
    }
    let own_role_arn = |arn: &str| {
        let name = arn.rsplit('/').next().unwrap_or_default();
        (settings.role_arn(name) == arn).then(|| name.to_owned())
    };
    let task = &settings.task;
    let whose = match segments {
        ["v2", "credentials"] | ["v2", "credentials", ""] => {
            return ecs_error(400, "NoIdInRequest", "CredentialsV2Request: No ID in the request");
        }
        ["v2", "credentials", id] => settings.task_of(id).cloned(),
        ["creds"] => Some(task.clone()),
        ["role", name] if !name.is_empty() => Some(task.with_role(name)),
        ["role-arn", arn @ ..] => own_role_arn(&arn.join("/")).map(|name| task.with_role(&name)),
        _ => None,
    };
    let Some(task) = whose else {
        return ecs_error(
            400,
            "InvalidIdInRequest",
            "CredentialsV2Request: Credentials not found",
        );
    };
    let document = shared.document_for(Endpoint::Ecs, &task.role, &task.id);
    let body = json!({
        "RoleArn": document.role_arn,
        "AccessKeyId": document.key.access_key_id(),
        "SecretAccessKey": document.key.secret_access_key(),
        "Token": document.key.session_token(),
        "Expiration": clock::rfc3339(document.end),
    });
    Answer::new(200, "application/json", body.to_string())
        .header("x-rate-limit-limit", "40")
        .header("x-rate-limit-duration", "1")
        .header("x-rate-limit-request-remote-addr", "127.0.0.1")
}

/// An error in the ECS agent's own form.
pub(crate) fn ecs_error(status: u16, code: &str, message: &str) -> Answer {
    let body = json!({"code": code, "message": message, "HTTPErrorCode": status});
    Answer::new(status, "application/json", body.to_string())
}

/// The answer of the EKS Pod Identity agent.
///
/// AWS: <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html>
pub(crate) fn eks(shared: &Shared, request: &Request) -> Answer {
    let refuse = |status, text: &str| Answer::new(status, "text/plain", text);
    let now = shared.clock.now();
    if !request.is_read() {
        return refuse(405, "method not allowed");
    }
    if shared.settings.strict_eks_host && !is_agent_address(request, shared) {
        return refuse(403, "Called agent through an unexpected address");
    }
    if shared.settings.throttles && !shared.state().agents.eks_bucket.take(now) {
        return refuse(429, "too many requests");
    }
    let token = request.header("authorization").unwrap_or_default();
    if token.is_empty() {
        return refuse(400, "Service account token cannot be empty");
    }
    if !jwt::is_one(token) {
        return refuse(400, "Service account token cannot be parsed");
    }
    if !shared.state().agents.tokens.is_good(token, now) {
        return refuse(400, "Service account token is expired or unknown");
    }
    let document = shared.document(Endpoint::Eks, &shared.settings.task.role);
    let body = json!({
        "AccessKeyId": document.key.access_key_id(),
        "SecretAccessKey": document.key.secret_access_key(),
        "Token": document.key.session_token(),
        "AccountId": shared.settings.account,
        "Expiration": clock::rfc3339_nanoseconds(document.end),
    });
    Answer::new(200, "application/json", body.to_string())
}

/// The agent wants to be called by one of its two addresses; the mock's own stands in for them.
fn is_agent_address(request: &Request, shared: &Shared) -> bool {
    let host = crate::host::without_port(request.header("host").unwrap_or_default());
    host == "169.254.170.23" || host == "[fd00:ec2::23]" || host == crate::host::literal(shared.address.ip())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut bucket = Bucket::new(60.0, 40.0, now);
        assert_eq!((0..61).filter(|_| bucket.take(now)).count(), 60);
        let later = now + Duration::from_millis(50);
        assert_eq!((0..5).filter(|_| bucket.take(later)).count(), 2);
    }
}
