use tests_support::Server;

use super::*;
use crate::testing::{ROLE, TOKEN, imds, ok};

mod asking;
mod bad_answers;
mod changing;
mod configured;
mod document;
mod extended_path;
mod names;

fn get(path: &str) -> String {
    format!("GET {path}")
}

fn put() -> String {
    format!("PUT {TOKEN}")
}

/// Instance metadata whose document is this.
async fn with_document(body: impl AsRef<[u8]> + Send + 'static) -> Server {
    imds(move |request, _| (request.target == ROLE).then(|| ok(&body))).await
}
