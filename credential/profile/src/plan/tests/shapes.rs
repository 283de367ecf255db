//! The shapes that AWS's SDKs share for roles in profiles, with what becomes of each. The first profile is `a`.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>

use super::*;

const SSO: &str = "sso_start_url = https://s\nsso_region = eu-west-1\n";
const WHO: &str = "sso_account_id = 1\nsso_role_name = r\n";
const SESSION: &str = "[sso-session s]\nsso_start_url = https://s\nsso_region = eu-west-1\n";

#[test]
fn profiles_that_end_in_a_plan() {
    let keys = pair("KEY");
    let cases = [
        (
            "a role with static keys",
            format!(
                "{}[profile b]\n{keys}aws_account_id = 1",
                role("a", "source_profile = b")
            ),
            "profile `a`: role arn:a, from profile `b`: static keys KEY in config:5",
        ),
        (
            "the role's own keys are ignored",
            format!(
                "{}[profile b]\n{keys}",
                role("a", &format!("source_profile = b\n{}", pair("OWN")))
            ),
            "profile `a`: role arn:a, from profile `b`: static keys KEY in config:8",
        ),
        (
            "a session name",
            format!(
                "{}[profile b]\n{keys}",
                role("a", "source_profile = b\nrole_session_name = me")
            ),
            "profile `a`: role arn:a, from profile `b`: static keys KEY in config:6",
        ),
        (
            "an external ID",
            format!(
                "{}[profile b]\n{keys}",
                role("a", "source_profile = b\nexternal_id = me")
            ),
            "profile `a`: role arn:a with an external ID, from profile `b`: static keys KEY in config:6",
        ),
        (
            "self-reference",
            role("a", &format!("source_profile = a\n{keys}")),
            "profile `a`: role arn:a, from static keys KEY in config:4",
        ),
        (
            "self-reference with a process, which a pair does not beat there",
            role(
                "a",
                &format!("source_profile = a\ncredential_process = /p\n{keys}"),
            ),
            "profile `a`: role arn:a, from credential process /p in config:4",
        ),
        (
            "self-reference of a later profile",
            format!(
                "{}{}",
                role("a", "source_profile = b"),
                role("b", "source_profile = b\nlogin_session = arn:me")
            ),
            "profile `a`: role arn:a, from profile `b`: role arn:b, from login session of arn:me",
        ),
        (
            "a credential source",
            role("a", "credential_source = Ec2InstanceMetadata"),
            "profile `a`: role arn:a, from credential source Ec2InstanceMetadata in config:3",
        ),
        (
            "a credential source in any case",
            role("a", "credential_source = ECSCONTAINER"),
            "profile `a`: role arn:a, from credential source EcsContainer in config:3",
        ),
        (
            "three profiles",
            format!(
                "{}{}[profile c]\n{keys}",
                role("a", "source_profile = b"),
                role("b", "source_profile = c")
            ),
            "profile `a`: role arn:a, from profile `b`: role arn:b, from profile `c`: static keys KEY in config:8",
        ),
        (
            "three profiles, the middle one with keys, which end the way",
            format!(
                "{}{}[profile c]\n{}",
                role("a", "source_profile = b"),
                role("b", &format!("source_profile = c\n{keys}")),
                pair("C")
            ),
            "profile `a`: role arn:a, from profile `b`: static keys KEY in config:7",
        ),
        (
            "keys in a later profile end the way before a loop closes",
            format!(
                "{}{}",
                role("a", "source_profile = b"),
                role("b", &format!("source_profile = a\n{keys}"))
            ),
            "profile `a`: role arn:a, from profile `b`: static keys KEY in config:7",
        ),
        (
            "a later profile with half a pair is its role",
            format!(
                "{}{}[profile c]\n{keys}",
                role("a", "source_profile = b"),
                role("b", "source_profile = c\naws_access_key_id = HALF")
            ),
            "profile `a`: role arn:a, from profile `b`: role arn:b, from profile `c`: static keys KEY in config:9",
        ),
        (
            "web identity",
            role("a", "web_identity_token_file = /t"),
            "profile `a`: role arn:a with the web identity token in /t",
        ),
        (
            "web identity before a source profile",
            role(
                "a",
                "web_identity_token_file = /t\nsource_profile = zzz\nrole_session_name = me",
            ),
            "profile `a`: role arn:a with the web identity token in /t",
        ),
        (
            "a role with web identity",
            format!(
                "{}{}",
                role("a", "source_profile = b"),
                role("b", "web_identity_token_file = /t")
            ),
            "profile `a`: role arn:a, from profile `b`: role arn:b with the web identity token in /t",
        ),
        (
            "SSO, all in the profile",
            format!("[profile a]\n{SSO}{WHO}"),
            "profile `a`: role r of account 1 in IAM Identity Center, https://s",
        ),
        (
            "SSO with a session",
            format!("[profile a]\nsso_session = s\n{WHO}{SESSION}"),
            "profile `a`: role r of account 1 in IAM Identity Center, session `s`",
        ),
        (
            "SSO that says the same twice",
            format!("[profile a]\nsso_session = s\n{SSO}{WHO}{SESSION}"),
            "profile `a`: role r of account 1 in IAM Identity Center, session `s`",
        ),
    ];
    for (shape, config, plan) in cases {
        assert_eq!(told(&config), plan, "{shape}");
    }
}

#[test]
fn profiles_that_end_in_an_error() {
    let secret = canary("half");
    let keys = pair("KEY");
    let cases = [
        (
            "a role alone",
            role("a", ""),
            "InvalidConfiguration: profile `a` has role_arn in config:2, but no source_profile or credential_source",
        ),
        (
            "a role with two bases",
            role("a", "source_profile = b\ncredential_source = Environment"),
            "InvalidConfiguration: profile `a` has both source_profile and credential_source in config:4; only one is \
             allowed",
        ),
        (
            "an unknown credential source",
            role("a", "credential_source = Moon"),
            "InvalidConfiguration: credential_source of profile `a` in config:3 is `Moon`, which nobody knows; it may be \
             Environment, Ec2InstanceMetadata, EcsContainer, Vault",
        ),
        (
            "a source profile with half a pair",
            format!(
                "{}[profile b]\naws_access_key_id = {secret}",
                role("a", "source_profile = b")
            ),
            "InvalidConfiguration: profile `b`, the source profile of `a`, cannot be used: profile `b` has \
             aws_access_key_id in config:5, but no aws_secret_access_key",
        ),
        (
            "a source profile with the other half",
            format!(
                "{}[profile b]\naws_secret_access_key = {secret}",
                role("a", "source_profile = b")
            ),
            "InvalidConfiguration: profile `b`, the source profile of `a`, cannot be used: profile `b` has \
             aws_secret_access_key in config:5, but no aws_access_key_id",
        ),
        (
            "an empty source profile",
            format!("{}[profile b]", role("a", "source_profile = b")),
            "InvalidConfiguration: profile `b`, the source profile of `a`, cannot be used: profile `b` has no \
             credential settings",
        ),
        (
            "a profile of itself with nothing else",
            role("a", "source_profile = a"),
            "InvalidConfiguration: profile `a`, the source profile of `a`, cannot be used: profile `a` has no \
             credential settings",
        ),
        (
            "a selected profile with other settings alone",
            "[profile a]\nregion = eu-west-1".to_owned(),
            "NotConfigured: profile `a` has no credential settings",
        ),
        (
            "a missing source profile",
            role("a", "source_profile = b"),
            "InvalidConfiguration: no profile `b`, which profile `a` names as its source_profile in config:3",
        ),
        (
            "a source profile without its prefix",
            format!("{}[b]\n{keys}", role("a", "source_profile = b")),
            "InvalidConfiguration: no profile `b`, which profile `a` names as its source_profile in config:3; config:4: \
             [b] is ignored; a profile here is called [profile b]",
        ),
        (
            "a loop of two",
            format!(
                "{}{}",
                role("a", "source_profile = b"),
                role("b", "source_profile = a")
            ),
            "InvalidConfiguration: the source profiles form a loop: `a`, `b`, and then `a` again",
        ),
        (
            "a loop of two with keys in the first",
            format!(
                "{}{}",
                role("a", &format!("source_profile = b\n{keys}")),
                role("b", "source_profile = a")
            ),
            "InvalidConfiguration: the source profiles form a loop: `a`, `b`, and then `a` again",
        ),
        (
            "a web identity without a role",
            "[profile a]\nweb_identity_token_file = /t".to_owned(),
            "InvalidConfiguration: profile `a` has web_identity_token_file in config:2, but no role_arn",
        ),
        (
            "a credential source without a role",
            format!("[profile a]\ncredential_source = Environment\n{keys}"),
            "InvalidConfiguration: profile `a` has credential_source in config:2, but no role_arn",
        ),
        (
            "SSO without an account",
            format!("[profile a]\n{SSO}sso_role_name = r"),
            "InvalidConfiguration: profile `a` has sso_role_name in config:4, but no sso_account_id",
        ),
        (
            "SSO without a role",
            format!("[profile a]\n{SSO}sso_account_id = 1"),
            "InvalidConfiguration: profile `a` has sso_account_id in config:4, but no sso_role_name",
        ),
        (
            "SSO that lacks nearly everything",
            "[profile a]\nsso_session = s\nsso_account_id = 1\n[sso-session s]".to_owned(),
            "InvalidConfiguration: profile `a` has sso_account_id in config:3, but no sso_role_name and no sso_region in \
             [sso-session s] and no sso_start_url in [sso-session s]",
        ),
        (
            "an SSO session for a token alone",
            format!("[profile a]\nsso_session = s\n{SESSION}"),
            "NotConfigured: profile `a` (sso_session in config:2) has neither sso_account_id nor sso_role_name, so it \
             gives no credentials",
        ),
        (
            "a source profile for a token alone",
            format!(
                "{}[profile b]\nsso_session = s\n{SESSION}",
                role("a", "source_profile = b")
            ),
            "InvalidConfiguration: profile `b`, the source profile of `a`, cannot be used: profile `b` (sso_session in \
             config:5) has neither sso_account_id nor sso_role_name, so it gives no credentials",
        ),
        (
            "SSO with a region that the session lacks",
            format!(
                "[profile a]\nsso_session = s\nsso_region = eu-west-1\n{WHO}[sso-session s]\nsso_start_url = u"
            ),
            "InvalidConfiguration: profile `a` has sso_region in config:3, and [sso-session s], where it belongs, has \
             none",
        ),
        (
            "SSO with another region than the session",
            format!("[profile a]\nsso_session = s\nsso_region = eu-west-2\n{WHO}{SESSION}"),
            "InvalidConfiguration: profile `a` has sso_region in config:3, and [sso-session s], where it belongs, has \
             another",
        ),
        (
            "SSO with an unknown session",
            format!("[profile a]\nsso_session = t\n{WHO}{SESSION}"),
            "InvalidConfiguration: no [sso-session t] in the config file, which profile `a` names in config:2",
        ),
        (
            "SSO with a region that could name another host",
            format!("[profile a]\nsso_region = evil.example/\nsso_start_url = u\n{WHO}"),
            "InvalidConfiguration: sso_region in config:2 must be a region such as eu-west-1: letters, digits and \
             hyphens, at most 63",
        ),
    ];
    for (shape, config, error) in cases {
        assert_eq!(told(&config), error, "{shape}");
    }
}
