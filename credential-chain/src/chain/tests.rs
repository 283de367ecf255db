use std::sync::atomic::{AtomicUsize, Ordering};

use tests_support::canary;
use tokio::sync::{mpsc, oneshot};

use super::*;

mod composing;
mod errors;
mod explaining;
mod order;
mod sticking;
mod told;
mod trouble;

type Answer = Result<AwsCredentials, CredentialsError>;

fn keys(access_key_id: &str) -> Answer {
    Ok(AwsCredentials::new(access_key_id, canary(access_key_id)))
}

fn nothing() -> Answer {
    Err(CredentialsError::not_configured("Test", "nothing is set up"))
}

fn broken() -> Answer {
    Err(CredentialsError::failed("Test", "the door is stuck"))
}

/// Answers what the test says, when the test says.
#[derive(Clone, Debug)]
struct Scripted(Arc<Script>);

#[derive(Debug)]
struct Script {
    answer: Mutex<Answer>,
    calls: AtomicUsize,
    /// The access key IDs that it was told of.
    refused: Mutex<Vec<String>>,
}

impl Scripted {
    fn saying(answer: Answer) -> Self {
        Self(Arc::new(Script {
            answer: Mutex::new(answer),
            calls: AtomicUsize::new(0),
            refused: Mutex::default(),
        }))
    }

    fn now_says(&self, answer: Answer) {
        *self.0.answer.lock().unwrap() = answer;
    }

    fn calls(&self) -> usize {
        self.0.calls.load(Ordering::SeqCst)
    }
}

impl ProvideAwsCredentials for Scripted {
    fn credentials(&self) -> CredentialsFuture<'_> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        CredentialsFuture::ready(self.0.answer.lock().unwrap().clone())
    }

    fn invalidate(&self, credentials: &AwsCredentials) {
        let access_key_id = credentials.access_key_id().to_owned();
        self.0.refused.lock().unwrap().push(access_key_id);
    }
}

/// Tells the test that it is asked, and waits for the answer.
#[derive(Debug)]
struct Waiting(mpsc::UnboundedSender<oneshot::Sender<Answer>>);

fn waiting() -> (Waiting, mpsc::UnboundedReceiver<oneshot::Sender<Answer>>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Waiting(sender), receiver)
}

impl ProvideAwsCredentials for Waiting {
    fn credentials(&self) -> CredentialsFuture<'_> {
        let (answer, receiver) = oneshot::channel();
        self.0.send(answer).unwrap();
        CredentialsFuture::new(async { receiver.await.unwrap_or_else(|_| broken()) })
    }
}

fn chain(providers: &[(&'static str, &Scripted)]) -> ChainProvider {
    ChainProvider::of(
        providers
            .iter()
            .map(|(name, provider)| (*name, (*provider).clone())),
    )
}

async fn id(chain: &ChainProvider) -> String {
    chain.credentials().await.unwrap().access_key_id().to_owned()
}

fn outcomes(chain: &ChainProvider) -> Vec<String> {
    chain.attempts().iter().map(ToString::to_string).collect()
}
