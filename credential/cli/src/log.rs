use std::fmt;
use std::sync::{Mutex, PoisonError};

use credential_chain::{Variables, is_invisible};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// The variable that switches the log on.
const VARIABLE: &str = "CREDENTIAL_LOG";

/// Logs to standard error when `CREDENTIAL_LOG` says what, as `debug` or `credential_http=trace`.
pub(crate) fn start(variables: &Variables) {
    let Ok(Some(wish)) = variables.get(VARIABLE) else {
        return;
    };
    match EnvFilter::try_new(&wish) {
        Ok(filter) => {
            let subscriber = tracing_subscriber::fmt()
                .with_env_filter(filter)
                .with_writer(std::io::stderr)
                .with_ansi(false);
            // Somebody else's subscriber would serve as well.
            let _ = subscriber.try_init();
        }
        // A mistyped wish for a log is no reason to go without credentials.
        Err(_) => crate::complain(&format!(
            "{VARIABLE} is neither a level nor a list of target=level"
        )),
    }
}

/// What people have to know although all went well: that a login is lost for others, or a session lives on.
const WARNINGS: &str = "credential_sso=warn,credential_login=warn,credential::role_cache::removal=warn";

/// What people want to know besides when they ask for more words: what has no effect, or counts before what they chose.
const MORE_WARNINGS: &str = ",credential_chain=warn,credential_profile=warn";

/// Shows the warnings that people have to know as sentences, each once, unless the log is on anyway.
pub(crate) fn show_warnings(variables: &Variables) {
    show(variables, WARNINGS);
}

/// The same, with all that people want to know besides.
pub(crate) fn show_more_warnings(variables: &Variables) {
    show(variables, &format!("{WARNINGS}{MORE_WARNINGS}"));
}

fn show(variables: &Variables, which: &str) {
    if let Ok(Some(_)) = variables.get(VARIABLE) {
        return;
    }
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(which))
        .with_writer(std::io::stderr)
        .event_format(Sentences::default());
    let _ = subscriber.try_init();
}

/// `credential: the token cannot be written (/home/jo/token: Permission denied)`
///
/// Files that are read again are warned of again, so what was said is remembered.
#[derive(Default)]
struct Sentences {
    said: Mutex<Vec<String>>,
}

impl<S, N> FormatEvent<S, N> for Sentences
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut sentence = Sentence::default();
        event.record(&mut sentence);
        let sentence = sentence.to_string();
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.contains(&sentence) {
            return Ok(());
        }
        writeln!(writer, "credential: {sentence}")?;
        said.push(sentence);
        Ok(())
    }
}

#[derive(Default)]
struct Sentence {
    message: String,
    /// Where, and why.
    reasons: Vec<String>,
}

impl Visit for Sentence {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        let text = text.chars().filter(|letter| !is_invisible(*letter)).collect();
        match field.name() {
            "message" => self.message = text,
            "path" => self.reasons.insert(0, text),
            "error" => self.reasons.push(text),
            _ => {}
        }
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.reasons.as_slice() {
            [] => Ok(()),
            reasons => write!(f, " ({})", reasons.join(": ")),
        }
    }
}
