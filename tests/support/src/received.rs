use tokio::io::{AsyncRead, AsyncReadExt};

/// A request that came to a [`Server`](crate::Server).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let mut bytes = &b"PUT /a?b=c HTTP/1.1\r\nContent-Length: 7\r\n\r\nd=e&f=g"[..];
/// let request = tests_support::Received::read(&mut bytes).await.unwrap();
/// assert_eq!((request.line(), request.path()), ("PUT /a?b=c".to_owned(), "/a"));
/// assert_eq!(request.header("content-length"), Some("7"));
/// assert_eq!(request.parameter("f"), Some("g"));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Received {
    /// The method.
    pub method: String,
    /// The path, with its query.
    pub target: String,
    /// The headers as they came. One blank behind the colon belongs to the line, others to the value.
    pub headers: Vec<(String, String)>,
    /// The body; empty for one that is no text.
    pub body: String,
}

impl Received {
    /// The next request of a connection; `None` when it ends before that.
    pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Self> {
        let mut bytes = Vec::new();
        let head_end = loop {
            if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break at;
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let mut body = bytes.split_off(head_end + 4);
        let mut request = Self::of_head(std::str::from_utf8(&bytes).ok()?)?;
        let length = request.header("content-length").map_or(Ok(0), str::parse).ok()?;
        while body.len() < length {
            if stream.read_buf(&mut body).await.ok()? == 0 {
                return None;
            }
        }
        request.body = String::from_utf8(body).unwrap_or_default();
        Some(request)
    }

    fn of_head(head: &str) -> Option<Self> {
        let mut lines = head.trim_end_matches("\r\n").split("\r\n");
        let mut first = lines.next()?.split(' ');
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':')?;
            let value = value.strip_prefix(' ').unwrap_or(value);
            Some((name.to_owned(), value.to_owned()))
        });
        Some(Self {
            method: first.next()?.to_owned(),
            target: first.next()?.to_owned(),
            headers: headers.collect::<Option<_>>()?,
            body: String::new(),
        })
    }

    /// Method and target, as `GET /get`.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    /// The target without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The value of a parameter of the form in the body, as it was sent.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self.body.split('&');
        pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}
