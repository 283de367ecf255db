use std::io::{Read, Write};

use mock_imds::{MockImds, TokenMode};

use crate::support::*;

fn friendly() -> MockImds {
    MockImds::builder().tokens(TokenMode::Optional).start_blocking()
}

#[test]
fn what_is_no_request_is_refused_and_the_server_goes_on() {
    let mock = friendly();
    let long_line = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(9000));
    let endless_line = "a".repeat(100_000);
    let long_head = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(20_000));
    let many_headers = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(200));
    for (bytes, status) in [
        ("\r\n\r\n\r\n\u{1}\n".as_bytes(), 400),
        (b"nonsense\r\n\r\n", 400),
        (b"GET\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/3.0\r\n\r\n", 400),
        (b"GET / HTTP/1.1 more\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"G\xc3\x84T / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nbad name: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nA: \x00\r\n\r\n", 400),
        (
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            400,
        ),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            400,
        ),
        (long_line.as_bytes(), 414),
        (endless_line.as_bytes(), 414),
        (long_head.as_bytes(), 431),
        (many_headers.as_bytes(), 431),
        (b"BREW /latest/meta-data/mac HTTP/1.1\r\n\r\n", 405),
        (b"GET * HTTP/1.1\r\n\r\n", 404),
        (b"GET /latest/meta-data/%00 HTTP/1.1\r\n\r\n", 404),
        (b"GET /latest/meta-data/%ff HTTP/1.1\r\n\r\n", 404),
        (b"GET /latest/meta-data/mac HTTP/1.0\r\n\r\n", 200),
        (b"\r\nGET /latest/meta-data/mac HTTP/1.1\n\n", 200),
    ] {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        assert_eq!(Reply::parse(&raw(&mock, bytes)).status, status, "{shown:?}");
    }
    assert_eq!(get(&mock, "/latest/").status, 200);
}

#[test]
fn a_body_has_its_limit_and_may_come_in_chunks_or_on_demand() {
    let mock = friendly();
    let put = "PUT /latest/api/token HTTP/1.1\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n";
    let chunked = format!("{put}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    assert_eq!(Reply::parse(&raw(&mock, chunked)).status, 200);
    let large = format!("{put}Content-Length: 1048577\r\n\r\n{}", "a".repeat(1_048_577));
    assert_eq!(Reply::parse(&raw(&mock, large)).status, 413);
    let full = format!("{put}Content-Length: 1048576\r\n\r\n{}", "a".repeat(1_048_576));
    assert_eq!(Reply::parse(&raw(&mock, full)).status, 200);

    let mut stream = connect(&mock);
    write!(stream, "{put}Content-Length: 3\r\nExpect: 100-continue\r\n\r\n").unwrap();
    let mut first = [0; 25];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"abc").unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    let reply = Reply::parse(&rest);
    assert_eq!((reply.status, reply.body.len()), (200, 56));
    assert!(reply.head.contains("X-aws-ec2-metadata-token-ttl-seconds"));
}

#[test]
fn a_client_that_goes_away_harms_nobody() {
    let mock = friendly();
    for bytes in [
        "",
        "GET / HT",
        "GET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\na",
    ] {
        let mut stream = connect(&mock);
        stream.write_all(bytes.as_bytes()).unwrap();
        drop(stream);
    }
    assert_eq!(get(&mock, "/latest/").status, 200);
}

#[test]
fn a_foreign_host_name_is_refused_as_a_page_in_a_browser_would_send_it() {
    let mock = MockImds::builder()
        .tokens(TokenMode::Optional)
        .allow_host("imds")
        .start_blocking();
    let as_host = |host: &str| {
        Reply::parse(&raw(
            &mock,
            format!("GET /latest/meta-data/mac HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        ))
    };
    for host in [
        "evil.example",
        "evil.example:1338",
        "10.0.0.1",
        "127.0.0.1.evil.example",
        "amazonaws.com.evil",
        "",
    ] {
        assert_eq!(as_host(host).status, 403, "{host}");
    }
    assert!(as_host("evil.example").body.contains("--allow-host"));
    for host in [
        "127.0.0.1",
        "127.0.0.1:1338",
        "LOCALHOST",
        "localhost:80",
        "[::1]:80",
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "[fd00:ec2::254]",
        "sts.us-east-1.amazonaws.com",
        "imds",
        "IMDS:1338",
    ] {
        assert_eq!(as_host(host).status, 200, "{host}");
    }
    assert_eq!(
        raw(&mock, "GET /latest/ HTTP/1.1\r\n\r\n").get(..15),
        Some("HTTP/1.1 200 OK")
    );
}
