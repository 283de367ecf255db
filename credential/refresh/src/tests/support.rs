use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use credential_core::{AwsCredentials, Clock, CredentialsError, CredentialsFuture, ProvideAwsCredentials};
use tests_support::{FixedRandom, ManualClock, canary};
use tokio::sync::Semaphore;

use crate::AutoRefreshingProvider;

pub(crate) type Answer = Result<AwsCredentials, CredentialsError>;
type Script = dyn Fn(usize) -> CredentialsFuture<'static> + Send + Sync;

/// A provider that does what a test says, call by call, counted from 1. A clone is the same one.
#[derive(Clone)]
pub(crate) struct Source {
    script: Arc<Script>,
    calls: Arc<AtomicUsize>,
    given_up: Arc<AtomicUsize>,
    refused: Arc<Mutex<Vec<String>>>,
}

impl Source {
    pub(crate) fn new<F>(script: impl Fn(usize) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        Self {
            script: Arc::new(move |call| CredentialsFuture::new(script(call))),
            calls: Arc::default(),
            given_up: Arc::default(),
            refused: Arc::default(),
        }
    }

    /// How often it was asked.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// How many answers were dropped before they were there.
    pub(crate) fn given_up(&self) -> usize {
        self.given_up.load(Ordering::SeqCst)
    }

    /// The access key IDs that it was told were refused.
    pub(crate) fn refused(&self) -> Vec<String> {
        self.refused.lock().unwrap().clone()
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source")
    }
}

impl ProvideAwsCredentials for Source {
    fn credentials(&self) -> CredentialsFuture<'_> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let answer = (self.script)(call);
        let counter = Unfinished(Some(&self.given_up));
        CredentialsFuture::new(async move {
            let mut counter = counter;
            let answer = answer.await;
            counter.0 = None;
            answer
        })
    }

    fn invalidate(&self, credentials: &AwsCredentials) {
        self.refused
            .lock()
            .unwrap()
            .push(credentials.access_key_id().to_owned());
    }

    fn name(&self) -> &str {
        "Source"
    }
}

struct Unfinished<'a>(Option<&'a AtomicUsize>);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if let Some(counter) = self.0 {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Something a source waits for. A clone is the same gate.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

impl Gate {
    pub(crate) fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    pub(crate) fn open(&self) {
        self.0.add_permits(Semaphore::MAX_PERMITS / 2);
    }

    pub(crate) async fn pass(&self) {
        drop(self.0.acquire().await);
    }
}

/// One-hour credentials, whose access key ID tells the call.
pub(crate) fn session(clock: &ManualClock, call: usize) -> AwsCredentials {
    AwsCredentials::new(format!("ASIA{call}"), canary("session"))
        .with_session_token(canary("token"))
        .with_expiration(clock.now() + HOUR)
}

pub(crate) fn down() -> CredentialsError {
    CredentialsError::failed("Source", std::io::Error::other("down")).with_transient(true)
}

pub(crate) const HOUR: Duration = Duration::from_secs(3600);
/// When the tests' credentials are due for renewal, with the randomness that the tests fix.
pub(crate) const SOFT: Duration = Duration::from_secs(3000);
pub(crate) const MANDATORY: Duration = Duration::from_secs(3540);
pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// Around this source, on this clock, with renewals exactly at the lead.
pub(crate) fn around(source: &Source, clock: &ManualClock) -> AutoRefreshingProvider {
    AutoRefreshingProvider::new(source.clone())
        .with_clock(clock.clone())
        .with_random(FixedRandom(1.0))
}

/// The answer, if there is no need to wait for it.
pub(crate) fn now_or_never(provider: &AutoRefreshingProvider) -> Option<Answer> {
    match pin!(provider.credentials()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

pub(crate) fn id(answer: &Answer) -> &str {
    answer.as_ref().unwrap().access_key_id()
}

/// A waker that remembers whether it was called.
#[derive(Default)]
pub(crate) struct Bell(AtomicUsize);

impl Bell {
    pub(crate) fn rung(&self) -> bool {
        self.0.swap(0, Ordering::SeqCst) > 0
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A future polled by hand.
pub(crate) struct Hand<'a> {
    future: CredentialsFuture<'a>,
    pub(crate) bell: Arc<Bell>,
}

impl<'a> Hand<'a> {
    pub(crate) fn asks(provider: &'a AutoRefreshingProvider) -> Self {
        Self {
            future: provider.credentials(),
            bell: Arc::default(),
        }
    }

    pub(crate) fn poll(&mut self) -> Option<Answer> {
        let waker = Waker::from(Arc::clone(&self.bell));
        match Pin::new(&mut self.future).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => None,
        }
    }

    /// Polls as an executor does: only when woken.
    pub(crate) fn run(&mut self) -> Option<Answer> {
        while self.bell.rung() {
            if let Some(answer) = self.poll() {
                return Some(answer);
            }
        }
        None
    }
}

/// The smallest executor: no runtime at all.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// Gives way this often, as a future that does several things one after the other.
pub(crate) async fn steps(count: usize) {
    let mut left = count;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Lets the other tasks of a current-thread runtime run until they wait.
pub(crate) async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

pub(crate) fn current_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}
