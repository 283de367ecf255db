use std::sync::{Mutex, MutexGuard, PoisonError};

use credential_core::{AwsCredentials, Renewal};
use credential_http::Response;
use credential_json::{Document, Required};
use snafu::{IntoError, ensure};

use crate::client::InstanceMetadataClient;
use crate::error::{
    DocumentSnafu, Error, NoRoleSnafu, NoSuchRoleSnafu, NotJsonSnafu, RoleGoneSnafu, RoleNameSnafu,
    StatusSnafu, TrustPolicySnafu, UnexpectedSnafu, VariableSnafu,
};
use crate::provider::NAME;
use crate::session::{Answer, Session};
use crate::settings::Setting;
use snafu::ResultExt;

/// How often the list of roles is read while the role it names has no credentials: it was exchanged in between.
const MOST_ROUNDS: u32 = 4;

/// Whether the newer paths that add the account ID are asked, which EC2 does not serve everywhere.
///
/// ```
/// use credential_instance_metadata::ExtendedPath;
///
/// assert_eq!(ExtendedPath::default(), ExtendedPath::Off);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtendedPath {
    /// `/latest/meta-data/iam/security-credentials/` alone. The default.
    #[default]
    Off,
    /// `/latest/meta-data/iam/security-credentials-extended/` until it answers with status 404, then the other for good.
    Auto,
    /// The extended one alone.
    On,
}

/// The two places where roles stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Legacy,
    Extended,
}

impl Place {
    fn path(self, role: &str) -> String {
        match self {
            Self::Legacy => format!("meta-data/iam/security-credentials/{role}"),
            Self::Extended => format!("meta-data/iam/security-credentials-extended/{role}"),
        }
    }
}

/// Which role the instance has, and where its credentials stand: kept, so that a refresh is one request.
#[derive(Debug, Default)]
pub(crate) struct Roles(Mutex<Known>);

#[derive(Clone, Debug, Default)]
struct Known {
    role: Option<String>,
    place: Option<Place>,
}

/// One walk from the name of the role to its credentials.
pub(crate) struct Walk<'a> {
    pub(crate) client: &'a InstanceMetadataClient,
    pub(crate) session: &'a Session,
    pub(crate) roles: &'a Roles,
    pub(crate) extended: ExtendedPath,
}

impl Walk<'_> {
    pub(crate) async fn credentials(&self, configured: Option<&Setting>) -> Result<AwsCredentials, Error> {
        let mut rounds = 0;
        loop {
            let kept = self.known().role.clone();
            let (role, listed) = match (configured, kept) {
                (Some(configured), _) => (configured.value.clone(), false),
                (None, Some(kept)) => (kept, false),
                (None, None) => (self.discover().await?, true),
            };
            rounds += u32::from(listed);
            let place = self.place();
            let answer = self.client.ask(self.session, &place.path(&role)).await?;
            if answer.response.status() != 404 {
                return self.read(place, &role, answer).await;
            }
            if self.turns_to_legacy(place) {
                continue;
            }
            let request = answer.request;
            if let Some(Setting { origin: setting, .. }) = configured {
                return NoSuchRoleSnafu {
                    role,
                    setting,
                    request,
                }
                .fail();
            }
            // The instance has been given another role since its name was read.
            self.known().role = None;
            ensure!(
                rounds < MOST_ROUNDS,
                RoleGoneSnafu {
                    role,
                    rounds,
                    request,
                }
            );
        }
    }

    /// The first role in the list: an instance has one.
    async fn discover(&self) -> Result<String, Error> {
        loop {
            let place = self.place();
            let Answer { response, request } = self.client.ask(self.session, &place.path("")).await?;
            match response.status() {
                200 => self.known().place = Some(place),
                404 if self.turns_to_legacy(place) => continue,
                404 => return NoRoleSnafu { request }.fail(),
                status => return StatusSnafu { status, request }.fail(),
            }
            let text = String::from_utf8_lossy(response.body());
            let Some(role) = text.lines().map(str::trim).find(|line| !line.is_empty()) else {
                return NoRoleSnafu { request }.fail();
            };
            ensure!(
                fault_in(role).is_none(),
                UnexpectedSnafu {
                    what: "name of a role",
                    request
                }
            );
            self.known().role = Some(role.to_owned());
            return Ok(role.to_owned());
        }
    }

    /// The credentials in an answer; one that is not JSON, as when it was cut short, is asked for once again.
    async fn read(&self, place: Place, role: &str, mut answer: Answer) -> Result<AwsCredentials, Error> {
        let mut repeated = false;
        loop {
            let Answer { response, request } = answer;
            let status = response.status();
            ensure!(status == 200, StatusSnafu { status, request });
            self.known().place = Some(place);
            match Document::parse(response.body()) {
                Ok(document) => {
                    return document
                        .into_credentials(Required::TEMPORARY)
                        .map(|credentials| {
                            credentials
                                .with_source(NAME)
                                .with_renewal(Renewal::NEVER.with_static_stability())
                        })
                        .map_err(|error| match &error {
                            credential_json::Error::Refused { code, .. }
                                if code == "AssumeRoleUnauthorizedAccess" =>
                            {
                                TrustPolicySnafu { role }.into_error(error)
                            }
                            _ => DocumentSnafu { role, request }.into_error(error),
                        });
                }
                Err(error) if repeated => {
                    let answer = look_of(&response);
                    return Err(NotJsonSnafu {
                        role,
                        request,
                        answer,
                    }
                    .into_error(error));
                }
                Err(_) => repeated = true,
            }
            answer = self.client.ask(self.session, &place.path(role)).await?;
        }
    }

    fn place(&self) -> Place {
        match self.extended {
            ExtendedPath::Off => Place::Legacy,
            ExtendedPath::On => Place::Extended,
            ExtendedPath::Auto => self.known().place.unwrap_or(Place::Extended),
        }
    }

    /// Whether a 404 says that the extended path is not served here, rather than that a role is gone.
    fn turns_to_legacy(&self, place: Place) -> bool {
        let mut known = self.known();
        let turns = self.extended == ExtendedPath::Auto && place == Place::Extended && known.place.is_none();
        if turns {
            known.place = Some(Place::Legacy);
        }
        turns
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.roles.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The role that the program, the environment or the profile names.
///
/// Here alone blank is not unset: a blank name would turn the request for its credentials into one for the list.
pub(crate) fn configured_role(
    in_code: Option<&str>,
    client: &InstanceMetadataClient,
) -> Result<Option<Setting>, Error> {
    const VARIABLE: &str = "AWS_EC2_INSTANCE_PROFILE_NAME";
    let settings = &client.settings;
    let setting = match in_code {
        Some(role) => Some(("with_role", role.to_owned())),
        None => (settings.variables.get_raw(VARIABLE).context(VariableSnafu)?).map(|value| (VARIABLE, value)),
    };
    let setting = setting
        .map(|(origin, value)| Setting {
            value,
            origin: origin.to_owned(),
        })
        .or_else(|| settings.raw_of_profile("ec2_instance_profile_name").cloned());
    let Some(Setting { value, origin }) = setting else {
        return Ok(None);
    };
    let value = value.trim().to_owned();
    match fault_in(&value) {
        None => Ok(Some(Setting { value, origin })),
        Some(problem) => RoleNameSnafu {
            setting: origin,
            problem,
        }
        .fail(),
    }
}

/// Why a text is no name of a role. It goes into a path, so nobody may steer a request with it.
///
/// AWS: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
fn fault_in(name: &str) -> Option<&'static str> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    match name {
        "" => Some("it is blank"),
        "." | ".." => Some("it would lead to another path"),
        _ if name.len() > 64 => Some("it is longer than 64 characters"),
        _ if !name.bytes().all(legal) => Some("it may hold letters, digits and _+=,.@- alone"),
        _ => None,
    }
}

/// What an answer looks like that is not JSON.
fn look_of(response: &Response) -> String {
    let body = response.body();
    let mut look = format!("{} bytes", body.len());
    if let Some(content_type) = response.header("content-type") {
        look.push_str(" of ");
        look.extend(content_type.chars().take(60));
    }
    // A web page tells who answered instead; anything else may be a part of a document.
    if body.starts_with(b"<") {
        let start = String::from_utf8_lossy(body.get(..64).unwrap_or(body));
        look.push_str(&format!(" that start with {start:?}"));
    }
    look
}

#[cfg(test)]
mod tests;
