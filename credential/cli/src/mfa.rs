use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::sync::{Arc, Mutex, PoisonError};

use credential_chain::{MfaPrompt, RoleHop};
use snafu::{OptionExt, ResultExt, Snafu};

use crate::format::shell_word;
use crate::terminal::Terminal;

/// How often somebody may type something other than six digits.
const TRIES: usize = 3;

/// Which profiles ask for which device, so that the person who is asked knows.
#[derive(Clone, Default)]
pub(crate) struct Devices(Arc<Mutex<BTreeMap<String, Vec<String>>>>);

/// Why there is no code.
#[derive(Debug, Snafu)]
enum Error {
    #[snafu(display(
        "mfa_serial of profile {} asks for its code, and there is no terminal to ask at; run `credential export \
         --profile {}` in one: its session then serves here too",
        names(profiles),
        shell_word(profiles.first().map_or("", String::as_str))
    ))]
    NoTerminal { profiles: Vec<String> },
    #[snafu(display("the terminal takes no code"))]
    Terminal { source: io::Error },
    #[snafu(display("nothing was typed"))]
    Nothing,
    #[snafu(display("none of the {TRIES} answers was six digits"))]
    NoCode,
    #[snafu(display("the system starts no thread to wait at the terminal"))]
    Thread { source: io::Error },
    #[snafu(display("the terminal was given up"))]
    GivenUp,
}

impl Devices {
    /// Remembers whose device it is.
    pub(crate) fn note(&self, hop: &RoleHop) {
        if let Some(serial) = hop.mfa_serial() {
            let mut devices = self.lock();
            let profiles = devices.entry(serial.to_owned()).or_default();
            if profiles.iter().all(|profile| profile != hop.profile()) {
                profiles.push(hop.profile().to_owned());
            }
        }
    }

    /// Asks at the terminal, on a thread of its own: nobody can stop a terminal from being read.
    pub(crate) fn prompt(&self) -> MfaPrompt {
        let devices = self.clone();
        MfaPrompt::new(move |serial: String| {
            let profiles = devices.lock().get(&serial).cloned().unwrap_or_default();
            async move {
                let (answer, answered) = tokio::sync::oneshot::channel();
                std::thread::Builder::new()
                    .spawn(move || {
                        let code = Terminal::open()
                            .context(NoTerminalSnafu { profiles: &*profiles })
                            .and_then(|mut terminal| ask(&mut terminal, &serial, &profiles));
                        // Nobody waits any more when that took too long.
                        let _ = answer.send(code);
                    })
                    .context(ThreadSnafu)?;
                answered.await.unwrap_or_else(|_| GivenUpSnafu.fail())
            }
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Vec<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ask<R: BufRead, W: Write>(
    terminal: &mut Terminal<R, W>,
    serial: &str,
    profiles: &[String],
) -> Result<String, Error> {
    let question = format!("MFA code of {serial} for profile {}: ", names(profiles));
    for _ in 0..TRIES {
        terminal.say(&question).context(TerminalSnafu)?;
        let Some(line) = terminal.line().context(TerminalSnafu)? else {
            // The person's cursor stands behind the question.
            let _ = terminal.say("\n");
            return NothingSnafu.fail();
        };
        let code: String = line.chars().filter(|letter| !letter.is_whitespace()).collect();
        if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(code);
        }
        terminal
            .say("A code is six digits; the device shows a new one every 30 seconds.\n")
            .context(TerminalSnafu)?;
    }
    NoCodeSnafu.fail()
}

/// `ops` and `far`
fn names(profiles: &[String]) -> String {
    let names: Vec<String> = profiles.iter().map(|profile| format!("`{profile}`")).collect();
    names.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(input: &str) -> (Result<String, Error>, String) {
        let mut output = Vec::new();
        let mut terminal = Terminal::of(input.as_bytes(), &mut output);
        let code = ask(&mut terminal, "arn:mfa/jo", &["ops".to_owned(), "far".to_owned()]);
        (code, String::from_utf8(output).unwrap())
    }

    #[test]
    fn a_code_may_have_blanks_and_a_typing_mistake_before_it() {
        for (input, questions) in [
            ("123456\n", 1),
            ("  123 456 \r\n", 1),
            ("123456", 1),
            ("12345\n123456\n", 2),
            ("\nno idea\n123456\n", 3),
        ] {
            let (code, said) = asked(input);
            assert_eq!(code.unwrap(), "123456", "{input:?}");
            assert_eq!(
                said.matches("MFA code of arn:mfa/jo for profile `ops` and `far`: ")
                    .count(),
                questions,
                "{said}"
            );
        }
    }

    #[test]
    fn three_wrong_answers_or_none_are_an_error() {
        for (input, says) in [
            ("1\n2\n3\n123456\n", "none of the 3 answers was six digits"),
            ("", "nothing was typed"),
            ("12\n", "nothing was typed"),
            (
                "１２３４５６\na\n1234567\n",
                "none of the 3 answers was six digits",
            ),
        ] {
            let (code, _) = asked(input);
            assert_eq!(code.unwrap_err().to_string(), says, "{input:?}");
        }
    }

    #[test]
    fn an_endless_line_is_cut() {
        let (code, said) = asked(&"1".repeat(1_000_000));
        assert!(code.is_err() && said.len() < 1000, "{said}");
    }
}
