use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use credential_cache::CacheFile;
use credential_core::{Clock, ProcessRandom, Random, Variables};
use credential_endpoint::is_region;
use credential_http::{HttpClient, Url};
use credential_runtime::TokioClock;
use snafu::{OptionExt, ensure};

use crate::endpoint::Service;
use crate::error::{BlankSnafu, Error, NoHomeSnafu, RegionSnafu};
use crate::session::SsoSession;

/// What provider and login have in common.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) session: SsoSession,
    pub(crate) cache_directory: Option<PathBuf>,
    pub(crate) variables: Variables,
    pub(crate) profile: Option<String>,
    pub(crate) portal_endpoint: Option<String>,
    pub(crate) oidc_endpoint: Option<String>,
    pub(crate) fips: bool,
    pub(crate) dual_stack: bool,
    pub(crate) http: HttpClient,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) max_attempts: u32,
    pub(crate) timeout: Duration,
}

impl Settings {
    pub(crate) fn new(session: SsoSession) -> Self {
        Self {
            session,
            cache_directory: None,
            variables: Variables::of_process(),
            profile: None,
            portal_endpoint: None,
            oidc_endpoint: None,
            fips: false,
            dual_stack: false,
            http: HttpClient::new().with_user_agent(concat!("credential-sso/", env!("CARGO_PKG_VERSION"))),
            clock: Arc::new(TokioClock),
            random: Arc::new(ProcessRandom),
            max_attempts: 3,
            timeout: Duration::from_secs(20),
        }
    }

    /// Refuses what no call could be made with.
    pub(crate) fn check(&self) -> Result<(), Error> {
        not_blank("sso_start_url", self.session.start_url())?;
        let region = self.session.region();
        ensure!(is_region(region), RegionSnafu { region });
        match self.session.name() {
            Some(name) => not_blank("sso_session", name),
            None => Ok(()),
        }
    }

    pub(crate) fn folder(&self) -> Result<PathBuf, Error> {
        match &self.cache_directory {
            Some(folder) => Ok(folder.clone()),
            None => Ok(self.variables.home().context(NoHomeSnafu)?.join(".aws/sso/cache")),
        }
    }

    pub(crate) fn token_file(&self) -> Result<CacheFile, Error> {
        Ok(CacheFile::new(self.session.token_file(&self.folder()?)))
    }

    pub(crate) fn url(&self, service: Service) -> Result<Url, Error> {
        let own = match service {
            Service::Portal => &self.portal_endpoint,
            Service::Oidc => &self.oidc_endpoint,
        };
        service.url(self.session.region(), own.as_deref(), self.fips, self.dual_stack)
    }

    /// When whatever begins now has to be over.
    pub(crate) fn deadline(&self) -> Duration {
        self.clock.monotonic().saturating_add(self.timeout)
    }

    /// What a person has to do to be logged in.
    pub(crate) fn remedy(&self) -> String {
        match (&self.profile, self.session.name()) {
            (Some(profile), _) => {
                let profile = for_a_shell(profile);
                format!("run `credential login --profile {profile}` or `aws sso login --profile {profile}`")
            }
            (None, Some(name)) => format!("run `aws sso login --sso-session {}`", for_a_shell(name)),
            (None, None) => "run `aws sso login` with the profile".to_owned(),
        }
    }
}

pub(crate) fn not_blank(setting: &'static str, value: &str) -> Result<(), Error> {
    ensure!(!value.trim().is_empty(), BlankSnafu { setting });
    Ok(())
}

/// A word as it can be copied into a shell.
fn for_a_shell(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@+=,".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The settings that provider and login share, as methods of both: each has a method `change`.
macro_rules! settings_methods {
    () => {
        /// The folder of the token files. Default: `~/.aws/sso/cache`, where AWS's tools keep them.
        #[must_use]
        pub fn with_cache_directory(mut self, path: impl Into<std::path::PathBuf>) -> Self {
            self.change().cache_directory = Some(path.into());
            self
        }

        /// The environment's variables, which tell the home directory. Default: the process's own.
        #[must_use]
        pub fn with_variables(mut self, variables: credential_core::Variables) -> Self {
            self.change().variables = variables;
            self
        }

        /// The profile that all of this stands in, for the sentence that tells how to log in. Default: none.
        #[must_use]
        pub fn with_profile(mut self, name: impl Into<String>) -> Self {
            self.change().profile = Some(name.into());
            self
        }

        /// Asks this address for a role's credentials instead of AWS's: `http` or `https`, with a path if need be. The
        /// token goes there.
        ///
        /// It cannot go with FIPS or dual-stack. Default: the endpoint of the session's region.
        ///
        /// AWS: `AWS_ENDPOINT_URL_SSO`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
        #[must_use]
        pub fn with_portal_endpoint(mut self, endpoint: &str) -> Self {
            self.change().portal_endpoint = Some(endpoint.to_owned());
            self
        }

        /// Asks this address for tokens instead of AWS's: `http` or `https`, with a path if need be.
        ///
        /// It cannot go with FIPS or dual-stack. Default: the endpoint of the session's region.
        ///
        /// AWS: `AWS_ENDPOINT_URL_SSO_OIDC`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
        #[must_use]
        pub fn with_oidc_endpoint(mut self, endpoint: &str) -> Self {
            self.change().oidc_endpoint = Some(endpoint.to_owned());
            self
        }

        /// Calls the endpoints with FIPS 140 cryptography. Default: the plain ones.
        ///
        /// AWS: `use_fips_endpoint`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html>
        #[must_use]
        pub fn with_fips(mut self) -> Self {
            self.change().fips = true;
            self
        }

        /// Calls the endpoints that have IPv6 as well. Default: the plain ones.
        ///
        /// AWS: `use_dualstack_endpoint`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html>
        #[must_use]
        pub fn with_dual_stack(mut self) -> Self {
            self.change().dual_stack = true;
            self
        }

        /// Connects through this client, which brings proxies, CA bundle and limits. Default: a plain one.
        #[must_use]
        pub fn with_http_client(mut self, http: credential_http::HttpClient) -> Self {
            self.change().http = http;
            self
        }

        /// Takes time and pauses from this clock. Default: the system's.
        #[must_use]
        pub fn with_clock(mut self, clock: impl credential_core::Clock + 'static) -> Self {
            self.change().clock = std::sync::Arc::new(clock);
            self
        }

        /// Takes the random share of each pause from here. Default: the operating system's randomness.
        #[must_use]
        pub fn with_random(mut self, random: impl credential_core::Random + 'static) -> Self {
            self.change().random = std::sync::Arc::new(random);
            self
        }

        /// How often a call is tried, pausing up to 1 s, then 2 s, 20 s at most; 0 counts as 1. Default: 3.
        ///
        /// AWS: `max_attempts`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
        #[must_use]
        pub fn with_max_attempts(mut self, attempts: u32) -> Self {
            self.change().max_attempts = attempts;
            self
        }
    };
}

pub(crate) use settings_methods;

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings::new(SsoSession::named(
            "corp",
            "https://corp.awsapps.com/start",
            "eu-central-1",
        ))
    }

    #[test]
    fn token_files_are_below_the_home_directory_unless_a_folder_is_given() {
        let mut settings = settings();
        settings.variables = Variables::from([("HOME", "/home/jo")]);
        assert_eq!(
            settings.folder().unwrap(),
            PathBuf::from("/home/jo/.aws/sso/cache")
        );
        settings.cache_directory = Some("/elsewhere".into());
        assert_eq!(settings.folder().unwrap(), PathBuf::from("/elsewhere"));
        settings.cache_directory = None;
        settings.variables = Variables::from([("HOME", " ")]);
        assert!(matches!(settings.folder(), Err(Error::NoHome)) || cfg!(windows));
    }

    #[test]
    fn the_remedy_is_a_command_to_copy() {
        let mut settings = settings();
        assert_eq!(settings.remedy(), "run `aws sso login --sso-session corp`");
        settings.profile = Some("my 'profile'".into());
        assert_eq!(
            settings.remedy(),
            r"run `credential login --profile 'my '\''profile'\'''` or `aws sso login --profile 'my '\''profile'\'''`"
        );
        settings.profile = Some("deploy".into());
        assert_eq!(
            settings.remedy(),
            "run `credential login --profile deploy` or `aws sso login --profile deploy`"
        );
    }
}
