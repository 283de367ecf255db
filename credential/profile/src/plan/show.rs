//! A plan as people read it.

use std::fmt;
use std::path::Path;

use super::{Base, Plan};
use crate::shown::Shown;
use crate::{Position, RoleHop};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut from = "";
        for hop in self.hops.iter().rev() {
            write!(f, "{from}profile `{}`: {hop}", hop.profile())?;
            from = ", from ";
        }
        let role_of_its_own = self
            .hops
            .first()
            .is_some_and(|hop| hop.profile() == self.base_profile);
        if role_of_its_own {
            f.write_str(from)?;
        } else {
            write!(f, "{from}profile `{}`: ", self.base_profile)?;
        }
        write!(f, "{}", self.start())
    }
}

impl Plan {
    /// Where the credentials start, in words: `credential process /opt/tool in ~/.aws/config:6`.
    pub fn start(&self) -> impl fmt::Display {
        Start(&self.base, self.home.as_deref())
    }
}

struct Start<'a>(&'a Base, Option<&'a Path>);

impl fmt::Display for Start<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(base, home) = *self;
        let position = At(base.position(), home);
        match base {
            Base::StaticKeys(keys) => write!(f, "static keys {} in {position}", keys.access_key_id()),
            Base::CredentialSource(source) => write!(f, "credential source {} in {position}", source.name()),
            Base::WebIdentity(role) => write!(
                f,
                "role {} with the web identity token in {}",
                role.role_arn(),
                role.token_file()
            ),
            Base::Sso(role) => {
                write!(
                    f,
                    "role {} of account {} in IAM Identity Center, ",
                    role.role_name(),
                    role.account_id()
                )?;
                match role.session() {
                    Some(session) => write!(f, "session `{session}`"),
                    None => f.write_str(role.start_url()),
                }
            }
            Base::LoginSession(session) => write!(f, "login session of {}", session.arn()),
            Base::Process(command) => match command.program() {
                "" => write!(f, "credential process in {position}"),
                program => write!(f, "credential process {} in {position}", Shown(program)),
            },
        }
    }
}

/// `role arn:aws:iam::123456789012:role/ops with an external ID and the MFA device arn:…`
impl fmt::Display for RoleHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "role {}", self.role_arn())?;
        let mut word = " with ";
        if self.external_id().is_some() {
            write!(f, "{word}an external ID")?;
            word = " and ";
        }
        if let Some(serial) = self.mfa_serial() {
            write!(f, "{word}the MFA device {serial}")?;
        }
        if let Some(duration) = self.duration() {
            write!(f, " for {} s", duration.as_secs())?;
        }
        if self.duration() != self.asked_duration() {
            f.write_str(" (AWS's limit for a role assumed with a role's session)")?;
        }
        Ok(())
    }
}

/// `~/.aws/config:12`
struct At<'a>(&'a Position, Option<&'a Path>);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(position, home) = self;
        match home.and_then(|home| position.path().strip_prefix(home).ok()) {
            Some(below) => write!(f, "{}:{}", Path::new("~").join(below).display(), position.line()),
            None => write!(f, "{position}"),
        }
    }
}
