use std::pin::Pin;

use tokio::runtime::Handle;

/// A tokio runtime that work can be left to.
///
/// ```
/// use credential_runtime::Runtime;
///
/// assert!(Runtime::current().is_none());
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (sender, receiver) = tokio::sync::oneshot::channel();
/// let work = async move { sender.send("done").unwrap_or_default() };
/// Runtime::current().unwrap().spawn(Box::pin(work));
/// assert_eq!(receiver.await, Ok("done"));
/// # }
/// # main();
/// ```
#[derive(Clone, Debug)]
pub struct Runtime(Handle);

impl Runtime {
    /// The one that the caller runs in, if there is one.
    #[must_use]
    pub fn current() -> Option<Self> {
        Handle::try_current().ok().map(Self)
    }

    /// Lets work go on by itself, as a task of this runtime; never, where the runtime has ended.
    pub fn spawn(&self, work: Pin<Box<dyn Future<Output = ()> + Send>>) {
        // One type for all work, so that tokio's task is compiled once and not for each piece of work anew.
        self.0.spawn(work);
    }
}

/// The same runtime, and not another one like it.
impl PartialEq for Runtime {
    fn eq(&self, other: &Self) -> bool {
        self.0.id() == other.0.id()
    }
}

impl Eq for Runtime {}
