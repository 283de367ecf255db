#![doc = include_str!("../README.md")]

mod document;
mod error;
mod error_document;
mod member;
mod read;

pub use document::{Document, Required};
pub use error::{Category, Error, Member};
pub use error_document::ErrorDocument;
pub use member::Version;
