//! What profiles ask for, fulfilled: who is asked, how often, and what becomes of a failure.

use httpmock::MockServer;

use super::*;

mod codes;
mod endpoint;
mod failing;
mod limits;
mod plan;
mod sessions;
mod sources;

const STS: &str = "AWS_ENDPOINT_URL_STS";

/// STS, with a role for each key that signs.
struct Sts(MockServer);

impl Sts {
    fn start() -> Self {
        Self(MockServer::start())
    }

    /// Gives `key` to whoever assumes the role with `signer`; how often tells the mock.
    fn gives(&self, signer: &str, role: &str, key: &str) -> httpmock::Mock<'_> {
        self.0.mock(|when, then| {
            when.method("POST")
                .header_includes("authorization", format!("Credential={signer}/"))
                .body_includes(format!("%3Arole%2F{role}&"));
            then.status(200).body(session(key));
        })
    }

    fn home(&self, config: &str) -> (Home, String) {
        (Home::new(config, &profile("base", "BASE")), self.0.base_url())
    }
}

fn session(key: &str) -> String {
    let secret = canary(key);
    format!(
        "<R><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>\
         <SessionToken>{secret}</SessionToken><Expiration>2040-01-01T00:00:00Z</Expiration></Credentials>\
         </AssumeRoleResult></R>"
    )
}

fn role(profile: &str, rest: &str) -> String {
    format!("[{profile}]\nrole_arn = arn:aws:iam::123456789012:role/{profile}\nregion = eu-west-1\n{rest}\n")
}

/// The outermost role `default` is assumed with `inner`, and that with `base`.
fn two_roles() -> String {
    role("default", "source_profile = inner")
        + &role("profile inner", "source_profile = base").replace("role/profile ", "role/")
}
