//! Calls that are dropped, or have no runtime.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tests_support::{Reply, abandon};

use super::*;
use crate::scripted::OfSts as _;

#[test]
fn outside_a_tokio_runtime_a_call_is_an_error() {
    let sts = StsClient::new("eu-central-1", keys()).with_endpoint("http://127.0.0.1:1");
    let mut context = Context::from_waker(Waker::noop());
    let (role, identity, token) = (request(), sts.get_caller_identity(), GetSessionToken::new());
    let answers = [
        pin!(identity).poll(&mut context).map(Result::err),
        pin!(sts.assume_role(&role)).poll(&mut context).map(Result::err),
        pin!(sts.get_session_token(&token))
            .poll(&mut context)
            .map(Result::err),
    ];
    for answer in answers {
        assert!(
            matches!(answer, Poll::Ready(Some(Error::NoRuntime { .. }))),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn a_call_dropped_at_any_point_leaves_the_client_usable() {
    // A call needs a poll more or less each time, so each point is met more than once.
    for polls in (0..100).flat_map(|polls| [polls; 3]) {
        let server = Server::answering([Reply::role()]).await;
        let sts = client(&server, &PausingClock::default());
        let ended = abandon(sts.assume_role(&request()), polls).await;
        sts.assume_role(&request()).await.unwrap();
        if let Some(answer) = ended {
            answer.unwrap();
            return;
        }
    }
    panic!("it never ended by itself");
}
