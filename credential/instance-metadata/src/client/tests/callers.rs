//! Who asks: many at once, from outside a runtime, at several endpoints.

use super::*;
use crate::testing::{LIST, ROLE, TOKEN, no_variables, reply};

#[tokio::test]
async fn a_hundred_callers_share_one_token_and_two_connections_at_a_time() {
    let server = knowing_its_id(|_, _| None).await;
    let client = client(&server);
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.get("meta-data/instance-id").await })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap(), "i-0abc");
    }
    assert_eq!(
        (
            server.count(&format!("PUT {TOKEN}")),
            server.count(&format!("GET {ID}"))
        ),
        (1, 100)
    );
    assert_eq!(server.most_at_once(), 2);
}

#[tokio::test]
async fn waiters_share_the_failure_of_a_token() {
    let server = knowing_its_id(|request, _| (request.target == TOKEN).then(|| reply(400, "", ""))).await;
    let client = client(&server);
    let session = client.session().unwrap();
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let session = Arc::clone(&session);
            tokio::spawn(async move { session.pass(&Version1::Never).await })
        })
        .collect();
    for caller in callers {
        assert!(matches!(
            caller.await.unwrap(),
            Err(Error::Status { status: 400, .. })
        ));
    }
    assert_eq!(server.lines().len(), 1);
}

#[test]
fn outside_a_runtime_there_is_an_error() {
    let client = InstanceMetadataClient::new().with_variables(no_variables());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut answer = std::pin::pin!(client.get("meta-data/instance-id"));
    let std::task::Poll::Ready(Err(error)) = answer.as_mut().poll(&mut context) else {
        panic!("no answer");
    };
    assert!(matches!(error, Error::NoRuntime));
}

#[tokio::test]
async fn what_was_learned_belongs_to_its_endpoint() {
    let (one, two) = (
        knowing_its_id(|_, _| None).await,
        knowing_its_id(|_, _| None).await,
    );
    let client = client(&one);
    client.get("meta-data/instance-id").await.unwrap();
    client
        .clone()
        .with_endpoint(&two.url)
        .get("meta-data/instance-id")
        .await
        .unwrap();
    client.get("meta-data/instance-id").await.unwrap();
    for server in [one, two] {
        assert_eq!(server.count(&format!("PUT {TOKEN}")), 1);
        assert_eq!(
            server.count(&format!("GET {LIST}")) + server.count(&format!("GET {ROLE}")),
            0
        );
    }
}
