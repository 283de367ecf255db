//! In which region and at which address roles are assumed.

use super::*;

#[tokio::test]
async fn the_region_of_the_program_holds_for_roles() {
    let sts = Sts::start();
    let region = sts.0.mock(|when, then| {
        when.header_includes("authorization", "/ap-south-1/sts/");
        then.status(200).body(session("OUTER"));
    });
    let (home, url) = sts.home(&role("default", "source_profile = base"));
    let provider = home.builder(&[(STS, &url)]).region("ap-south-1").build();
    assert_eq!(id(&provider).await, "OUTER");
    assert_eq!(region.calls(), 1);
}

#[tokio::test]
async fn all_roles_of_a_plan_are_assumed_in_the_region_of_the_selected_profile() {
    let sts = Sts::start();
    for (signer, key) in [("BASE", "INNER"), ("INNER", "OUTER")] {
        sts.0.mock(|when, then| {
            when.header_includes("authorization", format!("Credential={signer}/"))
                .header_includes("authorization", "/eu-north-1/sts/");
            then.status(200).body(session(key));
        });
    }
    // The inner role and the keys say eu-west-1.
    let config = two_roles().replacen("eu-west-1", "eu-north-1", 1) + "[profile base]\nregion = eu-west-1\n";
    let (home, url) = sts.home(&config);
    assert_eq!(id(&home.builder(&[(STS, &url)]).build()).await, "OUTER");
}

#[tokio::test]
async fn roles_are_assumed_where_variables_and_the_selected_profile_say() {
    let (wrong, all) = ("http://127.0.0.1:1", "AWS_ENDPOINT_URL");
    for place in ["its variable", "the variable", "its section", "the profile"] {
        let sts = Sts::start();
        sts.gives("BASE", "inner", "INNER");
        sts.gives("INNER", "default", "OUTER");
        let url = sts.0.base_url();
        let elsewhere = format!("services = mine\nendpoint_url = {wrong}\n");
        let section = |url: &str| format!("[services mine]\nsts =\n  endpoint_url = {url}\n");
        let (variables, settings, sections) = match place {
            "its variable" => (vec![(STS, url.as_str()), (all, wrong)], elsewhere, section(wrong)),
            "the variable" => (vec![(all, url.as_str())], elsewhere, section(wrong)),
            "its section" => (vec![], elsewhere, section(&url)),
            _ => (vec![], format!("endpoint_url = {url}\n"), String::new()),
        };
        // Those of another profile on the way do not count.
        let inner = role(
            "profile inner",
            &format!("source_profile = base\nendpoint_url = {wrong}"),
        )
        .replace("role/profile ", "role/");
        let config = role("default", &format!("source_profile = inner\n{settings}")) + &inner + &sections;
        let home = Home::new(&config, &profile("base", "BASE"));
        assert_eq!(id(&home.builder(&variables).build()).await, "OUTER", "{place}");
    }
}

#[tokio::test]
async fn settings_that_a_plan_does_not_need_harm_nobody() {
    let home = Home::new("", &profile("default", "PROFILE"));
    let wrong = [
        (STS, "no address"),
        ("AWS_REGION", "no/region"),
        ("AWS_MAX_ATTEMPTS", "0"),
    ];
    assert_eq!(id(&home.builder(&wrong).build()).await, "PROFILE");
}
