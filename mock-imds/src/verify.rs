use serde_json::{Value, json};

use crate::answer::Answer;
use crate::query::ApiError;
use crate::request::Request;
use crate::signature;
use crate::state::Shared;

/// Below it any request is judged by its signature, for whatever service and Region it names.
pub(crate) fn is_path(segments: &[&str]) -> bool {
    matches!(segments, ["__mock", "verify", ..])
}

/// What is said of a signature: who has signed, or why the request would be refused, with the status that STS has for
/// it.
pub(crate) fn answer(shared: &Shared, request: &Request) -> Answer {
    match signature::check_any(shared, request) {
        Ok(signed) => document(
            200,
            &json!({
                "accepted": true,
                "service": signed.service,
                "region": signed.region,
                "accessKeyId": signed.access_key_id,
                "arn": signed.by.arn,
                "account": signed.by.account,
            }),
        ),
        Err(error) => error_answer(&error),
    }
}

pub(crate) fn error_answer(error: &ApiError) -> Answer {
    let document = json!({"accepted": false, "code": error.code, "message": error.message});
    self::document(error.status, &document)
}

fn document(status: u16, document: &Value) -> Answer {
    Answer::new(status, "application/json", document.to_string())
}
