use std::io;

use crate::container::Host;
use crate::{MockImds, home};

/// Where a program is to find its credentials.
///
/// ```
/// use mock_imds::{MockImds, Source};
///
/// let mock = MockImds::builder().start_blocking();
/// let (name, value) = mock.variables(Source::Ecs)?.remove(0);
/// assert_eq!(name, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
/// assert_eq!(value, format!("{}{}", mock.endpoint(), mock.ecs_path()));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// EC2 instance metadata.
    InstanceMetadata,
    /// The ECS agent, by its full URI.
    Ecs,
    /// The EKS Pod Identity agent, with its token file.
    Eks,
    /// AWS IoT Greengrass: a component's credentials, for a token in the environment.
    Greengrass,
    /// Lambda SnapStart: a function's credentials, for a token in the environment.
    SnapStart,
    /// CloudShell: a shell's credentials, for a token in the environment. They live for a quarter of an hour at most.
    CloudShell,
    /// A web identity token in a file, for a role.
    WebIdentity,
    /// IAM Identity Center, by a profile in [`MockImds::home`]. Its tokens are found by the home directory alone, so
    /// the variable for that is among these.
    Sso,
    /// AWS sign-in, by a profile in [`MockImds::home`].
    SignIn,
    /// The environment itself: the long-term key of [`MockImds::user`].
    Environment,
}

const KEYS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
const WEB_IDENTITY: [&str; 2] = ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"];
const CONTAINER: [&str; 4] = [
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];

pub(crate) fn of(mock: &MockImds, source: Source) -> io::Result<Vec<(String, String)>> {
    let base = mock.endpoint();
    let mut pairs = match source {
        Source::InstanceMetadata => vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT", base.to_owned())],
        Source::Ecs => {
            let uri = format!("{base}{}", mock.ecs_path());
            let mut pairs = vec![("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri)];
            if let Some(value) = mock.ecs_authorization() {
                pairs.push(("AWS_CONTAINER_AUTHORIZATION_TOKEN", value));
            }
            if let Some(uri) = mock.task_metadata_uri() {
                pairs.push(("ECS_CONTAINER_METADATA_URI_V4", uri));
            }
            pairs
        }
        Source::Greengrass => container(mock, Host::Greengrass),
        Source::SnapStart => container(mock, Host::SnapStart),
        Source::CloudShell => container(mock, Host::CloudShell),
        Source::Eks => vec![
            (
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                format!("{base}/v1/credentials"),
            ),
            (
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                mock.eks_token_file()?.to_string_lossy().into_owned(),
            ),
        ],
        Source::WebIdentity => vec![
            (
                "AWS_WEB_IDENTITY_TOKEN_FILE",
                mock.web_identity_token_file()?.to_string_lossy().into_owned(),
            ),
            ("AWS_ROLE_ARN", mock.web_identity_role_arn()),
        ],
        Source::Sso => {
            let mut pairs = profile(mock, home::SSO_PROFILE)?;
            let home = mock.home()?.to_string_lossy().into_owned();
            pairs.extend([
                (if cfg!(windows) { "USERPROFILE" } else { "HOME" }, home),
                ("AWS_ENDPOINT_URL_SSO", base.to_owned()),
                ("AWS_ENDPOINT_URL_SSO_OIDC", base.to_owned()),
            ]);
            pairs
        }
        Source::SignIn => {
            let mut pairs = profile(mock, home::LOGIN_PROFILE)?;
            let cache = home::login_cache(&mock.home()?);
            pairs.extend([
                ("AWS_LOGIN_CACHE_DIRECTORY", cache.to_string_lossy().into_owned()),
                ("AWS_ENDPOINT_URL_SIGNIN", base.to_owned()),
            ]);
            pairs
        }
        Source::Environment => vec![
            ("AWS_ACCESS_KEY_ID", mock.user().access_key_id().to_owned()),
            (
                "AWS_SECRET_ACCESS_KEY",
                mock.user().secret_access_key().to_owned(),
            ),
        ],
    };
    pairs.extend([
        ("AWS_REGION", mock.region().to_owned()),
        ("AWS_DEFAULT_REGION", mock.region().to_owned()),
        ("AWS_ENDPOINT_URL_STS", base.to_owned()),
        ("AWS_ENDPOINT_URL_EC2", base.to_owned()),
        ("NO_PROXY", "127.0.0.1,localhost,::1".to_owned()),
    ]);
    Ok(pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect())
}

fn container(mock: &MockImds, host: Host) -> Vec<(&'static str, String)> {
    vec![
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            format!("{}{}", mock.endpoint(), host.path()),
        ),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", mock.host_token(host)),
    ]
}

/// A profile of the server's own config file, and no credentials file.
fn profile(mock: &MockImds, name: &str) -> io::Result<Vec<(&'static str, String)>> {
    let config = home::config_file(&mock.home()?);
    let credentials = config.with_file_name("credentials");
    Ok(vec![
        ("AWS_PROFILE", name.to_owned()),
        ("AWS_CONFIG_FILE", config.to_string_lossy().into_owned()),
        (
            "AWS_SHARED_CREDENTIALS_FILE",
            credentials.to_string_lossy().into_owned(),
        ),
    ])
}

/// What stands earlier in AWS's order of sources, or switches this one off: as long as it is set, nobody asks here.
pub(crate) fn to_unset(mock: &MockImds, source: Source) -> Vec<&'static str> {
    let mut names = vec!["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];
    match source {
        Source::Environment => names.push("AWS_SESSION_TOKEN"),
        Source::Sso | Source::SignIn => {
            names.retain(|name| *name != "AWS_PROFILE");
            names.extend(KEYS);
            names.extend(WEB_IDENTITY);
        }
        Source::WebIdentity => {
            names.extend(KEYS);
            names.push("AWS_ROLE_SESSION_NAME");
        }
        Source::Ecs | Source::Eks => {
            names.extend(KEYS);
            names.extend(WEB_IDENTITY);
            names.push("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
            if source == Source::Eks || mock.ecs_authorization().is_none() {
                names.push("AWS_CONTAINER_AUTHORIZATION_TOKEN");
            }
            if source == Source::Ecs {
                names.push("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
            }
        }
        Source::Greengrass | Source::SnapStart | Source::CloudShell => {
            names.extend(KEYS);
            names.extend(WEB_IDENTITY);
            names.extend([
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            ]);
        }
        Source::InstanceMetadata => {
            names.extend(KEYS);
            names.extend(WEB_IDENTITY);
            names.extend(CONTAINER);
            names.extend([
                "AWS_EC2_METADATA_DISABLED",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
            ]);
        }
    }
    names
}
