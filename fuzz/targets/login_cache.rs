//! Any text as the cache file of a sign-in session: what is read is written so that it reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| credential_login::fuzzing::cache_file(text));
