use std::fmt;

/// A request as it is about to be sent, or as a server received it.
///
/// `Debug` shows the method, the path, the names of the headers and the length of the body.
///
/// ```
/// use credential_sigv4::SignableRequest;
///
/// let request = SignableRequest {
///     method: "GET",
///     path: "/",
///     query: "Action=DescribeRegions&Version=2016-11-15",
///     headers: &[("host", "ec2.eu-central-1.amazonaws.com")],
///     body: b"",
/// };
/// assert!(!format!("{request:?}").contains("DescribeRegions"));
/// ```
#[derive(Clone, Copy)]
pub struct SignableRequest<'a> {
    /// The method, as `POST`.
    pub method: &'a str,
    /// The path as it stands on the request's first line, percent-encoded once; empty is `/`.
    pub path: &'a str,
    /// The query as it stands on the request's first line, behind the `?`; empty for none.
    pub query: &'a str,
    /// Names, in any case, and values; a name may come more than once. `host` has to be among them, as it is sent.
    pub headers: &'a [(&'a str, &'a str)],
    /// The whole body.
    pub body: &'a [u8],
}

impl<'a> SignableRequest<'a> {
    /// All values of a header, in order; the name in lower case.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }
}

impl fmt::Debug for SignableRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        f.debug_struct("SignableRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &names)
            .field("body_length", &self.body.len())
            .finish_non_exhaustive()
    }
}
