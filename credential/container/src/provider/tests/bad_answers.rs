//! A table of answers that are no good: each has its error, within its limits, without a panic or a secret.

use super::*;

fn document_of(members: &str) -> String {
    format!("{{{members}}}")
}

#[tokio::test]
async fn an_answer_that_is_no_document_is_asked_for_again_and_told() {
    let whole = document();
    let cases = [
        "not json".to_owned(),
        String::new(),
        " \r\n".to_owned(),
        "<!DOCTYPE html><html><body>Sign in to the Wi-Fi</body></html>".to_owned(),
        whole[..whole.len() - 1].to_owned(),
        whole[..whole.len() / 2].to_owned(),
        format!("{whole}{whole}"),
        format!("[{whole}]"),
        "null".to_owned(),
        "\"text\"".to_owned(),
        "[".repeat(60_000),
    ];
    for body in cases {
        let agent = saying([(200, body.clone())]).await;
        let error = asking(&agent, &[]).load().await.unwrap_err();
        let text = printed(&error);
        assert!(
            matches!(error, Error::Document { attempts: 3, .. }),
            "{body:.40}: {text}"
        );
        assert!(error.is_transient());
        assert_eq!(agent.received().len(), 3);

        let recovering = saying([(200, body), (200, document())]).await;
        asking(&recovering, &[]).load().await.unwrap();
        assert_eq!(recovering.received().len(), 2);
    }
}

#[tokio::test]
async fn an_answer_that_is_not_text_is_told() {
    let agent = answering(|_| Reply::with(200, [0xff, 0xfe, b'{', 0, b'}', 0])).await;
    let error = asking(&agent, &[]).load().await.unwrap_err();
    assert!(printed(&error).contains("the document is not UTF-8"));
}

#[tokio::test]
async fn a_document_without_usable_members_is_told_by_the_member_and_not_asked_for_again() {
    let secret = canary("member");
    let (id, key) = (
        r#""AccessKeyId": "ASIA""#,
        format!(r#""SecretAccessKey": "{secret}""#),
    );
    for (members, says) in [
        (String::new(), "AccessKeyId is missing"),
        (key.clone(), "AccessKeyId is missing"),
        (id.to_owned(), "SecretAccessKey is missing"),
        (
            format!(r#"{id}, "SecretAccessKey": "  ""#),
            "SecretAccessKey is blank",
        ),
        (
            format!(r#""AccessKeyId": 4711, {key}"#),
            "AccessKeyId is not a string",
        ),
        (
            format!(r#"{id}, "SecretAccessKey": ["{secret}"]"#),
            "SecretAccessKey is not a string",
        ),
        (
            format!(r#"{id}, {key}, "Token": {{"a": "{secret}"}}"#),
            "Token is not a string",
        ),
        (
            format!(r#"{id}, {key}, "Token": "{secret}\n{secret}""#),
            "Token holds a character",
        ),
        (
            format!(r#""AccessKeyId": "A\u0000{secret}", {key}"#),
            "AccessKeyId holds a character",
        ),
        (
            format!(r#"{id}, {key}, "Expiration": "{secret}""#),
            "Expiration is not a date",
        ),
        (
            format!(r#"{id}, {key}, "Expiration": "2030-02-30T00:00:00Z""#),
            "Expiration is not a date",
        ),
        (
            format!(r#"{id}, {key}, "Expiration": 1893499200"#),
            "Expiration is not a string",
        ),
        (
            format!(r#"{id}, {key}, "Code": {{"a": "{secret}"}}"#),
            "Code is not a string",
        ),
    ] {
        let agent = saying([(200, document_of(&members))]).await;
        let error = asking(&agent, &[]).load().await.unwrap_err();
        let text = printed(&error);
        assert!(text.contains(says), "{says}: {text}");
        assert!(matches!(error, Error::Document { attempts: 1, .. }), "{text}");
        assert!(!error.is_transient());
        assert_eq!((kind(error), agent.received().len()), (ErrorKind::Failed, 1));
    }
}

#[tokio::test]
async fn an_answer_past_its_limit_of_size_is_not_read_on() {
    let megabytes = format!("{{\"x\": \"{}\"}}", canary("long").repeat(300_000));
    let long = saying([(200, megabytes)]).await;
    let endless = answering(|_| Reply::Endless).await;
    let long_head = answering(|_| {
        let header = format!("X-Long: {}", "x".repeat(100_000));
        Reply::with(200, document()).header(&header)
    })
    .await;
    for (agent, says) in [
        (long, "longer than 65536 bytes"),
        (endless, "longer than 65536 bytes"),
        (long_head, "more headers"),
    ] {
        let error = asking(&agent, &[]).load().await.unwrap_err();
        let text = printed(&error);
        assert!(text.contains(says), "{text}");
        assert!(matches!(error, Error::Transport { attempts: 1, .. }), "{text}");
        assert_eq!((kind(error), agent.received().len()), (ErrorKind::Failed, 1));
    }
}

#[tokio::test]
async fn a_long_page_about_an_outage_is_tried_again_and_a_long_refusal_keeps_its_status() {
    let page = format!("<html>{}</html>", "sorry ".repeat(20_000));
    let outage = saying([(503, page.clone()), (200, document())]).await;
    asking(&outage, &[]).load().await.unwrap();

    let refusal = saying([(404, page)]).await;
    let error = asking(&refusal, &[]).load().await.unwrap_err();
    assert!(printed(&error).contains("with status 404 is longer"));
    assert_eq!(refusal.received().len(), 1);
}

#[tokio::test]
async fn the_longest_document_just_fits() {
    let document = document();
    let padded = document.clone() + &" ".repeat(64 * 1024 - document.len());
    let agent = saying([(200, padded)]).await;
    asking(&agent, &[]).load().await.unwrap();
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again_and_told() {
    for broken in [
        || Reply::Close,
        || Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"Code\": \"Succ".to_vec()),
        || Reply::Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"Co\r\n".to_vec()),
    ] {
        let agent = answering(move |_| broken()).await;
        let error = asking(&agent, &[]).load().await.unwrap_err();
        let text = printed(&error);
        assert!(
            matches!(error, Error::Transport { attempts: 3, .. }) && error.is_transient(),
            "{text}"
        );
        assert_eq!((kind(error), agent.received().len()), (ErrorKind::Failed, 3));

        let recovering = answering(move |number| {
            if number < 3 {
                broken()
            } else {
                Reply::with(200, document())
            }
        })
        .await;
        asking(&recovering, &[]).load().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_no_http_is_told_at_once() {
    let agent = answering(|_| Reply::Raw(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec())).await;
    let error = asking(&agent, &[]).load().await.unwrap_err();
    assert!(printed(&error).contains("is not HTTP/1.1"));
    assert_eq!(agent.received().len(), 1);
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_a_transient_failure() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/get?id=hidden", listener.local_addr().unwrap());
    drop(listener);

    let error = with_variables(&[(FULL, &uri)]).load().await.unwrap_err();

    let text = printed(&error);
    assert!(matches!(error, Error::Transport { attempts: 3, .. }), "{text}");
    assert!(error.is_transient() && !text.contains("hidden"), "{text}");
    assert_eq!(kind(error), ErrorKind::Failed);
}
