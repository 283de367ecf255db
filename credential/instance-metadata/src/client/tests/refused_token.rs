//! Tokens that are refused.

use tests_support::printed;

use super::*;
use crate::testing::{TOKEN, reply, token};

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_the_request_repeated() {
    let server =
        knowing_its_id(|request, count| (request.target == ID && count == 1).then(|| reply(401, "", "")))
            .await;

    assert_eq!(
        client(&server).get("meta-data/instance-id").await.unwrap(),
        "i-0abc"
    );

    assert_eq!(server.count(&format!("PUT {TOKEN}")), 2);
    let tokens: Vec<_> = server
        .received()
        .iter()
        .filter_map(|seen| seen.header("x-aws-ec2-metadata-token").map(str::to_owned))
        .collect();
    assert_eq!(tokens, [token(1), token(2)]);
}

#[tokio::test]
async fn a_second_refusal_in_a_row_is_an_error() {
    let server =
        knowing_its_id(|request, _| (request.target == ID).then(|| reply(401, "", "<html>401</html>"))).await;

    let error = client(&server).get("meta-data/instance-id").await.unwrap_err();

    assert!(matches!(error, Error::Status { status: 401, .. }), "{error:?}");
    assert!(printed(&error).contains("it refused a new token as well"));
    assert_eq!(
        (
            server.count(&format!("PUT {TOKEN}")),
            server.count(&format!("GET {ID}"))
        ),
        (2, 2)
    );
}

#[tokio::test]
async fn a_refusal_of_an_old_token_leaves_its_successor_alone() {
    let server = knowing_its_id(|_, _| None).await;
    let client = client(&server);
    let session = client.session().unwrap();
    let old = session.pass(&Version1::Never).await.unwrap();
    session.tokens.forget(&old);
    let new = session.pass(&Version1::Never).await.unwrap();

    session.tokens.forget(&old);

    let (Pass::Token(new), Pass::Token(kept)) = (new, session.pass(&Version1::Never).await.unwrap()) else {
        panic!("tokens are to be had");
    };
    assert!(Arc::ptr_eq(&new, &kept));
    assert_eq!(server.count(&format!("PUT {TOKEN}")), 2);
}
