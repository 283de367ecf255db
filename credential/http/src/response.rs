use std::fmt;
use std::sync::Arc;

use hyper::HeaderMap;

/// A response, read to its end.
///
/// A redirect is a response like any other: it is never followed. `Debug` shows the status, the names of the headers and
/// the length of the body alone, since bodies and headers hold credentials.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use credential_http::{HttpClient, Request, Url};
///
/// let request = Request::get(Url::parse("http://127.0.0.1:1338/latest/meta-data/")?);
/// let response = HttpClient::new().send(&request).await?;
/// assert_eq!(response.status(), 200);
/// assert_eq!(response.header("content-type"), Some("text/plain"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Response {
    status: u16,
    /// Shared, so that dropping a response is a small thing wherever it happens.
    headers: Arc<HeaderMap>,
    body: Vec<u8>,
}

impl Response {
    pub(crate) fn new(status: u16, headers: HeaderMap, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: Arc::new(headers),
            body,
        }
    }

    /// The status, as 200.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status is 200 to 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header of this name, in any case; `None` also for a value that is not visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(known, _)| known.as_str().eq_ignore_ascii_case(name))?;
        value.to_str().ok()
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body, to keep.
    #[must_use]
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self
            .headers
            .keys()
            .map(hyper::header::HeaderName::as_str)
            .collect();
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &names)
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .finish()
    }
}
