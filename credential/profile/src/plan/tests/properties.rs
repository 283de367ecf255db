use super::*;

/// A line of a profile: names that meet, values that are right or wrong, and a canary wherever a secret may stand.
fn line() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "b", "c", "d", "e", "nobody", ""]);
    let secret = Just(canary("property"));
    prop_oneof![
        3 => name.clone().prop_map(|name| format!("source_profile = {name}")),
        3 => Just("role_arn = arn:aws:iam::123456789012:role/r".to_owned()),
        1 => Just("role_arn =".to_owned()),
        1 => prop::sample::select(vec!["Environment", "ecscontainer", "Vault", "Moon"])
            .prop_map(|name| format!("credential_source = {name}")),
        1 => Just("web_identity_token_file = ~/token".to_owned()),
        1 => secret.clone().prop_map(|secret| format!("external_id = {secret}")),
        1 => secret.clone().prop_map(|secret| format!("credential_process = tool {secret}")),
        1 => secret.clone().prop_map(|secret| format!("credential_process = \"tool {secret}")),
        1 => secret.clone().prop_map(|secret| format!("credential_process = PASSWORD={secret} tool")),
        1 => secret.clone().prop_map(|secret| format!("credential_process = 'PASSWORD={secret}' tool")),
        2 => Just("aws_access_key_id = AKIDEXAMPLE".to_owned()),
        2 => secret.clone().prop_map(|secret| format!("aws_secret_access_key = {secret}")),
        1 => secret.clone().prop_map(|secret| format!("aws_session_token = {secret}")),
        1 => secret.prop_map(|secret| format!("role_session_name = {secret}")),
        1 => prop::sample::select(vec!["1", "900", "7200", "43200", "x"])
            .prop_map(|seconds| format!("duration_seconds = {seconds}")),
        1 => Just("sso_session = s".to_owned()),
        1 => Just("sso_account_id = 1\nsso_role_name = r".to_owned()),
        1 => Just("sso_region = eu-west-1\nsso_start_url = u".to_owned()),
        1 => Just("login_session = arn:me".to_owned()),
        1 => Just("mfa_serial = arn:mfa".to_owned()),
    ]
}

fn files() -> impl Strategy<Value = String> {
    let profile = prop::collection::vec(line(), 0..6);
    prop::collection::vec(profile, 1..6).prop_map(|profiles| {
        let mut text = "[sso-session s]\nsso_region = eu-west-1\nsso_start_url = u\n".to_owned();
        for (name, lines) in ["a", "b", "c", "d", "e"].iter().zip(profiles) {
            write!(text, "[profile {name}]\n{}\n", lines.join("\n")).unwrap();
        }
        text
    })
}

proptest! {
    #[test]
    fn any_set_of_profiles_ends_in_a_plan_or_an_error_that_tells_no_secret(text in files()) {
        let profiles = Profiles::of_texts(&text, "").unwrap();
        for name in profiles.names() {
            let shown = match Plan::of(&profiles, name, &["Vault"]) {
                Ok(plan) => {
                    prop_assert_eq!(plan.profile(), name);
                    prop_assert!(plan.hops().len() <= 6);
                    prop_assert_eq!(&Plan::of(&profiles, name, &["Vault"]).unwrap(), &plan);
                    let problems: String = plan.problems().iter().map(ToString::to_string).collect();
                    format!("{plan} {plan:?} {problems}")
                }
                Err(error) => {
                    let debug = format!("{error:?}");
                    format!("{debug} {}", CredentialsError::from(error).report())
                }
            };
            prop_assert!(!leaks(&shown), "{}", shown);
        }
    }
}
