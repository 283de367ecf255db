//! What the fuzzer holds the splitting of command lines to.

use crate::split::{split_unix, split_windows};

/// No panic, no empty answer, and on Unix no more letters than were given.
pub fn words(line: &str) {
    for words in [split_unix(line), split_windows(line)].into_iter().flatten() {
        assert!(words.first().is_some_and(|program| !program.is_empty()));
        assert!(words.iter().map(String::len).sum::<usize>() <= line.len());
    }
    // Words without anything special come back as they are, on both platforms alike.
    let plain = line
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || letter == ' ');
    if plain && let Ok(words) = split_unix(line) {
        assert_eq!(words, line.split_ascii_whitespace().collect::<Vec<_>>());
        assert_eq!(split_windows(line).ok(), Some(words));
    }
}
