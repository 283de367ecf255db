use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};
use time::OffsetDateTime;

use crate::body::Full;
use crate::clock::http_date;

/// What the server says. Headers keep their order.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), content_type.into())],
            body: body.into(),
        }
    }

    /// A value, a listing or a document of instance metadata.
    pub(crate) fn metadata(started: OffsetDateTime, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, content_type, body)
            .header("accept-ranges", "none")
            .header("last-modified", &http_date(started))
            .by_metadata()
    }

    /// An error of instance metadata: a page for some, nothing for others, as recorded.
    pub(crate) fn metadata_error(status: u16) -> Self {
        match status {
            403 | 405 => Self::new(status, "text/plain", ""),
            _ => Self::new(status, "text/html", page(status)),
        }
        .by_metadata()
    }

    /// Says that instance metadata answers: clients tell real machines by it.
    pub(crate) fn by_metadata(self) -> Self {
        self.header("server", METADATA_SERVER)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Changes, adds or takes away a header.
    pub(crate) fn set_header(&mut self, name: &str, value: Option<&str>) {
        let at = self
            .headers
            .iter()
            .position(|(theirs, _)| theirs.eq_ignore_ascii_case(name));
        match (at.and_then(|at| self.headers.get_mut(at)), value) {
            (Some(header), Some(value)) => value.clone_into(&mut header.1),
            (None, Some(value)) => self.headers.push((name.to_ascii_lowercase(), value.to_owned())),
            (_, None) => self
                .headers
                .retain(|(theirs, _)| !theirs.eq_ignore_ascii_case(name)),
        }
    }

    /// As it goes out: what describes the body first, then length, date and server, and whether the connection ends.
    pub(crate) fn into_response(mut self, now: OffsetDateTime, keep_alive: bool) -> hyper::Response<Full> {
        let server = self
            .headers
            .iter()
            .position(|(name, _)| name == "server")
            .map(|at| self.headers.remove(at).1)
            .unwrap_or_default();
        let length = self.body.len().to_string();
        for (name, value) in [
            ("content-length", length.as_str()),
            ("date", &http_date(now)),
            ("server", &server),
            ("connection", if keep_alive { "" } else { "close" }),
        ] {
            let is_set = self.headers.iter().any(|(theirs, _)| theirs == name);
            if !is_set && !value.is_empty() {
                self.headers.push((name.into(), value.into()));
            }
        }
        let mut response = hyper::Response::new(Full::new(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

const METADATA_SERVER: &str = "EC2ws";

/// The page that instance metadata sends with an error.
fn page(status: u16) -> String {
    let reason = reason(status);
    format!(
        "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n\
         <!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"\n\
         \t\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n\
         <html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\n \
         <head>\n  <title>{status} - {reason}</title>\n </head>\n \
         <body>\n  <h1>{status} - {reason}</h1>\n </body>\n</html>\n"
    )
}

pub(crate) fn reason(status: u16) -> &'static str {
    StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Error")
}
