//! Any command line, split as on Unix and as on Windows.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| credential_process::fuzzing::words(line));
