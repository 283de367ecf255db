//! Any bytes as an answer of STS: a role, a session, an identity or a refusal.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| credential_sts::fuzzing::answer(body));
