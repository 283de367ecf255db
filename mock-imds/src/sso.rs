//! IAM Identity Center: the portal that hands out a role's credentials, and the OIDC service that hands out the token
//! for it.

mod center;
mod client;
mod grant;
mod login;
mod oidc;
mod page;
mod portal;
mod settings;

pub(crate) use center::{Center, Decision};
pub(crate) use login::document;
pub(crate) use oidc::{answer as oidc, error_answer as oidc_error};
pub(crate) use page::answer as page;
pub(crate) use portal::{answer as portal, error_answer as portal_error};

pub use login::SsoLogin;
pub use settings::{RefreshTokens, SsoSettings};

use crate::Step;

/// What a path is for, if it is one of IAM Identity Center's.
pub(crate) fn step(segments: &[&str]) -> Option<Step> {
    Some(match segments {
        ["federation", "credentials"] => Step::GetRoleCredentials,
        ["assignment", "accounts"] => Step::ListAccounts,
        ["assignment", "roles"] => Step::ListAccountRoles,
        ["logout"] => Step::Logout,
        ["client", "register"] => Step::RegisterClient,
        ["device_authorization"] => Step::StartDeviceAuthorization,
        ["token"] => Step::CreateToken,
        ["authorize"] => Step::Authorize,
        ["device"] => Step::Device,
        _ => return None,
    })
}
