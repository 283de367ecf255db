//! Signatures as AWS itself publishes them, made and checked. Their source stands in `vectors/README.md`.

use std::collections::HashMap;
use std::time::Duration;

use crate::{Authorization, Refusal, SignableRequest, Signer, Verifier};
use credential_core::AwsCredentials;
use time::OffsetDateTime;

#[test]
fn every_request_of_the_published_suite_gets_its_signature_and_is_accepted() {
    let suite = Suite {
        text: include_str!("vectors/signature-v4.txt"),
        now: OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160),
        signer: Signer::new("service", "us-east-1"),
        verifier: Verifier::new("service", "us-east-1"),
        valid_for: Duration::from_secs(3600),
    };
    assert_eq!(suite.run(), 76);
}

#[test]
fn the_worked_examples_of_s3_get_their_signatures_and_are_accepted() {
    let suite = Suite {
        text: include_str!("vectors/s3.txt"),
        now: OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_369_353_600),
        signer: Signer::for_s3("us-east-1"),
        verifier: Verifier::new("s3", "us-east-1"),
        valid_for: Duration::from_secs(86_400),
    };
    assert_eq!(suite.run(), 5);
}

struct Suite {
    text: &'static str,
    now: OffsetDateTime,
    signer: Signer,
    verifier: Verifier,
    valid_for: Duration,
}

impl Suite {
    /// Signs and checks every case; gives the number of signatures compared.
    fn run(&self) -> usize {
        let (mut keys, mut tokens, mut compared) = (None, HashMap::new(), 0);
        for line in self.text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["credentials", id, secret] => keys = Some((id, secret)),
                ["token", name, token] => {
                    tokens.insert(name, token);
                }
                _ => {
                    let (id, secret) = keys.expect("credentials come first");
                    compared += self.case(line, &AwsCredentials::new(id, secret), &tokens);
                }
            }
        }
        compared
    }

    fn case(&self, line: &str, credentials: &AwsCredentials, tokens: &HashMap<&str, &str>) -> usize {
        let columns: Vec<&str> = line.split(" | ").collect();
        let [name, options, target, headers, body, by_header, by_query] = columns[..] else {
            panic!("{line}")
        };
        let (mut signer, mut verifier) = (self.signer.clone(), self.verifier.clone());
        let (mut credentials, mut digest) = (credentials.clone(), false);
        for option in options.split(' ') {
            match option.split_once('=').unwrap_or((option, "")) {
                ("raw", _) => {
                    signer = signer.without_path_normalization();
                    verifier = verifier.without_path_normalization();
                }
                ("digest", _) => digest = true,
                ("length", _) => signer = signer.with_content_length(),
                ("token", which) => credentials = credentials.with_session_token(tokens[which]),
                ("token-after", which) => {
                    credentials = credentials.with_session_token(tokens[which]);
                    signer = signer.with_token_after_signing();
                    verifier = verifier.with_token_after_signing();
                }
                _ => assert_eq!(option, "-", "{line}"),
            }
        }
        let (method, target) = target.split_once(' ').expect("method and target");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers = headers.replace("\\;", "\0").replace('~', "\n");
        let headers: Vec<(String, String)> = headers
            .split("; ")
            .map(|header| header.split_once(':').expect("name and value"))
            .map(|(name, value)| (name.to_owned(), value.replace('\0', ";")))
            .collect();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let body = if body == "-" { "" } else { body }.as_bytes();
        let request = SignableRequest {
            method,
            path,
            query,
            headers: &headers,
            body,
        };
        let accept = |received: &SignableRequest<'_>| {
            let authorization = Authorization::of(received).unwrap().unwrap();
            let check = |secret| verifier.verify(received, &authorization, secret, self.now);
            assert_eq!(check(credentials.secret_access_key()), Ok(()), "{name}");
            let refused = check(&"another".into());
            assert!(
                matches!(refused, Err(Refusal::Signature { .. })),
                "{name}: {refused:?}"
            );
        };

        let mut compared = 0;
        if by_header != "-" {
            let signer = if digest {
                signer.clone().with_payload_header()
            } else {
                signer.clone()
            };
            let signed = signer.sign(&request, &credentials, self.now).expect(name);
            let mut headers = headers.clone();
            headers.extend(
                signed
                    .headers()
                    .iter()
                    .map(|header| (header.name(), header.value())),
            );
            let (_, authorization) = headers.last().expect("authorization");
            let signature = authorization.rsplit("Signature=").next();
            assert_eq!(
                signature,
                Some(by_header),
                "{name}: {}",
                signed.canonical_request()
            );
            accept(&SignableRequest {
                headers: &headers,
                ..request
            });
            compared += 1;
        }
        if by_query != "-" {
            let presigned = signer
                .presign(&request, &credentials, self.now, self.valid_for)
                .expect(name);
            let query = presigned.query().expose();
            let signature = query.rsplit("X-Amz-Signature=").next();
            assert_eq!(
                signature,
                Some(by_query),
                "{name}: {}",
                presigned.canonical_request()
            );
            accept(&SignableRequest { query, ..request });
            compared += 1;
        }
        compared
    }
}
