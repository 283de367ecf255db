use credential_core::AwsCredentials;
use tests_support::canary;

use super::*;
use crate::{Presigned, Signer};

mod accepted;
mod malformed;
mod properties;
mod refused;
mod signed;
mod validity;

fn noon() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_893_499_200)
}

fn secret() -> Secret {
    canary("verifier").into()
}

/// A request with texts of its own, so that a test can change them.
#[derive(Clone, Debug)]
struct Sent {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Sent {
    fn get() -> Self {
        Self {
            method: "GET".into(),
            path: "/".into(),
            query: "Action=GetCallerIdentity&Version=2011-06-15".into(),
            headers: vec![("Host".into(), "localhost:1338".into())],
            body: Vec::new(),
        }
    }

    fn with<T>(&self, look: impl FnOnce(&SignableRequest<'_>) -> T) -> T {
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(n, v)| (&**n, &**v)).collect();
        look(&SignableRequest {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &headers,
            body: &self.body,
        })
    }

    fn signed(mut self, signer: &Signer, credentials: &AwsCredentials) -> Self {
        let signed = self.with(|request| signer.sign(request, credentials, noon()).unwrap());
        for header in signed.headers() {
            self.set(header.name(), header.value());
        }
        self
    }

    fn presigned(mut self, signer: &Signer, credentials: &AwsCredentials, seconds: u64) -> Self {
        let presigned: Presigned = self.with(|request| {
            signer
                .presign(request, credentials, noon(), Duration::from_secs(seconds))
                .unwrap()
        });
        self.query = presigned.query().expose().to_owned();
        self
    }

    fn set(&mut self, name: &str, value: &str) {
        self.headers
            .retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    fn replace(&mut self, name: &str, from: &str, to: &str) {
        for (other, value) in &mut self.headers {
            if other == name {
                assert!(value.contains(from), "{value}");
                *value = value.replace(from, to);
            }
        }
    }

    fn authorization(&self) -> Result<Authorization, Refusal> {
        self.with(|request| Authorization::of(request).map(|found| found.expect("signed")))
    }

    fn verify_at(&self, verifier: &Verifier, now: OffsetDateTime) -> Result<(), Refusal> {
        let authorization = self.authorization()?;
        self.with(|request| verifier.verify(request, &authorization, &secret(), now))
    }

    fn verify(&self) -> Result<(), Refusal> {
        self.verify_at(&Verifier::new("sts", "us-east-1"), noon())
    }
}

fn credentials() -> AwsCredentials {
    AwsCredentials::new("AKIDEXAMPLE", secret()).with_session_token(canary("token"))
}

fn signer() -> Signer {
    Signer::new("sts", "us-east-1")
}

fn by_header() -> Sent {
    Sent::get().signed(&signer(), &credentials())
}

fn by_query() -> Sent {
    Sent::get().presigned(&signer(), &credentials(), 3600)
}
