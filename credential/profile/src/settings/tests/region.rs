//! The region.

use super::*;
use crate::RegionProvider;

#[test]
fn the_region_is_the_first_that_somebody_says() {
    let chain = "[default]\nsource_profile = a\n[profile a]\nregion =\nsource_profile = b\n[profile b]\nregion = eu-north-1";
    let cases: &[(Given<'_>, &str, &str)] = &[
        (
            &[("AWS_REGION", " eu-west-1 "), ("AWS_DEFAULT_REGION", "x")],
            "",
            "\"eu-west-1\" of AWS_REGION",
        ),
        (
            &[("AWS_REGION", " "), ("AWS_DEFAULT_REGION", "x")],
            "",
            "\"x\" of AWS_DEFAULT_REGION",
        ),
        (
            &[("AWS_DEFAULT_REGION", "x")],
            "[default]\nregion = y",
            "\"x\" of AWS_DEFAULT_REGION",
        ),
        (
            &[("AWS_REGION", "")],
            "[default]\nregion = y",
            "\"y\" of region in config:2",
        ),
        (&[], chain, "\"eu-north-1\" of region in config:7"),
        (
            &[("AWS_PROFILE", "a")],
            chain,
            "\"eu-north-1\" of region in config:7",
        ),
        (&[], "[default]\nsource_profile = gone", "none"),
        (&[], "[default]\nsource_profile = default", "none"),
        (
            &[],
            "[default]\nsource_profile = a\n[profile a]\nsource_profile = b\n[profile b]\nsource_profile = a",
            "none",
        ),
        (&[("AWS_PROFILE", "gone")], "[default]\nregion = y", "none"),
        (&[], "", "none"),
    ];
    for (variables, config, expected) in cases {
        assert_eq!(
            told(settings(variables, config).region()),
            *expected,
            "{variables:?} {config}"
        );
    }
}

#[test]
fn what_is_no_region_never_gets_into_a_host_name() {
    let rule = "must be a region such as eu-west-1: letters, digits and hyphens, at most 63";
    let long = "a".repeat(64);
    for region in ["-x", "a.b", "evil.example/", "a@b", "a b", "ü", "a_b", &long] {
        let of_variable = settings(&[("AWS_REGION", region)], "").region();
        assert_eq!(told(of_variable), format!("AWS_REGION {rule}"), "{region}");
        let of_file = settings(&[], &format!("[default]\nregion = {region}")).region();
        assert_eq!(told(of_file), format!("region in config:2 {rule}"), "{region}");
    }
    for region in ["a", "1", "aws-global", "A-9-", &long[1..]] {
        assert!(
            settings(&[("AWS_REGION", region)], "").region().is_ok(),
            "{region}"
        );
    }
}

#[tokio::test]
async fn a_region_given_in_code_or_by_a_variable_needs_no_file() {
    let broken = "/nowhere/config";
    let provider = RegionProvider::new()
        .with_variables(Variables::from([("AWS_REGION", "eu-west-1")]))
        .with_config_file(broken);
    assert_eq!(told(provider.load().await), "\"eu-west-1\" of AWS_REGION");
    assert_eq!(
        told(provider.clone().with_region("eu-west-2").load().await),
        "\"eu-west-2\" of the program"
    );
    assert!(told(provider.with_region("evil/").load().await).starts_with("the program must be a region"));

    let nothing: [(&str, &str); 0] = [];
    let provider = RegionProvider::new()
        .with_variables(Variables::from(nothing))
        .with_config_file(broken);
    assert_eq!(told(provider.load().await), "cannot read /nowhere/config");
}
