use std::collections::HashSet;
use std::io::{Read, Write};

use mock_imds::{Fault, ImdsVersion, MockImds, Step, TokenMode};

use crate::support::*;

const ID: &str = "GET /latest/meta-data/instance-id";

#[test]
fn a_token_comes_with_its_life() {
    let mock = MockImds::builder().start_blocking();
    let reply = ask(&mock, "PUT /latest/api/token", &[(TOKEN_SECONDS, "21600")]);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body.len(), 56);
    assert_eq!(reply.header(TOKEN_SECONDS), Some("21600"));
    assert_eq!(reply.header("Server"), Some("EC2ws"));
    assert!(
        reply
            .head
            .contains("\r\nX-aws-ec2-metadata-token-ttl-seconds: 21600"),
        "{}",
        reply.head
    );
}

#[test]
fn a_life_out_of_its_bounds_is_refused() {
    let mock = MockImds::builder().start_blocking();
    for bad in ["0", "21601", "abc", "1.5", "-1", "", "1e3"] {
        let reply = ask(&mock, "PUT /latest/api/token", &[(TOKEN_SECONDS, bad)]);
        assert_eq!(reply.status, 400, "{bad}");
        assert!(reply.body.contains("<h1>400 - Bad Request</h1>"), "{bad}");
    }
    assert_eq!(ask(&mock, "PUT /latest/api/token", &[]).status, 400);
    let twice = [(TOKEN_SECONDS, "60"), (TOKEN_SECONDS, "60")];
    assert_eq!(ask(&mock, "PUT /latest/api/token", &twice).status, 400);
}

#[test]
fn a_forwarded_request_gets_no_token() {
    let mock = MockImds::builder().start_blocking();
    for from in ["10.0.0.1", ""] {
        let headers = [(TOKEN_SECONDS, "60"), ("X-Forwarded-For", from)];
        let reply = ask(&mock, "PUT /latest/api/token", &headers);
        assert_eq!((reply.status, reply.header("Content-Length")), (403, Some("0")));
    }
    let headers = [(TOKEN, token(&mock)), ("X-Forwarded-For", "10.0.0.1".into())];
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert_eq!(ask(&mock, ID, &headers).status, 403);
}

#[test]
fn of_two_faults_of_a_put_the_first_in_order_is_answered() {
    let mock = MockImds::builder().start_blocking();
    let (latest, dated) = ("PUT /latest/api/token", "PUT /2021-03-23/api/token");
    let (bad, forwarded) = ((TOKEN_SECONDS, "0"), ("X-Forwarded-For", "10.0.0.1"));
    for (line, headers, status) in [
        (latest, vec![bad, forwarded], 403),
        (dated, vec![bad], 400),
        (dated, vec![bad, forwarded], 403),
    ] {
        assert_eq!(ask(&mock, line, &headers).status, status, "{line} {headers:?}");
    }
    let get = ask(&mock, "GET /latest/api/token", &[bad, forwarded]);
    assert_eq!(get.status, 405, "the method comes before all of them");
    mock.set_tokens(TokenMode::Disabled);
    assert_eq!(ask(&mock, latest, &[bad]).status, 403);
}

#[test]
fn the_token_path_knows_put_and_options_alone() {
    let mock = MockImds::builder().start_blocking();
    for method in ["GET", "POST", "DELETE", "BREW"] {
        let reply = ask(&mock, &format!("{method} /latest/api/token"), &[]);
        assert_eq!(
            (reply.status, reply.header("Allow")),
            (405, Some("OPTIONS, PUT")),
            "{method}"
        );
        assert_eq!(reply.header("Content-Length"), Some("0"));
    }
    let reply = ask(&mock, "OPTIONS /latest/api/token", &[]);
    assert_eq!((reply.status, reply.header("Allow")), (200, Some("OPTIONS, PUT")));
}

#[test]
fn a_dated_version_hands_out_no_token() {
    let mock = MockImds::builder().start_blocking();
    let reply = ask(&mock, "PUT /2021-03-23/api/token", &[(TOKEN_SECONDS, "60")]);
    assert_eq!(reply.status, 403);
}

#[test]
fn nothing_is_read_without_a_token_when_tokens_are_required() {
    let mock = MockImds::builder().start_blocking();
    for path in [
        "/",
        "/latest/",
        "/latest/meta-data/instance-id",
        ROLES,
        "/nothing",
    ] {
        let reply = ask(&mock, &format!("GET {path}"), &[]);
        assert_eq!(reply.status, 401, "{path}");
        assert!(reply.body.contains("<title>401 - Unauthorized</title>"), "{path}");
    }
    assert_eq!(ask(&mock, "POST /latest/meta-data/instance-id", &[]).status, 401);
}

#[test]
fn a_wrong_token_is_refused_also_when_tokens_are_optional() {
    let mock = MockImds::builder().tokens(TokenMode::Optional).start_blocking();
    for wrong in ["x", ""] {
        assert_eq!(ask(&mock, ID, &[(TOKEN, wrong)]).status, 401, "{wrong:?}");
    }
    let good = token(&mock);
    assert_eq!(ask(&mock, ID, &[(TOKEN, &good), (TOKEN, &good)]).status, 401);
    let reply = ask(&mock, ID, &[]);
    assert_eq!((reply.status, reply.header(TOKEN_SECONDS)), (200, None));
}

#[test]
fn a_token_ends_with_its_life() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let token = ask(&mock, "PUT /latest/api/token", &[(TOKEN_SECONDS, "5")]).body;
    mock.clock().advance(seconds(4));
    let reply = ask(&mock, ID, &[(TOKEN, &token)]);
    assert_eq!((reply.status, reply.header(TOKEN_SECONDS)), (200, Some("1")));
    mock.clock().advance(seconds(1));
    assert_eq!(ask(&mock, ID, &[(TOKEN, &token)]).status, 401);
}

#[test]
fn a_revoked_token_is_unknown_and_the_next_one_works() {
    let mock = MockImds::builder().start_blocking();
    let old = token(&mock);
    mock.revoke_tokens();
    assert_eq!(ask(&mock, ID, &[(TOKEN, &old)]).status, 401);
    assert_eq!(get(&mock, "/latest/meta-data/instance-id").status, 200);
}

#[test]
fn one_token_can_be_revoked_by_its_number() {
    let mock = MockImds::builder().start_blocking();
    let (first, second) = (token(&mock), token(&mock));
    assert!(mock.revoke_token(1));
    assert!(!mock.revoke_token(1), "it is unknown by now");
    assert_eq!(ask(&mock, ID, &[(TOKEN, &first)]).status, 401);
    assert_eq!(ask(&mock, ID, &[(TOKEN, &second)]).status, 200);
}

#[test]
fn put_can_be_silent_while_get_is_answered_as_one_hop_too_far() {
    let mock = MockImds::builder()
        .tokens(TokenMode::Optional)
        .fault(Step::Token, Fault::never_answer())
        .start_blocking();
    let mut stream = connect(&mock);
    let put = format!("PUT /latest/api/token HTTP/1.1\r\n{TOKEN_SECONDS}: 60\r\n\r\n");
    stream.write_all(put.as_bytes()).unwrap();
    assert_eq!(ask(&mock, ID, &[]).status, 200);
    stream.set_nonblocking(true).unwrap();
    let silence = stream.read(&mut [0; 1]).unwrap_err();
    assert_eq!(silence.kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn a_life_can_be_capped_and_cut_short() {
    let mock = MockImds::builder()
        .clock_at(noon())
        .token_lifetime_cap(seconds(30))
        .start_blocking();
    let reply = ask(&mock, "PUT /latest/api/token", &[(TOKEN_SECONDS, "21600")]);
    assert_eq!(reply.header(TOKEN_SECONDS), Some("30"));
    mock.shorten_tokens(seconds(2));
    assert_eq!(
        ask(&mock, ID, &[(TOKEN, &reply.body)]).header(TOKEN_SECONDS),
        Some("2")
    );
    mock.clock().advance(seconds(2));
    assert_eq!(ask(&mock, ID, &[(TOKEN, &reply.body)]).status, 401);
}

#[test]
fn metadata_can_be_switched_off_and_tokens_survive_it() {
    let mock = MockImds::builder().start_blocking();
    let token = token(&mock);
    mock.set_tokens(TokenMode::Disabled);
    assert_eq!(ask(&mock, ID, &[(TOKEN, &token)]).status, 403);
    assert_eq!(
        ask(&mock, "PUT /latest/api/token", &[(TOKEN_SECONDS, "60")]).status,
        403
    );
    mock.set_tokens(TokenMode::Required);
    assert_eq!(ask(&mock, ID, &[(TOKEN, &token)]).status, 200);
}

#[test]
fn version_one_alone_has_no_token_path_and_looks_at_no_token() {
    let mock = MockImds::builder().tokens(TokenMode::V1Only).start_blocking();
    assert_eq!(ask(&mock, "GET /latest/api/token", &[]).status, 404);
    assert_eq!(ask(&mock, ID, &[(TOKEN, "x")]).status, 200);
}

#[test]
fn requests_are_counted_by_their_headers_as_version_one_or_two() {
    let mock = MockImds::builder().tokens(TokenMode::Optional).start_blocking();
    ask(&mock, ID, &[]);
    ask(&mock, ID, &[(TOKEN, "wrong")]);
    token(&mock);
    let versions: Vec<_> = mock
        .requests()
        .iter()
        .map(mock_imds::Record::imds_version)
        .collect();
    assert_eq!(
        versions,
        [
            Some(ImdsVersion::V1),
            Some(ImdsVersion::V2),
            Some(ImdsVersion::V2)
        ]
    );
}

#[test]
fn the_answer_to_put_can_be_spoiled() {
    let mock = MockImds::builder().start_blocking();
    mock.fault(
        Step::Token,
        Fault::proper().without_header(TOKEN_SECONDS).times(1),
    );
    mock.fault(Step::Token, Fault::answer(200, "").times(1));
    mock.fault(Step::Token, Fault::answer(200, "two\nlines").times(1));
    let put = || ask(&mock, "PUT /latest/api/token", &[(TOKEN_SECONDS, "60")]);
    let reply = put();
    assert_eq!((reply.header(TOKEN_SECONDS), reply.body.len()), (None, 56));
    assert_eq!(put().body, "");
    assert_eq!(put().body, "two\nlines");
    assert_eq!(put().body.len(), 56);
}

#[test]
fn a_thousand_puts_at_once_get_a_thousand_tokens() {
    let mock = MockImds::builder().start_blocking();
    let mut tokens = HashSet::new();
    // In two waves: both ends of each connection are open files of this process.
    for _ in 0..2 {
        let mut streams: Vec<_> = (0..500).map(|_| connect(&mock)).collect();
        for stream in &mut streams {
            let request =
                "PUT /latest/api/token HTTP/1.1\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n";
            stream.write_all(request.as_bytes()).unwrap();
        }
        for mut stream in streams {
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            tokens.insert(Reply::parse(&text).body);
        }
    }
    assert_eq!(tokens.len(), 1000);
    assert_eq!(mock.count(Step::Token), 1000);
}
