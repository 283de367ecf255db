//! Any text as the token file of an IAM Identity Center session: what is read is written so that it reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| credential_sso::fuzzing::token_file(text));
