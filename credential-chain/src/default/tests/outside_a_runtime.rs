//! What works without a runtime.

use super::*;

#[test]
fn outside_a_runtime_keys_of_the_environment_work_and_the_network_is_an_error() {
    let secret = canary("outside");
    let home = Home::new("", "");
    assert_eq!(
        outside(&home.builder(&keys(&secret)).build())
            .unwrap()
            .access_key_id(),
        "ENVIRONMENT"
    );
    let uri = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/")];
    let error = outside(&home.builder(&uri).build()).unwrap_err();
    assert!(
        error.report().to_string().contains("inside a tokio runtime"),
        "{}",
        error.report()
    );
}

/// Polls on this thread, with no runtime at all.
fn outside(provider: &DefaultCredentialsProvider) -> Result<AwsCredentials, CredentialsError> {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut future = std::pin::pin!(provider.credentials());
    loop {
        match future.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
            std::task::Poll::Ready(answer) => return answer,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}
