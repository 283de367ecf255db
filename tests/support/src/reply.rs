use std::sync::Arc;

use tokio::sync::Notify;

/// What a [`Server`](crate::Server) does with one request.
///
/// ```
/// use tests_support::Reply;
///
/// let reply = Reply::with(503, "later").header("Retry-After: 1");
/// assert!(matches!(reply, Reply::Answer { status: 503, headers, .. } if headers == "Retry-After: 1\r\n"));
/// ```
#[derive(Clone, Debug)]
pub enum Reply {
    /// Answers and closes the connection.
    Answer {
        /// The status.
        status: u16,
        /// Lines of the head, each with its end.
        headers: String,
        /// The body.
        body: Vec<u8>,
    },
    /// Sends these bytes and closes the connection.
    Raw(Vec<u8>),
    /// Closes the connection without a word.
    Close,
    /// Holds the connection without a word.
    Silence,
    /// Sends a body without end.
    Endless,
    /// Waits for the bell before this reply.
    Held(
        /// The bell.
        Arc<Notify>,
        /// The reply.
        Box<Reply>,
    ),
}

impl Reply {
    /// An answer with this status and body.
    pub fn with(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Answer {
            status,
            headers: String::new(),
            body: body.into(),
        }
    }

    /// Adds a header, as `Date: …`.
    #[must_use]
    pub fn header(mut self, header: &str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push_str(header);
            headers.push_str("\r\n");
        }
        self
    }

    /// This reply, once the bell is rung.
    #[must_use]
    pub fn held(self, bell: &Arc<Notify>) -> Self {
        Self::Held(Arc::clone(bell), Box::new(self))
    }
}
