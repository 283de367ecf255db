//! What is wrong with the settings, before anybody asks AWS.

use crate::{Base, Error, Plan, Settings};

impl Settings {
    /// What would be refused of the settings that getting the credentials of this plan takes, each once: `region` where
    /// STS or a login session is asked for, and where any service of AWS is asked `retry_mode`, `max_attempts`, `sts_regional_endpoints`, `endpoint_url` and
    /// `services`, in the files and in their variables. Empty when all are fine. It opens no connection.
    ///
    /// ```
    /// use credential_core::Variables;
    /// use credential_profile::{Profiles, Selection, Settings};
    ///
    /// let text = "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Environment\n\
    ///             retry_mode = often";
    /// let nothing: [(&str, &str); 0] = [];
    /// let selection = Selection::new().with_variables(Variables::from(nothing));
    /// let settings = Settings::new(Profiles::of_texts(text, "")?, &selection)?;
    /// let refused = settings.check(&settings.plan(&[])?);
    /// assert_eq!(refused[0].to_string(), "retry_mode in config:4 must be standard, adaptive or legacy");
    /// # Ok::<(), credential_profile::Error>(())
    /// ```
    ///
    /// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>
    #[must_use]
    pub fn check(&self, plan: &Plan) -> Vec<Error> {
        let by_token = matches!(plan.base(), Base::WebIdentity(_));
        let asks_sts = by_token || !plan.hops().is_empty();
        let of_login: &[&str] = match plan.base() {
            Base::Sso(_) => &["sso", "sso_oidc"],
            Base::LoginSession(_) => &["signin"],
            Base::StaticKeys(_) | Base::CredentialSource(_) | Base::WebIdentity(_) | Base::Process(_) => &[],
        };
        let mut refused = Refused(Vec::new());
        if asks_sts || matches!(plan.base(), Base::LoginSession(_)) {
            refused.add(self.region());
        }
        if asks_sts || !of_login.is_empty() {
            refused.add(self.retry_mode());
            refused.add(self.max_attempts());
        }
        if asks_sts {
            refused.add(self.sts_regional_endpoints());
            refused.add(if by_token {
                self.token_endpoint_url("sts")
            } else {
                self.endpoint_url("sts")
            });
        }
        for service in of_login {
            refused.add(self.endpoint_url(service));
        }
        refused.0
    }
}

struct Refused(Vec<Error>);

impl Refused {
    /// Services often stumble over the same line.
    fn add<T>(&mut self, outcome: Result<T, Error>) {
        if let Err(error) = outcome
            && !self.0.iter().any(|known| known.to_string() == error.to_string())
        {
            self.0.push(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use credential_core::Variables;

    use crate::{Profiles, Selection, Settings};

    const ROLE: &str = "role_arn = arn:aws:iam::123456789012:role/r\n";
    const SSO: &str = "sso_start_url = u\nsso_account_id = 1\nsso_role_name = r\nsso_region = eu-west-1\n";

    #[test]
    fn what_the_way_to_the_credentials_would_refuse_is_told_each_once() {
        let clear = "endpoint_url = http://localstack:4566\n";
        let wrong = "retry_mode = x\nmax_attempts = 0\nsts_regional_endpoints = x\nendpoint_url = x\n";
        let base = "credential_source = Environment\n";
        let cases: &[(String, &[&str])] = &[
            (format!("{ROLE}{base}region = eu-west-1\n{clear}"), &[]),
            (
                format!("{ROLE}{base}{wrong}region = a b"),
                &[
                    "region in",
                    "retry_mode in",
                    "max_attempts in",
                    "sts_regional_endpoints in",
                    "endpoint_url in",
                ],
            ),
            // no service is asked
            (format!("credential_process = p\n{wrong}"), &[]),
            ("credential_process = p\nregion = a/b".to_owned(), &[]),
            ("login_session = arn:x\nregion = a/b".to_owned(), &["region in"]),
            (
                format!("{SSO}{wrong}"),
                &["retry_mode in", "max_attempts in", "endpoint_url in"],
            ),
            // both services of a login stumble over one line
            (format!("{SSO}services = gone"), &["no [services gone]"]),
            (format!("{SSO}{clear}"), &["endpoint_url in", "endpoint_url in"]),
            (format!("login_session = arn:x\n{clear}"), &["endpoint_url in"]),
            (
                format!("{ROLE}web_identity_token_file = /t\n{clear}"),
                &["endpoint_url in"],
            ),
        ];
        for (lines, expected) in cases {
            let profiles = Profiles::of_texts(&format!("[default]\n{lines}"), "").unwrap();
            let nothing: [(&str, &str); 0] = [];
            let selection = Selection::new().with_variables(Variables::from(nothing));
            let settings = Settings::new(profiles, &selection).unwrap();
            let refused = settings.check(&settings.plan(&[]).unwrap());
            let told: Vec<String> = refused.iter().map(ToString::to_string).collect();
            assert_eq!(told.len(), expected.len(), "{lines}: {told:?}");
            for (told, expected) in told.iter().zip(*expected) {
                assert!(told.starts_with(expected), "{told}");
            }
        }
    }
}
