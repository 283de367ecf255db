//! Region and account, at their paths.

use super::*;

#[tokio::test]
async fn region_and_account_are_read_from_their_places() {
    let server = imds(|request, _| match request.target.as_str() {
        "/latest/meta-data/placement/region" => Some(ok("eu-central-1\n")),
        "/latest/dynamic/instance-identity/document" => Some(ok(
            "{\n  \"region\" : \"eu-central-1\",\n  \"accountId\" : \"123456789012\"\n}",
        )),
        "/latest/user-data" => Some(ok([0xff, 0])),
        _ => None,
    })
    .await;
    let client = client(&server);
    assert_eq!(client.region().await.unwrap(), "eu-central-1");
    assert_eq!(client.account_id().await.unwrap(), "123456789012");
    assert_eq!(client.get_bytes("user-data").await.unwrap(), [0xff, 0]);
    assert!(matches!(
        client.get("user-data").await.unwrap_err(),
        Error::Unexpected { what: "text", .. }
    ));
}

#[tokio::test]
async fn what_is_no_region_and_no_account_is_refused() {
    for body in [
        "",
        "<html>",
        "EU",
        "eu central",
        "{\"accountId\": 12}",
        "{\"accountId\": \"12345678901x\"}",
    ] {
        let server = imds(move |request, _| (request.method == "GET").then(|| ok(body))).await;
        let client = client(&server);
        assert!(
            matches!(client.region().await.unwrap_err(), Error::Unexpected { .. }),
            "{body}"
        );
        assert!(
            matches!(client.account_id().await.unwrap_err(), Error::Unexpected { .. }),
            "{body}"
        );
    }
}
