use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::Sleep;

use crate::timer;

/// Bytes that come a few at a time.
#[derive(Debug)]
pub(super) struct Drip {
    bytes: usize,
    every: Duration,
    /// How many may go without a pause.
    free: usize,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Drip {
    /// What is `free` goes at once.
    pub(super) fn new(bytes: usize, every: Duration, free: usize) -> Self {
        Self {
            bytes,
            every,
            free,
            pause: None,
        }
    }

    /// How many bytes may go now.
    pub(super) fn allowance(&mut self, context: &mut Context<'_>) -> Poll<usize> {
        if self.free == 0 {
            let pause = || Box::pin(timer::sleep(self.every));
            ready!(self.pause.get_or_insert_with(pause).as_mut().poll(context));
            self.pause = None;
            self.free = self.bytes.max(1);
        }
        Poll::Ready(self.free)
    }

    pub(super) fn sent(&mut self, bytes: usize) {
        self.free = self.free.saturating_sub(bytes);
    }
}
