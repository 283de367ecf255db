use mock_imds::{ExtendedPaths, MockImds, Step, TokenMode};

use crate::support::*;

#[test]
fn a_value_comes_with_the_headers_of_the_service_in_their_order() {
    let mock = MockImds::builder().clock_at(noon()).start_blocking();
    let reply = get(&mock, "/latest/meta-data/instance-id");
    assert_eq!(
        reply.head,
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nAccept-Ranges: none\r\n\
         Last-Modified: Tue, 01 Jan 2030 12:00:00 GMT\r\nX-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\
         Content-Length: 19\r\nDate: Tue, 01 Jan 2030 12:00:00 GMT\r\nServer: EC2ws\r\nConnection: close"
    );
    assert_eq!(reply.body, "i-0123456789abcdef0");
}

#[test]
fn errors_are_a_short_page_or_an_empty_text() {
    let mock = MockImds::builder().start_blocking();
    let page = get(&mock, "/latest/meta-data/nothing");
    assert_eq!(
        (page.status, page.header("Content-Type")),
        (404, Some("text/html"))
    );
    for part in ["<title>404 - Not Found</title>", "<h1>404 - Not Found</h1>"] {
        assert!(page.body.contains(part), "{}", page.body);
    }
    let forwarded = [
        ("X-aws-ec2-metadata-token-ttl-seconds", "60"),
        ("X-Forwarded-For", "10.0.0.1"),
    ];
    for (line, headers, status) in [
        ("PUT /latest/api/token", &forwarded[..], 403),
        ("GET /latest/api/token", &[], 405),
    ] {
        let reply = ask(&mock, line, headers);
        assert_eq!((reply.status, reply.body.as_str()), (status, ""), "{line}");
        assert_eq!(reply.header("Content-Type"), Some("text/plain"), "{line}");
        assert_eq!(reply.header("Content-Length"), Some("0"), "{line}");
        assert_eq!(reply.header("Server"), Some("EC2ws"), "{line}");
    }
}

#[test]
fn head_is_get_without_the_body() {
    let mock = MockImds::builder().start_blocking();
    let reply = ask(
        &mock,
        "HEAD /latest/meta-data/instance-id",
        &[(TOKEN, &token(&mock))],
    );
    assert_eq!(
        (reply.status, reply.header("Content-Length"), reply.body.as_str()),
        (200, Some("19"), "")
    );
}

#[test]
fn other_methods_are_not_allowed() {
    let mock = MockImds::builder().start_blocking();
    let reply = ask(
        &mock,
        "DELETE /latest/meta-data/instance-id",
        &[(TOKEN, &token(&mock))],
    );
    assert_eq!((reply.status, reply.header("Allow")), (405, Some("GET, HEAD")));
}

#[test]
fn the_root_lists_the_versions() {
    let mock = MockImds::builder().start_blocking();
    let reply = get(&mock, "/");
    assert!(reply.body.starts_with("1.0\n2007-01-19\n"), "{}", reply.body);
    assert!(reply.body.ends_with("\nlatest"), "{}", reply.body);
}

#[test]
fn a_folder_lists_the_same_with_and_without_its_slash() {
    let mock = MockImds::builder().start_blocking();
    for folder in [
        "/latest",
        "/latest/meta-data",
        "/latest/meta-data/iam",
        "/latest/meta-data/placement",
    ] {
        let bare = get(&mock, folder);
        assert_eq!(bare.status, 200, "{folder}");
        assert_eq!(bare.body, get(&mock, &format!("{folder}/")).body, "{folder}");
    }
    assert_eq!(get(&mock, "/latest/").body, "dynamic\nmeta-data");
    assert_eq!(
        get(&mock, "/latest/meta-data/iam/").body,
        "info\nsecurity-credentials/"
    );
    assert_eq!(
        get(&mock, "/latest/meta-data/placement/").body,
        "availability-zone\nregion"
    );
}

#[test]
fn what_does_not_exist_is_a_page_that_says_so() {
    let mock = MockImds::builder().start_blocking();
    for path in [
        "/latest/meta-data/instance-id/",
        "/latest/meta-data/iam/info/Code",
        "/latest/meta-data/iam/security-credentials/other",
        "/latest/meta-data/iam/security-credentials/mock-role/",
        "/latest/meta-data/instance",
        "/latest/meta-data//instance-id",
        "/latest/../latest/meta-data/instance-id",
        "/latest/meta-data/iam/security-credentials-extended/",
        "/1999-01-01/meta-data/instance-id",
        "/meta-data",
        "/%zz",
    ] {
        let reply = get(&mock, path);
        assert_eq!(
            (reply.status, reply.header("Content-Type")),
            (404, Some("text/html")),
            "{path}"
        );
        assert_eq!(reply.header("Server"), Some("EC2ws"));
    }
}

#[test]
fn a_dated_version_has_what_there_was_then() {
    let mock = MockImds::builder().start_blocking();
    assert_eq!(get(&mock, "/1.0/meta-data/instance-id").status, 200);
    assert_eq!(get(&mock, "/2008-02-01/meta-data/placement/region").status, 404);
    assert_eq!(
        get(&mock, "/2020-10-27/meta-data/placement/region").body,
        "us-east-1"
    );
    assert_eq!(
        get(&mock, "/2011-05-01/meta-data/iam/security-credentials/").status,
        404
    );
    assert_eq!(
        get(&mock, "/2012-01-12/meta-data/iam/security-credentials/").body,
        "mock-role"
    );
}

#[test]
fn an_escape_in_a_path_is_undone_and_a_query_ignored() {
    let mock = MockImds::builder().start_blocking();
    assert_eq!(get(&mock, "/latest/meta-data/instance%2Did?x=y").status, 200);
    assert_eq!(get(&mock, "/latest/meta-data%2Finstance-id").status, 404);
}

#[test]
fn values_can_be_set_and_taken_away_and_the_listing_follows() {
    let mock = MockImds::builder()
        .value("meta-data/tags/instance/Name", "web")
        .without_value("meta-data/mac")
        .user_data([0, 159, 146, 150])
        .start_blocking();
    assert_eq!(get(&mock, "/latest/meta-data/tags/instance/Name").body, "web");
    assert_eq!(get(&mock, "/latest/meta-data/tags/").body, "instance/");
    assert_eq!(get(&mock, "/latest/meta-data/mac").status, 404);
    assert!(!get(&mock, "/latest/meta-data/").body.contains("mac"));
    assert_eq!(get(&mock, "/latest/").body, "dynamic\nmeta-data\nuser-data");
    let data = get(&mock, "/latest/user-data");
    assert_eq!(data.header("Content-Type"), Some("application/octet-stream"));
    assert_eq!(data.header("Content-Length"), Some("4"));
}

#[test]
fn region_and_account_are_the_same_wherever_they_stand() {
    let mock = MockImds::builder()
        .region("cn-north-1")
        .account("210987654321")
        .start_blocking();
    assert_eq!(
        get(&mock, "/latest/meta-data/placement/availability-zone").body,
        "cn-north-1a"
    );
    assert_eq!(
        get(&mock, "/latest/meta-data/services/domain").body,
        "amazonaws.com.cn"
    );
    let identity = get(&mock, "/latest/dynamic/instance-identity/document");
    assert_eq!(
        (identity.member("region"), identity.member("accountId")),
        ("cn-north-1".into(), "210987654321".into())
    );
    let info = get(&mock, "/latest/meta-data/iam/info");
    assert_eq!(
        info.member("InstanceProfileArn"),
        "arn:aws-cn:iam::210987654321:instance-profile/mock-profile"
    );
    assert_eq!(info.member("InstanceProfileId").len(), 21);
}

#[test]
fn a_machine_without_a_role_has_no_list_of_roles() {
    let mock = MockImds::builder().no_role().start_blocking();
    for path in [ROLES, "/latest/meta-data/iam/info", "/latest/meta-data/iam/"] {
        assert_eq!(get(&mock, path).status, 404, "{path}");
    }
    mock.set_roles(["late"]);
    assert_eq!(get(&mock, ROLES).body, "late");
    mock.set_roles([]);
    assert_eq!(get(&mock, ROLES).status, 404);
}

#[test]
fn the_list_of_roles_and_a_document_can_be_any_text() {
    let mock = MockImds::builder()
        .role("web")
        .answering("web", "not json")
        .start_blocking();
    assert_eq!(get(&mock, ROLES).body, "web");
    assert_eq!(get(&mock, &format!("{ROLES}web")).body, "not json");
    let mock = MockImds::builder().role("a").role("b").start_blocking();
    assert_eq!(get(&mock, ROLES).body, "a\nb");
    let mock = MockImds::builder().role_listing("../evil\n").start_blocking();
    assert_eq!(get(&mock, ROLES).body, "../evil\n");
    assert_eq!(mock.count(Step::RoleList), 1);
}

#[test]
fn a_role_that_may_not_be_assumed_is_a_document_with_its_code() {
    let mock = MockImds::builder()
        .refusing(
            "web",
            "AssumeRoleUnauthorizedAccess",
            "EC2 cannot assume the role web",
        )
        .start_blocking();
    let reply = get(&mock, &format!("{ROLES}web"));
    assert_eq!(reply.status, 200);
    assert_eq!(reply.member("Code"), "AssumeRoleUnauthorizedAccess");
    assert!(!reply.body.contains("AccessKeyId"));
}

#[test]
fn the_extended_paths_tell_the_account_where_they_exist() {
    let extended = "/latest/meta-data/iam/security-credentials-extended/";
    let mock = MockImds::builder()
        .extended_paths(ExtendedPaths::On)
        .start_blocking();
    assert_eq!(get(&mock, extended).body, "mock-role");
    assert_eq!(
        get(&mock, &format!("{extended}mock-role")).member("AccountId"),
        "123456789012"
    );
    assert!(
        !get(&mock, &format!("{ROLES}mock-role"))
            .body
            .contains("AccountId")
    );
    let mock = MockImds::builder()
        .extended_paths(ExtendedPaths::Only)
        .start_blocking();
    assert_eq!(
        (get(&mock, ROLES).status, get(&mock, extended).status),
        (404, 200)
    );
}

#[test]
fn connections_can_be_kept_and_the_status_line_can_be_old() {
    let mock = MockImds::builder()
        .tokens(TokenMode::Optional)
        .keep_alive()
        .start_blocking();
    let one = "GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let last = "GET /latest/meta-data/mac HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let text = raw(&mock, format!("{one}{one}{last}"));
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 3, "{text}");
    assert_eq!((mock.connections(), mock.requests().len()), (1, 3));

    let mock = MockImds::builder()
        .tokens(TokenMode::Optional)
        .http_1_0()
        .start_blocking();
    assert!(raw(&mock, one).starts_with("HTTP/1.0 200 OK\r\n"));
}
