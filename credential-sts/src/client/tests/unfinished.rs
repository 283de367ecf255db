//! Calls that are dropped, or have no runtime.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tests_support::Reply;

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
    for polls in 0..12 {
        let server = Server::answering([Reply::role()]).await;
        let clock = PausingClock::default();
        let sts = client(&server, &clock);
        {
            let request = request();
            let mut call = pin!(sts.assume_role(&request));
            let mut polled = 0;
            std::future::poll_fn(|context| {
                polled += 1;
                if polled > polls || call.as_mut().poll(context).is_ready() {
                    return Poll::Ready(());
                }
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
        }
        sts.assume_role(&request()).await.unwrap();
    }
}
