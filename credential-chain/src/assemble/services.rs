//! How AWS's services are reached, as the selected profile and the variables say.

use std::path::PathBuf;

use credential_core::Variables;
use credential_http::HttpClient;
use credential_profile::{Error as ProfileError, Setting, Settings};
use credential_sts::StsClient;

use super::proxies::ProxyVariables;

/// What one service's client is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    /// Empty when nobody says one: the client's error tells how to.
    pub(crate) region: String,
    pub(crate) endpoint: Option<String>,
    pub(crate) fips: bool,
    pub(crate) dual_stack: bool,
    pub(crate) max_attempts: Option<u32>,
    proxies: ProxyVariables,
    system_roots: Option<PathBuf>,
    ca_bundle: Option<PathBuf>,
}

impl Service {
    /// The service with this name in the settings, as `sts`.
    pub(crate) fn of(
        name: &str,
        settings: &Settings,
        variables: &Variables,
        region: Option<&str>,
    ) -> Result<Self, ProfileError> {
        let region = match region {
            Some(region) => region.to_owned(),
            None => settings.region()?.map(Setting::into_value).unwrap_or_default(),
        };
        // There is one way to retry, so this changes nothing; a typing mistake in it is still one.
        settings.retry_mode()?;
        let mut system_roots = None;
        for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
            if let Some(path) = variables.get_path(variable)? {
                system_roots = Some(path.into());
                break;
            }
        }
        Ok(Self {
            region,
            endpoint: endpoint(name, settings)?,
            fips: settings.use_fips()?,
            dual_stack: settings.use_dualstack()?,
            max_attempts: settings.max_attempts()?.map(Setting::into_value),
            proxies: ProxyVariables::read(variables)?,
            system_roots,
            ca_bundle: settings.ca_bundle()?.map(Setting::into_value),
        })
    }

    /// The same for STS, whose region may be chosen.
    pub(crate) fn sts(
        settings: &Settings,
        variables: &Variables,
        region: Option<&str>,
    ) -> Result<Self, ProfileError> {
        // This changes nothing, but a typing mistake in it is still one: legacy endpoints are gone.
        settings.sts_regional_endpoints()?;
        Self::of("sts", settings, variables, region)
    }

    /// STS for whoever shows a web identity token, which is sent as it is.
    pub(crate) fn sts_for_a_token(
        settings: &Settings,
        variables: &Variables,
        region: Option<&str>,
    ) -> Result<Self, ProfileError> {
        settings.token_endpoint_url("sts")?;
        Self::sts(settings, variables, region)
    }

    /// The connections to AWS's services: never those to metadata and container endpoints, which know no proxy.
    pub(crate) fn http_client(&self) -> HttpClient {
        let mut http = HttpClient::new().with_proxies(self.proxies.proxies());
        if let Some(path) = &self.system_roots {
            http = http.with_system_roots_from(path);
        }
        if let Some(path) = &self.ca_bundle {
            http = http.with_ca_bundle(path);
        }
        http
    }

    /// A client of STS for this region, told the rest.
    pub(crate) fn client_of(&self, client: StsClient, http: HttpClient) -> StsClient {
        let mut client = client.with_http_client(http);
        if let Some(endpoint) = &self.endpoint {
            client = client.with_endpoint(endpoint);
        }
        if self.fips {
            client = client.with_fips();
        }
        if self.dual_stack {
            client = client.with_dual_stack();
        }
        if let Some(attempts) = self.max_attempts {
            client = client.with_max_attempts(attempts);
        }
        client
    }
}

pub(crate) fn endpoint(name: &str, settings: &Settings) -> Result<Option<String>, ProfileError> {
    Ok(settings.endpoint_url(name)?.map(Setting::into_value))
}
