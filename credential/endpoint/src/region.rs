/// Whether the text can be the name of a region: 1 to 63 ASCII letters, digits and hyphens, the first no hyphen.
///
/// A region becomes part of a host name, so nothing may get in that would send a call to another host. Whether AWS has
/// such a region is not asked: new ones come every year.
///
/// ```
/// use credential_endpoint::is_region;
///
/// assert!(is_region("eu-central-1"));
/// assert!(!is_region("evil.example.com/"));
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html>
#[must_use]
pub fn is_region(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_a_label_of_a_host_name() {
        let longest = "a".repeat(63);
        for region in ["us-east-1", "aws-global", "local", "1", "EU-west-1", &longest] {
            assert!(is_region(region), "{region:?}");
        }
    }

    #[test]
    fn text_that_could_name_another_host_is_no_region() {
        let long = "a".repeat(64);
        for text in [
            "",
            " ",
            "-",
            "evil.example.com/",
            "us-east-1.evil",
            "us-east-1#",
            "us-east-1@evil",
            "us-east-1:80",
            "us east 1",
            " us-east-1",
            "us-east-1\n",
            "-us-east-1",
            "us_east_1",
            "ü-east-1",
            "%2e",
            &long,
        ] {
            assert!(!is_region(text), "{text:?}");
        }
    }
}
