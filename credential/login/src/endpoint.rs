//! Where AWS Sign-In is, which is not where the other services are.

use credential_endpoint::{Partition, is_region};
use credential_http::{Url, UrlError};
use snafu::{OptionExt, ResultExt, ensure};

use crate::error::{
    EndpointConflictSnafu, EndpointQuerySnafu, EndpointSnafu, Error, NoRegionSnafu, RegionSnafu,
};

/// What the settings say about it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Endpoint {
    pub(crate) region: Option<String>,
    /// One's own address, or what is wrong with it: the text itself may hold a password.
    pub(crate) custom: Option<Result<Url, UrlError>>,
    pub(crate) fips: bool,
    pub(crate) dual_stack: bool,
}

impl Endpoint {
    /// The address that renews a session.
    pub(crate) fn token_url(&self) -> Result<Url, Error> {
        let base = match &self.custom {
            Some(custom) => self.custom(custom.as_ref().map_err(|fault| *fault).context(EndpointSnafu)?)?,
            None => format!("https://{}", self.host()?),
        };
        Url::parse(&format!("{base}/v1/token")).context(EndpointSnafu)
    }

    fn custom(&self, url: &Url) -> Result<String, Error> {
        let endpoint = url.to_string();
        ensure!(url.query().is_none(), EndpointQuerySnafu { endpoint });
        ensure!(!self.fips && !self.dual_stack, EndpointConflictSnafu { endpoint });
        Ok(endpoint.trim_end_matches('/').to_owned())
    }

    /// AWS: <https://docs.aws.amazon.com/general/latest/gr/signin-service.html>
    fn host(&self) -> Result<String, Error> {
        let region = self.region.as_deref().map(str::trim);
        let region = region
            .filter(|region| !region.is_empty())
            .context(NoRegionSnafu)?;
        // A pseudo region has no host of its own.
        let usable = is_region(region) && !region.ends_with("-global");
        ensure!(usable, RegionSnafu { region });
        let partition = Partition::of_region(region);
        Ok(match (self.fips, self.dual_stack, partition.name()) {
            (true, true, _) => format!("signin-fips.{region}.{}", partition.dual_stack_suffix()),
            (false, true, _) => format!("signin.{region}.{}", partition.dual_stack_suffix()),
            (true, false, "aws-us-gov") if region == "us-gov-west-1" => {
                "signin-fips.amazonaws-us-gov.com".to_owned()
            }
            (true, false, "aws-us-gov") => format!("{region}.signin-fips.amazonaws-us-gov.com"),
            (true, false, _) => format!("signin-fips.{region}.{}", partition.dns_suffix()),
            (false, false, name) => format!("{region}.signin.{}", console_domain(name)),
        })
    }
}

/// The domain of the console, below which the sign-in of a partition is.
fn console_domain(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "amazonaws.cn",
        "aws-us-gov" => "amazonaws-us-gov.com",
        "aws-eusc" => "amazonaws-eusc.eu",
        "aws-iso" => "c2shome.ic.gov",
        "aws-iso-b" => "sc2shome.sgov.gov",
        "aws-iso-e" => "csphome.adc-e.uk",
        "aws-iso-f" => "csphome.hci.ic.gov",
        _ => "aws.amazon.com",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(region: &str, fips: bool, dual_stack: bool) -> Endpoint {
        Endpoint {
            region: Some(region.to_owned()),
            custom: None,
            fips,
            dual_stack,
        }
    }

    fn custom(url: &str) -> Endpoint {
        Endpoint {
            custom: Some(Url::parse(url)),
            ..Endpoint::default()
        }
    }

    #[test]
    fn every_kind_of_region_has_its_hosts() {
        for (region, fips, dual_stack, host) in [
            ("us-east-1", false, false, "us-east-1.signin.aws.amazon.com"),
            (
                " eu-central-1 ",
                false,
                false,
                "eu-central-1.signin.aws.amazon.com",
            ),
            ("moon-base-1", false, false, "moon-base-1.signin.aws.amazon.com"),
            ("cn-north-1", false, false, "cn-north-1.signin.amazonaws.cn"),
            (
                "us-gov-west-1",
                false,
                false,
                "us-gov-west-1.signin.amazonaws-us-gov.com",
            ),
            (
                "us-gov-east-1",
                false,
                false,
                "us-gov-east-1.signin.amazonaws-us-gov.com",
            ),
            (
                "us-iso-east-1",
                false,
                false,
                "us-iso-east-1.signin.c2shome.ic.gov",
            ),
            (
                "us-isob-east-1",
                false,
                false,
                "us-isob-east-1.signin.sc2shome.sgov.gov",
            ),
            (
                "eu-isoe-west-1",
                false,
                false,
                "eu-isoe-west-1.signin.csphome.adc-e.uk",
            ),
            (
                "us-isof-south-1",
                false,
                false,
                "us-isof-south-1.signin.csphome.hci.ic.gov",
            ),
            (
                "eusc-de-east-1",
                false,
                false,
                "eusc-de-east-1.signin.amazonaws-eusc.eu",
            ),
            ("us-east-1", true, false, "signin-fips.us-east-1.amazonaws.com"),
            ("us-gov-west-1", true, false, "signin-fips.amazonaws-us-gov.com"),
            (
                "us-gov-east-1",
                true,
                false,
                "us-gov-east-1.signin-fips.amazonaws-us-gov.com",
            ),
            (
                "cn-north-1",
                true,
                false,
                "signin-fips.cn-north-1.amazonaws.com.cn",
            ),
            ("us-east-1", false, true, "signin.us-east-1.api.aws"),
            ("us-gov-west-1", false, true, "signin.us-gov-west-1.api.aws"),
            (
                "cn-north-1",
                false,
                true,
                "signin.cn-north-1.api.amazonwebservices.com.cn",
            ),
            ("us-east-1", true, true, "signin-fips.us-east-1.api.aws"),
        ] {
            let url = of(region, fips, dual_stack).token_url().unwrap();
            assert_eq!(url.to_string(), format!("https://{host}/v1/token"), "{region}");
        }
    }

    #[test]
    fn a_region_that_names_no_host_or_another_one_is_refused() {
        for region in ["evil.example.com/", "us-east-1#", "-us-east-1", "aws-global", "ü"] {
            let error = of(region, false, false).token_url().unwrap_err();
            assert!(matches!(error, Error::Region { .. }), "{region:?}: {error:?}");
        }
        for region in [None, Some(String::new()), Some(" ".to_owned())] {
            let endpoint = Endpoint {
                region,
                ..Endpoint::default()
            };
            let error = endpoint.token_url().unwrap_err();
            assert!(matches!(error, Error::NoRegion));
            assert!(error.to_string().contains("`region`"), "{error}");
        }
    }

    #[test]
    fn an_endpoint_of_ones_own_needs_no_region() {
        for (given, expected) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/token"),
            ("https://vpce.example.com/", "https://vpce.example.com/v1/token"),
            (
                "https://proxy.example.com:443/signin/",
                "https://proxy.example.com/signin/v1/token",
            ),
        ] {
            assert_eq!(custom(given).token_url().unwrap().to_string(), expected);
        }
    }

    #[test]
    fn an_endpoint_that_cannot_be_used_is_refused() {
        let error = custom("signin.example.com").token_url().unwrap_err();
        assert!(matches!(error, Error::Endpoint { .. }));
        let error = custom("https://signin.example.com/?x=1").token_url().unwrap_err();
        assert!(matches!(error, Error::EndpointQuery { .. }));
        for (fips, dual_stack) in [(true, false), (false, true), (true, true)] {
            let endpoint = Endpoint {
                fips,
                dual_stack,
                ..custom("https://signin.example.com")
            };
            let error = endpoint.token_url().unwrap_err();
            assert!(matches!(error, Error::EndpointConflict { .. }));
        }
    }
}
