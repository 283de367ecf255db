use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use credential_core::Secret;
use snafu::{IntoError, OptionExt, ResultExt, ensure};

use crate::call::Operation;
use crate::error::{Error, TokenFileSnafu, TokenSnafu, TokenSourceSnafu};

/// AWS takes 20,000 characters; what is far longer is no token.
pub(crate) const MOST_BYTES: u64 = 32 * 1024;

type BoxError = Box<dyn StdError + Send + Sync>;
type Answer = Pin<Box<dyn Future<Output = Result<Secret, BoxError>> + Send>>;

/// Where the token of an identity provider comes from: a file that somebody else renews, or the program itself.
///
/// It is asked for at each call and never kept. White space at its end is cut off. A clone asks the same place.
///
/// ```
/// use credential_sts::WebIdentityToken;
///
/// let of_the_pod = WebIdentityToken::file("/var/run/secrets/eks.amazonaws.com/serviceaccount/token");
/// let of_the_program = WebIdentityToken::from_fn(|| async { Ok::<_, std::io::Error>("eyJhbGciOi…") });
/// # let _ = (of_the_pod, of_the_program);
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>
#[derive(Clone)]
pub struct WebIdentityToken(Origin);

#[derive(Clone)]
enum Origin {
    File(PathBuf),
    Function(Arc<dyn Fn() -> Answer + Send + Sync>),
}

impl WebIdentityToken {
    /// The token in this file, as it is now: whoever renews it need tell nobody. A relative path starts at the working
    /// directory, and `~` has no meaning here.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Origin::File(path.into()))
    }

    /// The token that this async function gives. It is dropped when the call's limit of time is over; anything that
    /// waits by blocking belongs on a thread of its own.
    pub fn from_fn<F, A, T, E>(ask: F) -> Self
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<Secret>,
        E: Into<BoxError>,
    {
        Self(Origin::Function(Arc::new(move || {
            let answer = ask();
            Box::pin(async move { answer.await.map(Into::into).map_err(Into::into) })
        })))
    }

    pub(crate) fn place(&self) -> TokenPlace {
        match &self.0 {
            Origin::File(path) => TokenPlace::File(path.clone()),
            Origin::Function(_) => TokenPlace::Program,
        }
    }

    pub(crate) fn is_file(&self) -> bool {
        matches!(self.0, Origin::File(_))
    }

    /// The token as it is now.
    pub(crate) async fn read(&self, operation: &Operation) -> Result<Secret, Error> {
        let text = match &self.0 {
            Origin::File(path) => {
                let bytes = credential_runtime::read_file(path.clone(), MOST_BYTES)
                    .await
                    .context(TokenFileSnafu { path })?;
                String::from_utf8(bytes)
                    .ok()
                    .map(Secret::new)
                    .with_context(|| TokenSnafu {
                        place: self.place(),
                        fault: TokenFault::NotText,
                    })?
            }
            Origin::Function(ask) => ask().await.map_err(|source| {
                TokenSourceSnafu {
                    operation: operation.clone(),
                }
                .into_error(source)
            })?,
        };
        let token = text.expose().trim_ascii_end();
        ensure!(
            !token.trim().is_empty(),
            TokenSnafu {
                place: self.place(),
                fault: TokenFault::Empty
            }
        );
        ensure!(
            token.len() as u64 <= MOST_BYTES,
            TokenSnafu {
                place: self.place(),
                fault: TokenFault::TooLong
            }
        );
        Ok(Secret::from(token))
    }
}

impl fmt::Debug for WebIdentityToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Origin::File(path) => write!(f, "WebIdentityToken(file {})", path.display()),
            Origin::Function(_) => f.write_str("WebIdentityToken(…)"),
        }
    }
}

/// Where a web identity token comes from, as errors name it.
///
/// ```
/// use credential_sts::{Error, StsClient, TokenFault, TokenPlace, WebIdentityProvider, WebIdentityToken};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let token = WebIdentityToken::from_fn(|| async { Ok::<_, std::io::Error>(" ") });
/// let arn = "arn:aws:iam::123456789012:role/deploy";
/// let provider = WebIdentityProvider::new(StsClient::unsigned("eu-central-1"), arn, token);
/// let Err(Error::Token { place, fault }) = provider.load().await else {
///     panic!("another answer");
/// };
/// assert_eq!((place, fault), (TokenPlace::Program, TokenFault::Empty));
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenPlace {
    /// From this file.
    File(PathBuf),
    /// From the program itself.
    Program,
}

/// Why a text is no web identity token: see the example of [`TokenPlace`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenFault {
    /// There is nothing in it but white space.
    Empty,
    /// It is not UTF-8.
    NotText,
    /// It has more than 32 KiB; AWS takes 20,000 characters.
    TooLong,
}

impl fmt::Display for TokenPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the web identity token file {}", path.display()),
            Self::Program => f.write_str("the web identity token of the program"),
        }
    }
}

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty",
            Self::NotText => "is not UTF-8",
            Self::TooLong => "is longer than 32 KiB; AWS takes 20,000 characters",
        })
    }
}
