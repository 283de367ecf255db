//! What else comes to the address that the browser comes back to.

use tests_support::{Reply, canary, leaks};

use super::*;

/// A request for the callback with this much more in its head.
fn request_with(redirect_uri: &str, query: &str, more: &[u8]) -> (String, Vec<u8>) {
    let rest = redirect_uri.strip_prefix("http://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    let head = format!("GET /{path}?{query} HTTP/1.1\r\nHost: {authority}\r\nCookie: ");
    let request = [head.as_bytes(), more, b"\r\n\r\n"].concat();
    (authority.to_owned(), request)
}

async fn answer_to((authority, request): (String, Vec<u8>)) -> String {
    let mut stream = TcpStream::connect(authority).await.unwrap();
    stream.write_all(&request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn cookies_of_other_programs_on_this_machine_are_in_nobodys_way() {
    let world = World::new().await;
    let login = world.login(World::named());
    let (result, pages) = log_in_with(&login, &world, |url| async move {
        let (redirect, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
        let code = canary("authorization code").replace('+', "%2B");
        let cookies = "session=".to_owned() + &"x".repeat(40_000);
        let query = format!("code={code}&state={state}");
        [
            answer_to(request_with(&redirect, "code=c&state=s", &[b'x'; 200_000])).await,
            answer_to(request_with(&redirect, &"x".repeat(200_000), b"")).await,
            answer_to(request_with(
                &redirect,
                &query,
                &[cookies.as_bytes(), &[0xff, 0xe4]].concat(),
            ))
            .await,
        ]
    })
    .await;
    assert!(result.is_ok(), "{result:?}");
    assert!(pages[0].starts_with("HTTP/1.1 431"), "{}", pages[0]);
    assert!(pages[1].starts_with("HTTP/1.1 431"), "{}", pages[1]);
    assert!(pages[2].starts_with("HTTP/1.1 200"), "{}", pages[2]);
}

#[tokio::test]
async fn connections_that_say_nothing_or_little_keep_nobody_out() {
    let world = World::new().await;
    let login = world.login(World::named());
    let (result, page) = log_in_with(&login, &world, |url| async move {
        let (redirect, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
        let authority = redirect.split('/').nth(2).unwrap().to_owned();
        let code = canary("authorization code").replace('+', "%2B");
        let mut idle = Vec::new();
        for number in 0..100 {
            let mut stream = TcpStream::connect(&authority).await.unwrap();
            let begun: &[u8] = [&b""[..], b"GET /", b"GET / HTTP/1.1\r\nHost:"][number % 3];
            stream.write_all(begun).await.unwrap();
            idle.push(stream);
        }
        visit(&redirect, &format!("code={code}&state={state}")).await
    })
    .await;
    assert!(result.is_ok(), "{result:?}");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
}

#[tokio::test]
async fn a_code_counts_though_the_rest_of_its_request_never_comes() {
    let world = World::new().await;
    let login = world.login(World::named());
    let clock = world.clock.clone();
    let (result, ()) = log_in_with(&login, &world, |url| async move {
        let (redirect, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
        let code = canary("authorization code").replace('+', "%2B");
        let (authority, request) = request_with(&redirect, &format!("code={code}&state={state}"), b"");
        let line = request.iter().position(|byte| *byte == b'\n').unwrap();
        let mut stream = TcpStream::connect(authority).await.unwrap();
        stream.write_all(&request[..=line]).await.unwrap();
        while clock.next_wake() != Some(Duration::from_secs(2)) {
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_secs(2));
    })
    .await;
    assert!(result.is_ok(), "{result:?}");
}

#[tokio::test]
async fn a_code_that_is_refused_is_never_told() {
    for (code, status) in [("invalid_grant", 400), ("invalid_client", 401)] {
        let world = World::new().await;
        let login = world.login(World::named());
        let echo = format!(
            "{{\"error\":\"{code}\",\"error_description\":\"{} is bad\"}}",
            canary("authorization code")
        );
        world.center.answer_next(TOKEN, Reply::with(status, echo));
        let (result, _) = log_in_with(&login, &world, |url| async move {
            let (redirect, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
            let code = canary("authorization code").replace('+', "%2B");
            visit(&redirect, &format!("code={code}&state={state}")).await
        })
        .await;
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
        assert!(!leaks(&format!("{error} {error:?}")), "{error}");
        // A registration that is known no more must not spoil the next login.
        assert_eq!(registration_file(&login).exists(), code == "invalid_grant");
    }
}
