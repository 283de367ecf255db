//! Renewals that nobody waits for.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use serde_json::json;

use crate::testing::{Home, refresh_token, single_use};

/// Polls a future so many times, and then drops it.
async fn poll_and_drop<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_dropped_at_any_poll_loses_no_refresh_token() {
    for polls in 0.. {
        let home = Home::with_session(-60);
        let server = single_use().await;
        let provider = home.provider_at(&server);
        let finished = poll_and_drop(polls, provider.load()).await.is_some();
        let credentials = provider.load().await.unwrap();
        assert_eq!(credentials.access_key_id(), "ASIANEW1", "after {polls} polls");
        assert_eq!(server.received().len(), 1, "after {polls} polls");
        assert_eq!(home.read()["refreshToken"], json!(refresh_token(1)));
        if finished {
            return;
        }
    }
}

#[tokio::test]
async fn a_renewal_that_nobody_waits_for_is_written_down() {
    let home = Home::with_session(-60);
    let server = single_use().await;
    let provider = home.provider_at(&server);
    {
        let mut load = pin!(provider.load());
        tokio::select! {
            biased;
            () = server.arrival() => {}
            _ = load.as_mut() => panic!("the server has not answered"),
        }
    }
    drop(provider);
    while home.read()["refreshToken"] != json!(refresh_token(1)) {
        tokio::task::yield_now().await;
    }
}
