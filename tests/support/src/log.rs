use std::any::Any;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::TestWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// All that is logged on this thread while it lives. Right for tests on a current-thread runtime.
///
/// ```
/// let log = tests_support::Log::listen();
/// assert_eq!(log.warnings(), Vec::<String>::new());
/// ```
#[derive(Debug)]
pub struct Log {
    lines: Lines,
    /// The guard that ends the listening.
    _until: Box<dyn Any>,
}

impl Log {
    /// Listens from now on.
    #[must_use]
    pub fn listen() -> Self {
        crate::trace::listen();
        let lines = Lines::default();
        let theirs = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_writer(move || theirs.clone())
            .with_ansi(false)
            .finish();
        Self {
            lines,
            _until: Box::new(subscriber.set_default()),
        }
    }

    /// All of it.
    #[must_use]
    pub fn text(&self) -> String {
        let bytes = self.lines.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The warnings among it, a line each.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let text = self.text();
        let warnings = text.lines().filter(|line| line.contains(" WARN "));
        warnings.map(str::to_owned).collect()
    }
}

#[derive(Clone, Debug, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.extend_from_slice(bytes);
        // The listener of the whole test run hears nothing of this thread meanwhile.
        if crate::trace::is_on() {
            TestWriter::new().write_all(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
