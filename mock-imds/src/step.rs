use std::fmt;

/// What a request was for, by path and action: what is counted, and where a [`Fault`](crate::Fault) is put.
///
/// ```
/// use mock_imds::{MockImds, Service, Step};
///
/// let mock = MockImds::builder().start_blocking();
/// assert_eq!(mock.count(Step::AssumeRole), 0);
/// assert_eq!(Step::AssumeRole.service(), Service::Sts);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Step {
    /// The session token of instance metadata, `/latest/api/token`.
    Token,
    /// The list of roles, `/latest/meta-data/iam/security-credentials/`.
    RoleList,
    /// The credentials of a role, `/latest/meta-data/iam/security-credentials/ROLE`.
    Credentials,
    /// Any other path of instance metadata.
    Metadata,
    /// The ECS agent's credentials, `/v2/credentials/ID` and its kin.
    EcsCredentials,
    /// The EKS Pod Identity agent's credentials, `/v1/credentials`.
    EksCredentials,
    /// The ECS agent's task metadata, `/v4/ID` and its kin.
    TaskMetadata,
    /// The credentials of Greengrass, Lambda SnapStart and CloudShell, each at its path.
    ContainerCredentials,
    /// STS `AssumeRole`.
    AssumeRole,
    /// STS `AssumeRoleWithWebIdentity`.
    AssumeRoleWithWebIdentity,
    /// STS `GetSessionToken`.
    GetSessionToken,
    /// STS `GetCallerIdentity`.
    GetCallerIdentity,
    /// STS `GetFederationToken`.
    GetFederationToken,
    /// STS `GetAccessKeyInfo`.
    GetAccessKeyInfo,
    /// EC2 `DescribeSpotInstanceRequests`.
    DescribeSpotInstanceRequests,
    /// EC2 `DescribeInstances`.
    DescribeInstances,
    /// EC2 `DescribeRegions`.
    DescribeRegions,
    /// The SSO portal's `GetRoleCredentials`, `/federation/credentials`.
    GetRoleCredentials,
    /// The SSO portal's `ListAccounts`, `/assignment/accounts`.
    ListAccounts,
    /// The SSO portal's `ListAccountRoles`, `/assignment/roles`.
    ListAccountRoles,
    /// The SSO portal's `Logout`, `/logout`.
    Logout,
    /// SSO OIDC's `RegisterClient`, `/client/register`.
    RegisterClient,
    /// SSO OIDC's `StartDeviceAuthorization`, `/device_authorization`.
    StartDeviceAuthorization,
    /// SSO OIDC's `CreateToken`, `/token`.
    CreateToken,
    /// The page where a login in the browser begins, `/authorize`.
    Authorize,
    /// The page where a user code is typed in, `/device`.
    Device,
    /// AWS sign-in's `CreateOAuth2Token`, `/v1/token`.
    CreateOAuth2Token,
    /// What the server says of a signature for any service, `/__mock/verify` and below.
    Verify,
    /// Something that the server does not know.
    Unexpected,
}

/// Who answers: several services share the one address.
///
/// ```
/// use mock_imds::{MockImds, Service, Step};
///
/// assert_eq!(Step::AssumeRole.service(), Service::Sts);
///
/// let mock = MockImds::builder().start_blocking();
/// // … the code under test runs …
/// assert!(mock.requests().iter().all(|record| record.step().service() != Service::Ec2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Service {
    /// Instance metadata (IMDS).
    InstanceMetadata,
    /// The ECS agent.
    Ecs,
    /// The EKS Pod Identity agent.
    Eks,
    /// Greengrass, Lambda SnapStart or CloudShell.
    Container,
    /// The Security Token Service.
    Sts,
    /// EC2's own API.
    Ec2,
    /// The portal of IAM Identity Center.
    Sso,
    /// The OIDC service of IAM Identity Center, with its pages.
    SsoOidc,
    /// AWS sign-in.
    SignIn,
    /// The server as itself.
    Mock,
    /// Nobody.
    Unknown,
}

/// Which version of instance metadata a request belongs to. It is version 2 when it carries a version 2 header, whether
/// or not the token in it is any good. See the example of [`Record`](crate::Record).
///
/// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-v2-how-it-works.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImdsVersion {
    /// Plain requests.
    V1,
    /// Requests with a session token, and the request for one.
    V2,
}

impl Step {
    /// Who answers this step.
    #[must_use]
    pub fn service(self) -> Service {
        match self {
            Self::Token | Self::RoleList | Self::Credentials | Self::Metadata => Service::InstanceMetadata,
            Self::EcsCredentials | Self::TaskMetadata => Service::Ecs,
            Self::ContainerCredentials => Service::Container,
            Self::EksCredentials => Service::Eks,
            Self::AssumeRole
            | Self::AssumeRoleWithWebIdentity
            | Self::GetSessionToken
            | Self::GetCallerIdentity
            | Self::GetFederationToken
            | Self::GetAccessKeyInfo => Service::Sts,
            Self::DescribeSpotInstanceRequests | Self::DescribeInstances | Self::DescribeRegions => {
                Service::Ec2
            }
            Self::GetRoleCredentials | Self::ListAccounts | Self::ListAccountRoles | Self::Logout => {
                Service::Sso
            }
            Self::RegisterClient
            | Self::StartDeviceAuthorization
            | Self::CreateToken
            | Self::Authorize
            | Self::Device => Service::SsoOidc,
            Self::CreateOAuth2Token => Service::SignIn,
            Self::Verify => Service::Mock,
            Self::Unexpected => Service::Unknown,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Token => "token",
            Self::RoleList => "role list",
            Self::Credentials | Self::EcsCredentials | Self::EksCredentials | Self::ContainerCredentials => {
                "credentials"
            }
            Self::TaskMetadata => "task metadata",
            Self::Metadata => "metadata",
            Self::AssumeRole => "AssumeRole",
            Self::AssumeRoleWithWebIdentity => "AssumeRoleWithWebIdentity",
            Self::GetSessionToken => "GetSessionToken",
            Self::GetCallerIdentity => "GetCallerIdentity",
            Self::GetFederationToken => "GetFederationToken",
            Self::GetAccessKeyInfo => "GetAccessKeyInfo",
            Self::DescribeSpotInstanceRequests => "DescribeSpotInstanceRequests",
            Self::DescribeInstances => "DescribeInstances",
            Self::DescribeRegions => "DescribeRegions",
            Self::GetRoleCredentials => "GetRoleCredentials",
            Self::ListAccounts => "ListAccounts",
            Self::ListAccountRoles => "ListAccountRoles",
            Self::Logout => "Logout",
            Self::RegisterClient => "RegisterClient",
            Self::StartDeviceAuthorization => "StartDeviceAuthorization",
            Self::CreateToken => "CreateToken",
            Self::Authorize => "authorize page",
            Self::Device => "device page",
            Self::CreateOAuth2Token => "CreateOAuth2Token",
            Self::Verify => "verify",
            Self::Unexpected => "unexpected",
        })
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::InstanceMetadata => "imds",
            Self::Ecs => "ecs",
            Self::Eks => "eks",
            Self::Container => "container",
            Self::Sts => "sts",
            Self::Ec2 => "ec2",
            Self::Sso => "sso",
            Self::SsoOidc => "oidc",
            Self::SignIn => "signin",
            Self::Mock => "mock",
            Self::Unknown => "-",
        })
    }
}

impl fmt::Display for ImdsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        })
    }
}
