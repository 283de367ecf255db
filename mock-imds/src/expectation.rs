use std::fmt::Write;

use crate::{Record, Step};

/// Panics unless the requests were for these steps, in this order.
#[track_caller]
#[expect(clippy::panic, reason = "it is there for tests, which fail by it")]
pub(crate) fn assert_steps(requests: &[Record], expected: &[Step]) {
    let is_so = requests.iter().map(Record::step).eq(expected.iter().copied());
    if !is_so {
        panic!("{}", difference(requests, expected));
    }
}

/// Both lists, as an access log shows requests: no secret is in it.
fn difference(requests: &[Record], expected: &[Step]) -> String {
    let mut text = format!("{} requests were expected:\n", expected.len());
    for (number, step) in (1..).zip(expected) {
        let _ = writeln!(text, "  {number:>3}  {:<8}  {step}", step.service());
    }
    let _ = writeln!(text, "but there were {}:", requests.len());
    for (number, request) in (1..).zip(requests) {
        let _ = writeln!(text, "  {number:>3}  {request}");
    }
    text
}
