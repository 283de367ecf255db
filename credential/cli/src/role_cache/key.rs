use std::fmt::Write as _;

use credential_chain::RoleHop;
use credential_chain::profile::SsoRole;
use sha1::{Digest, Sha1};

/// The name of the session's file, as botocore makes it: the SHA-1 of the call's parameters in JSON, sorted by name and
/// spaced as Python does it. A session name that nobody chose is left out, since it is another one each time.
///
/// <https://github.com/boto/botocore/blob/develop/botocore/credentials.py> (`_create_cache_key`)
pub(super) fn of(hop: &RoleHop) -> String {
    sha1(&parameters(hop))
}

/// The same for a role of IAM Identity Center, which the AWS CLI keeps too: without any spaces.
pub(super) fn of_sso(role: &SsoRole) -> String {
    let (from, value) = match role.session() {
        Some(name) => ("sessionName", name),
        None => ("startUrl", role.start_url()),
    };
    sha1(&format!(
        "{{\"accountId\":{},\"roleName\":{},\"{from}\":{}}}",
        quote(role.account_id()),
        quote(role.role_name()),
        quote(value)
    ))
}

fn sha1(text: &str) -> String {
    let mut key = String::with_capacity(40);
    for byte in Sha1::digest(text) {
        let _ = write!(key, "{byte:02x}");
    }
    key
}

fn parameters(hop: &RoleHop) -> String {
    let text = |value: &str| quote(value);
    let members = [
        (
            "DurationSeconds",
            hop.duration().map(|duration| duration.as_secs().to_string()),
        ),
        ("ExternalId", hop.external_id().map(|id| text(id.expose()))),
        ("RoleArn", Some(text(hop.role_arn()))),
        ("RoleSessionName", hop.role_session_name().map(text)),
        ("SerialNumber", hop.mfa_serial().map(text)),
    ];
    let members: Vec<String> = members
        .into_iter()
        .filter_map(|(name, value)| Some(format!("\"{name}\": {}", value?)))
        .collect();
    format!("{{{}}}", members.join(", "))
}

/// Python's way: everything outside ASCII's printable letters is escaped, in UTF-16.
fn quote(value: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in value.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            ' '..='~' => quoted.push(letter),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    let _ = write!(quoted, "\\u{unit:04x}");
                }
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use credential_chain::profile::{Base, Plan, Profiles};

    use super::*;

    fn hop(settings: &str) -> RoleHop {
        let config = format!("[profile x]\ncredential_source = Environment\n{settings}");
        let profiles = Profiles::of_texts(&config, "").unwrap();
        Plan::of(&profiles, "x", &[]).unwrap().hops()[0].clone()
    }

    #[test]
    fn a_key_is_the_one_that_botocore_makes() {
        let role = "role_arn = arn:aws:iam::123456789012:role/ops\n";
        for (settings, expected) in [
            ("", "22683b67d5bd46b0335d9327094666b8be5b5cd5"),
            (
                "role_session_name = nightly\n",
                "1e2491d0595f038c584bb13da3f5f31ad2b5ab63",
            ),
            ("external_id = 4711\n", "23188d409288bfae13660b793c2c43c63ed985fe"),
            (
                "mfa_serial = arn:aws:iam::123456789012:mfa/jo\n",
                "07abbaf086f3da56d69528d52d5c1f65282aa2bb",
            ),
            (
                "duration_seconds = 3600\n",
                "45239f85008a7af8c73e6e579844db770bde5416",
            ),
            (
                "external_id = a\"b\\c=/:é\n",
                "d3a813db5c55e8645e8cba0644af72675bf4ee4b",
            ),
            (
                "duration_seconds = 900\nexternal_id = x\nmfa_serial = GAHT12345678\nrole_session_name = jo@example.com\n",
                "70f415596c913641e4a2696bda328b20ada6561a",
            ),
        ] {
            assert_eq!(of(&hop(&format!("{role}{settings}"))), expected, "{settings}");
        }
    }

    #[test]
    fn a_key_of_identity_center_is_the_one_that_botocore_makes() {
        let role = "sso_account_id = 123456789012\nsso_role_name = r\n";
        for (settings, expected) in [
            ("sso_session = corp\n", "bdccdb3c42f91bd933765135475213e737cf9586"),
            (
                "sso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n",
                "c89368baf547a709f5963c54572b5c636661c3a7",
            ),
        ] {
            let config = format!(
                "[profile x]\n{role}{settings}[sso-session corp]\nsso_region = us-east-1\n\
                 sso_start_url = https://corp.awsapps.com/start"
            );
            let plan = Plan::of(&Profiles::of_texts(&config, "").unwrap(), "x", &[]).unwrap();
            let Base::Sso(role) = plan.base() else {
                panic!("{:?}", plan.base())
            };
            assert_eq!(of_sso(role), expected, "{settings}");
        }
    }

    #[test]
    fn letters_outside_ascii_are_escaped_as_python_does_it() {
        assert_eq!(
            quote("a\"\\/\n\r\t\u{8}\u{c}\u{1}\u{7f}äé€😀"),
            r#""a\"\\/\n\r\t\b\f\u0001\u007f\u00e4\u00e9\u20ac\ud83d\ude00""#
        );
    }
}
