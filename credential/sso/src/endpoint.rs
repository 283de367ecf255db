use credential_endpoint::{Partition, is_region};
use credential_http::Url;
use snafu::{ResultExt, ensure};

use crate::error::{EndpointConflictSnafu, EndpointQuerySnafu, EndpointSnafu, Error, RegionSnafu};

/// One of the two services of IAM Identity Center.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// Gives a role's credentials for a token.
    Portal,
    /// Gives tokens to people who log in.
    Oidc,
}

impl Service {
    fn name(self) -> &'static str {
        match self {
            Self::Portal => "portal.sso",
            Self::Oidc => "oidc",
        }
    }

    /// As people know it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::Oidc => "OIDC",
        }
    }

    /// Where it is: an address of one's own, else AWS's for the region.
    ///
    /// AWS: <https://docs.aws.amazon.com/general/latest/gr/sso.html>
    pub(crate) fn url(
        self,
        region: &str,
        own: Option<&str>,
        fips: bool,
        dual_stack: bool,
    ) -> Result<Url, Error> {
        ensure!(is_region(region), RegionSnafu { region });
        let service = self.words();
        let Some(own) = own else {
            let host = self.host(region, fips, dual_stack);
            return Url::parse(&format!("https://{host}")).context(EndpointSnafu { service });
        };
        let url = Url::parse(own).context(EndpointSnafu { service })?;
        let endpoint = url.to_string();
        ensure!(url.query().is_none(), EndpointQuerySnafu { service, endpoint });
        ensure!(!fips && !dual_stack, EndpointConflictSnafu { service, endpoint });
        Ok(url)
    }

    fn host(self, region: &str, fips: bool, dual_stack: bool) -> String {
        let (name, partition) = (self.name(), Partition::of_region(region));
        // In GovCloud the plain endpoints are FIPS endpoints already.
        let fips = if fips && (dual_stack || partition.name() != "aws-us-gov") {
            "-fips"
        } else {
            ""
        };
        let suffix = if dual_stack {
            partition.dual_stack_suffix()
        } else {
            partition.dns_suffix()
        };
        format!("{name}{fips}.{region}.{suffix}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_has_its_hosts() {
        let table = [
            (
                "us-east-1",
                false,
                false,
                "portal.sso.us-east-1.amazonaws.com",
                "oidc.us-east-1.amazonaws.com",
            ),
            (
                "us-east-1",
                true,
                false,
                "portal.sso-fips.us-east-1.amazonaws.com",
                "oidc-fips.us-east-1.amazonaws.com",
            ),
            (
                "us-east-1",
                false,
                true,
                "portal.sso.us-east-1.api.aws",
                "oidc.us-east-1.api.aws",
            ),
            (
                "us-east-1",
                true,
                true,
                "portal.sso-fips.us-east-1.api.aws",
                "oidc-fips.us-east-1.api.aws",
            ),
            (
                "cn-north-1",
                false,
                false,
                "portal.sso.cn-north-1.amazonaws.com.cn",
                "oidc.cn-north-1.amazonaws.com.cn",
            ),
            (
                "cn-north-1",
                true,
                false,
                "portal.sso-fips.cn-north-1.amazonaws.com.cn",
                "oidc-fips.cn-north-1.amazonaws.com.cn",
            ),
            (
                "cn-north-1",
                false,
                true,
                "portal.sso.cn-north-1.api.amazonwebservices.com.cn",
                "oidc.cn-north-1.api.amazonwebservices.com.cn",
            ),
            (
                "us-gov-west-1",
                false,
                false,
                "portal.sso.us-gov-west-1.amazonaws.com",
                "oidc.us-gov-west-1.amazonaws.com",
            ),
            (
                "us-gov-west-1",
                true,
                false,
                "portal.sso.us-gov-west-1.amazonaws.com",
                "oidc.us-gov-west-1.amazonaws.com",
            ),
            (
                "us-gov-west-1",
                false,
                true,
                "portal.sso.us-gov-west-1.api.aws",
                "oidc.us-gov-west-1.api.aws",
            ),
            (
                "us-gov-west-1",
                true,
                true,
                "portal.sso-fips.us-gov-west-1.api.aws",
                "oidc-fips.us-gov-west-1.api.aws",
            ),
            (
                "us-iso-east-1",
                false,
                false,
                "portal.sso.us-iso-east-1.c2s.ic.gov",
                "oidc.us-iso-east-1.c2s.ic.gov",
            ),
            (
                "eusc-de-east-1",
                false,
                false,
                "portal.sso.eusc-de-east-1.amazonaws.eu",
                "oidc.eusc-de-east-1.amazonaws.eu",
            ),
        ];
        for (region, fips, dual_stack, portal, oidc) in table {
            for (service, host) in [(Service::Portal, portal), (Service::Oidc, oidc)] {
                let url = service.url(region, None, fips, dual_stack).unwrap();
                assert_eq!(url.to_string(), format!("https://{host}/"));
            }
        }
    }

    #[test]
    fn an_address_of_ones_own_is_used_with_its_path_and_with_nothing_beside_it() {
        let url = |own, fips, dual_stack| Service::Portal.url("us-east-1", Some(own), fips, dual_stack);
        let prefixed = url("http://127.0.0.1:8080/sso/", false, false).unwrap();
        assert_eq!(
            prefixed.join("/federation/credentials").unwrap().path(),
            "/sso/federation/credentials"
        );
        assert!(matches!(
            url("https://example.com", true, false),
            Err(Error::EndpointConflict { .. })
        ));
        assert!(matches!(
            url("https://example.com", false, true),
            Err(Error::EndpointConflict { .. })
        ));
        assert!(matches!(
            url("https://example.com?x=y", false, false),
            Err(Error::EndpointQuery { .. })
        ));
        for own in [
            "",
            "example.com",
            "ftp://example.com",
            "https://user:pass@example.com",
        ] {
            assert!(
                matches!(url(own, false, false), Err(Error::Endpoint { .. })),
                "{own}"
            );
        }
    }

    #[test]
    fn a_region_that_could_name_another_host_is_refused() {
        for region in [
            "",
            " ",
            "evil.example.com/",
            "us-east-1#",
            "us-east-1@evil",
            "-us",
        ] {
            for own in [None, Some("http://127.0.0.1")] {
                let made = Service::Oidc.url(region, own, false, false);
                assert!(matches!(made, Err(Error::Region { .. })), "{region:?}");
            }
        }
    }
}
