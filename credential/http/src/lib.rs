#![doc = include_str!("../README.md")]

mod base64;
mod client;
mod connect;
mod connection;
mod draft;
mod error;
#[cfg(feature = "_tls")]
mod es256;
mod pool;
mod proxies;
mod request;
mod response;
mod retry;
mod roots;
#[cfg(test)]
mod scripted;
mod stream;
mod timer;
#[cfg(feature = "_tls")]
mod tls;
#[cfg(feature = "_tls")]
mod tunnel;
mod url;

pub use base64::{base64, base64url};
pub use client::{HttpClient, Sending};
pub use error::{Error, Phase};
#[cfg(feature = "_tls")]
pub use es256::{Es256Error, Es256Key, random_bytes};
pub use proxies::Proxies;
pub use request::Request;
pub use response::Response;
pub use retry::{RetryPolicy, retry_after};
pub use url::{Host, Scheme, Url, UrlError};
