use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

use credential_core::{Clock, SystemClock};
use mock_imds::{Fault, MockImds, Step, TokenMode};

use crate::support::*;

const ID: &str = "GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn friendly(fault: Fault) -> MockImds {
    MockImds::builder()
        .tokens(TokenMode::Optional)
        .fault(Step::Metadata, fault)
        .start_blocking()
}

#[test]
fn a_status_comes_as_often_as_told_with_the_services_own_page() {
    let mock = friendly(Fault::status(503).after(1).times(2));
    let statuses: Vec<u16> = (0..4).map(|_| Reply::parse(&raw(&mock, ID)).status).collect();
    assert_eq!(statuses, [200, 503, 503, 200]);
    let record = &mock.requests()[1];
    assert_eq!((record.status(), record.fault()), (Some(503), Some("status 503")));
    assert_eq!(mock.requests()[0].fault(), None);
}

#[test]
fn a_body_breaks_off_where_told_under_its_full_length() {
    let mock = friendly(Fault::truncate(10));
    let reply = Reply::parse(&raw(&mock, ID));
    assert_eq!((reply.status, reply.header("Content-Length")), (200, Some("19")));
    assert_eq!(reply.body, "i-01234567");
    mock.clear_faults();
    assert_eq!(Reply::parse(&raw(&mock, ID)).body.len(), 19);
}

#[test]
fn a_body_stalls_where_told_until_one_of_the_two_goes() {
    let mock = friendly(Fault::stall(10).times(1));
    let mut stream = connect(&mock);
    stream.write_all(ID.as_bytes()).unwrap();
    let mut text = String::new();
    while !text.ends_with("i-01234567") {
        let mut part = [0; 1024];
        let count = stream.read(&mut part).unwrap();
        assert_ne!(count, 0, "{text}");
        text += std::str::from_utf8(&part[..count]).unwrap();
    }
    assert_eq!(Reply::parse(&raw(&mock, ID)).status, 200, "others are served");
    stream.set_nonblocking(true).unwrap();
    assert_eq!(
        stream.read(&mut [0; 1]).unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
    drop(mock);
    let end = stream.read(&mut [0; 1]);
    assert!(matches!(&end, Ok(0)) || end.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset));
}

#[test]
fn stalled_connections_whose_clients_have_gone_take_up_no_place() {
    let mock = friendly(Fault::stall(0));
    for _ in 0..300 {
        let mut stream = connect(&mock);
        stream.write_all(ID.as_bytes()).unwrap();
        assert_ne!(stream.read(&mut [0; 1024]).unwrap(), 0);
    }
    assert_eq!(mock.connections(), 300);
}

#[test]
fn a_body_can_come_a_few_bytes_at_a_time() {
    let mock = friendly(Fault::drip(5, Duration::from_millis(10)));
    let before = SystemClock.monotonic();
    let reply = Reply::parse(&raw(&mock, ID));
    assert_eq!(reply.body, "i-0123456789abcdef0");
    assert!(
        SystemClock.monotonic() - before >= Duration::from_millis(40),
        "four pieces"
    );
}

#[test]
fn any_bytes_can_stand_in_for_an_answer() {
    let bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: many\r\n\r\n\rtoken";
    let mock = friendly(Fault::raw(bytes).times(1));
    assert_eq!(raw(&mock, ID), bytes);
    let record = &mock.requests()[0];
    assert_eq!(
        (record.status(), record.fault()),
        (None, Some("66 bytes of its own"))
    );
    assert_eq!(Reply::parse(&raw(&mock, ID)).status, 200);
}

#[test]
fn a_reset_is_a_reset_and_a_close_is_orderly() {
    let mock = friendly(Fault::reset());
    let mut stream = connect(&mock);
    stream.write_all(ID.as_bytes()).unwrap();
    let error = stream.read(&mut [0; 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(
        (mock.requests()[0].status(), mock.requests()[0].fault()),
        (None, Some("reset"))
    );

    let mock = friendly(Fault::close());
    let mut stream = connect(&mock);
    stream.write_all(ID.as_bytes()).unwrap();
    assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
}

#[tokio::test]
async fn a_client_that_is_never_answered_sees_the_end_when_the_server_goes() {
    let mock = friendly(Fault::never_answer());
    let mut stream = connect(&mock);
    stream.write_all(ID.as_bytes()).unwrap();
    mock.wait_for(Step::Metadata, 1).await;
    drop(mock);
    // The end is there when the drop is over; an answer would have come before it.
    stream.set_nonblocking(true).unwrap();
    let end = stream.read(&mut [0; 1]);
    assert!(matches!(&end, Ok(0)) || end.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset));
}

#[test]
fn an_answer_can_be_any_text_or_carry_another_header() {
    let mock = friendly(Fault::answer(200, "<html>sign in</html>").times(1));
    mock.fault(
        Step::Metadata,
        Fault::proper()
            .with_header("Server", "Microsoft-HTTPAPI/2.0")
            .times(1),
    );
    mock.fault(
        Step::Metadata,
        Fault::status(429).with_header("Retry-After", "1").times(1),
    );
    assert_eq!(Reply::parse(&raw(&mock, ID)).body, "<html>sign in</html>");
    let reply = Reply::parse(&raw(&mock, ID));
    assert_eq!(
        (reply.header("Server"), reply.body.len()),
        (Some("Microsoft-HTTPAPI/2.0"), 19)
    );
    let reply = Reply::parse(&raw(&mock, ID));
    assert_eq!((reply.status, reply.header("Retry-After")), (429, Some("1")));
    assert_eq!(
        mock.requests()[2].fault(),
        Some("status 429, header Retry-After set")
    );
}

#[test]
fn an_mebibyte_of_filler_arrives_whole() {
    let mock = friendly(Fault::answer(200, vec![b'x'; 1024 * 1024]));
    assert_eq!(Reply::parse(&raw(&mock, ID)).body.len(), 1024 * 1024);
}

#[test]
fn an_answer_can_be_late() {
    let mock = friendly(Fault::proper().delayed_by(Duration::from_millis(30)).times(1));
    let before = SystemClock.monotonic();
    assert_eq!(Reply::parse(&raw(&mock, ID)).status, 200);
    assert!(SystemClock.monotonic() - before >= Duration::from_millis(30));
    assert_eq!(mock.requests()[0].fault(), Some("proper, 30ms late"));
}

#[test]
fn a_fault_that_met_no_request_is_told() {
    let mock = friendly(Fault::status(503).after(1));
    mock.fault(Step::AssumeRole, Fault::reset());
    raw(&mock, ID);
    assert_eq!(
        mock.idle_faults(),
        ["imds metadata: status 503", "sts AssumeRole: reset"]
    );
    raw(&mock, ID);
    assert_eq!(mock.idle_faults(), ["sts AssumeRole: reset"]);
    mock.clear_faults();
    assert!(mock.idle_faults().is_empty());
}

#[tokio::test]
async fn a_request_can_be_held_back_while_a_test_acts() {
    let mock = MockImds::builder().tokens(TokenMode::Optional).start().await;
    mock.pause(Step::Metadata);
    let mut stream = connect(&mock);
    stream.write_all(ID.as_bytes()).unwrap();
    mock.wait_for(Step::Metadata, 1).await;
    assert_eq!(mock.requests()[0].status(), None, "it is under way");
    mock.resume();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert_eq!(Reply::parse(&text).status, 200);
}
