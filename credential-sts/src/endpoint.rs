use credential_endpoint::{Partition, is_region};

use crate::error::{Error, RegionSnafu, UnsupportedSnafu};

/// Where STS calls go, and the region that they are signed for.
///
/// ```
/// use credential_core::AwsCredentials;
/// use credential_sts::StsClient;
///
/// let sts = StsClient::new("cn-north-1", AwsCredentials::new("AKIDEXAMPLE", "secret"));
/// let endpoint = sts.endpoint()?;
/// assert_eq!(endpoint.url(), "https://sts.cn-north-1.amazonaws.com.cn");
/// assert_eq!(endpoint.signing_region(), "cn-north-1");
/// # Ok::<(), credential_sts::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_region-endpoints.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    url: String,
    signing_region: String,
}

impl Endpoint {
    /// The address, without a final slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The region that goes into the signature: `us-east-1` for the pseudo region `aws-global`, else the region itself.
    #[must_use]
    pub fn signing_region(&self) -> &str {
        &self.signing_region
    }

    /// An address of one's own, signed for the region.
    pub(crate) fn custom(url: &str, region: &str) -> Result<Self, Error> {
        check(region)?;
        let signing_region = if region == GLOBAL {
            GLOBAL_SIGNING_REGION
        } else {
            region
        };
        Ok(Self {
            url: url.to_owned(),
            signing_region: signing_region.to_owned(),
        })
    }

    /// AWS's own address for a region: the regional one, whatever the old setting about regional endpoints says.
    pub(crate) fn of_region(region: &str, fips: bool, dual_stack: bool) -> Result<Self, Error> {
        check(region)?;
        if region == GLOBAL {
            if fips || dual_stack {
                let wanted = if fips { "FIPS" } else { "dual-stack" };
                return UnsupportedSnafu { region, wanted }.fail();
            }
            return Ok(Self {
                url: "https://sts.amazonaws.com".to_owned(),
                signing_region: GLOBAL_SIGNING_REGION.to_owned(),
            });
        }
        let partition = Partition::of_region(region);
        let domain = if dual_stack {
            partition.dual_stack_suffix()
        } else {
            partition.dns_suffix()
        };
        // The GovCloud endpoints are FIPS endpoints under their plain name; no `sts-fips` stands beside them.
        let host = if fips && (dual_stack || partition.name() != "aws-us-gov") {
            "sts-fips"
        } else {
            "sts"
        };
        Ok(Self {
            url: format!("https://{host}.{region}.{domain}"),
            signing_region: region.to_owned(),
        })
    }
}

const GLOBAL: &str = "aws-global";
const GLOBAL_SIGNING_REGION: &str = "us-east-1";

/// A region becomes part of a host name, so nothing may get in that moves the call to another host.
fn check(region: &str) -> Result<(), Error> {
    if region.trim().is_empty() {
        return Err(Error::NoRegion);
    }
    if is_region(region) {
        Ok(())
    } else {
        RegionSnafu { region }.fail()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(region: &str, fips: bool, dual_stack: bool) -> String {
        Endpoint::of_region(region, fips, dual_stack).unwrap().url
    }

    #[test]
    fn every_partition_has_its_four_endpoints() {
        let table = [
            ("us-east-1", "sts", "sts-fips", "amazonaws.com", "api.aws"),
            ("mx-central-1", "sts", "sts-fips", "amazonaws.com", "api.aws"),
            (
                "cn-north-1",
                "sts",
                "sts-fips",
                "amazonaws.com.cn",
                "api.amazonwebservices.com.cn",
            ),
            (
                "eusc-de-east-1",
                "sts",
                "sts-fips",
                "amazonaws.eu",
                "api.amazonwebservices.eu",
            ),
            ("us-iso-east-1", "sts", "sts-fips", "c2s.ic.gov", "api.aws.ic.gov"),
            (
                "us-isob-east-1",
                "sts",
                "sts-fips",
                "sc2s.sgov.gov",
                "api.aws.scloud",
            ),
            (
                "eu-isoe-west-1",
                "sts",
                "sts-fips",
                "cloud.adc-e.uk",
                "api.cloud-aws.adc-e.uk",
            ),
            (
                "us-isof-south-1",
                "sts",
                "sts-fips",
                "csp.hci.ic.gov",
                "api.aws.hci.ic.gov",
            ),
            ("us-gov-west-1", "sts", "sts", "amazonaws.com", "api.aws"),
        ];
        for (region, plain, fips, dns, dual) in table {
            assert_eq!(
                url(region, false, false),
                format!("https://{plain}.{region}.{dns}")
            );
            assert_eq!(url(region, true, false), format!("https://{fips}.{region}.{dns}"));
            assert_eq!(url(region, false, true), format!("https://sts.{region}.{dual}"));
            assert_eq!(
                url(region, true, true),
                format!("https://sts-fips.{region}.{dual}")
            );
        }
    }

    #[test]
    fn a_region_signs_for_itself_whatever_its_endpoint() {
        for region in ["eu-west-1", "us-gov-east-1", "cn-northwest-1"] {
            for (fips, dual_stack) in [(false, false), (true, true)] {
                let endpoint = Endpoint::of_region(region, fips, dual_stack).unwrap();
                assert_eq!(endpoint.signing_region(), region);
            }
        }
    }

    #[test]
    fn the_global_region_is_signed_for_us_east_1() {
        let endpoint = Endpoint::of_region("aws-global", false, false).unwrap();
        assert_eq!(endpoint.url(), "https://sts.amazonaws.com");
        assert_eq!(endpoint.signing_region(), "us-east-1");
        let custom = Endpoint::custom("http://127.0.0.1:1", "aws-global").unwrap();
        assert_eq!(custom.signing_region(), "us-east-1");
    }

    #[test]
    fn the_global_region_has_neither_fips_nor_dual_stack() {
        for (fips, dual_stack) in [(true, false), (false, true), (true, true)] {
            let error = Endpoint::of_region("aws-global", fips, dual_stack).unwrap_err();
            assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
        }
    }

    #[test]
    fn a_region_that_could_name_another_host_is_refused() {
        for region in ["evil.example.com/", "us-east-1@evil", " us-east-1"] {
            for made in [
                Endpoint::of_region(region, false, false),
                Endpoint::custom("http://127.0.0.1", region),
            ] {
                assert!(matches!(made, Err(Error::Region { .. })), "{region:?}: {made:?}");
            }
        }
    }

    #[test]
    fn no_region_is_an_error_and_never_a_silent_default() {
        for region in ["", " ", "\t"] {
            let error = Endpoint::of_region(region, false, false).unwrap_err();
            assert!(matches!(error, Error::NoRegion), "{error:?}");
            assert!(error.to_string().contains("AWS_REGION"), "{error}");
        }
    }
}
