//! From the selected profile along its source profiles to the base.

use snafu::{ResultExt, ensure};

use super::{Base, Plan};
use crate::error::{
    LoopSnafu, NoCredentialsSnafu, NoSourceProfileSnafu, NoSuchProfileSnafu, SourceProfileSnafu,
    TooManyRolesSnafu,
};
use crate::problem::ProblemKind;
use crate::source::{Look, Standing};
use crate::{Error, Origin, Problem, Profile, Profiles, RoleBase, RoleHop, Source};

/// AWS sets no limit; nobody comes near this one on purpose.
pub(crate) const LIMIT: usize = 16;

pub(super) fn from(profiles: &Profiles, name: &str, own: &[&str]) -> Result<Plan, Error> {
    let mut at = Step::first(profiles, name)?;
    let mut visited = vec![at.profile];
    let mut hops = Vec::new();
    let mut problems = Vec::new();
    let base = loop {
        let (role, base) = match at.look(profiles, own, &mut problems)? {
            Found::Base(base) => break base,
            Found::Role(role, base) => (role, base),
        };
        hops.push(role);
        let (name, position) = match base {
            RoleBase::CredentialSource(source) => break Base::CredentialSource(source),
            RoleBase::SourceProfile { name, position } => (name, position),
        };
        if name == at.profile.name() {
            at = at.again();
            continue;
        }
        let Some(next) = profiles.get(&name) else {
            return NoSourceProfileSnafu {
                hint: profiles.hint(&name),
                source_profile: name,
                profile: at.profile.name(),
                position,
            }
            .fail();
        };
        if visited.iter().any(|profile| std::ptr::eq(*profile, next)) {
            return LoopSnafu {
                visited: names(&visited),
                repeated: name,
            }
            .fail();
        }
        visited.push(next);
        at = at.on_to(next);
    };
    ensure!(
        hops.len() <= LIMIT,
        TooManyRolesSnafu {
            profile: name,
            hops: hops.len(),
            limit: LIMIT,
        }
    );
    hops.reverse();
    cut(&mut hops, &base, &mut problems);
    Ok(Plan {
        profile: name.to_owned(),
        base_profile: at.profile.name().to_owned(),
        base,
        hops,
        problems,
        home: profiles.searched().locations().home().map(Into::into),
    })
}

fn names(profiles: &[&Profile]) -> Vec<String> {
    profiles.iter().map(|profile| profile.name().to_owned()).collect()
}

/// A role's session makes sessions of one hour at most.
fn cut(hops: &mut [RoleHop], base: &Base, problems: &mut Vec<Problem>) {
    let spared = usize::from(!base.is_role_session());
    for hop in hops.iter_mut().skip(spared) {
        if hop.chain() {
            problems.push(Problem {
                position: hop.position().clone(),
                kind: ProblemKind::CutToAnHour {
                    profile: hop.profile().to_owned(),
                },
            });
        }
    }
}

enum Found {
    Base(Base),
    Role(RoleHop, RoleBase),
}

/// A profile on the way, and how the way came there.
#[derive(Clone, Copy)]
struct Step<'a> {
    profile: &'a Profile,
    standing: Standing,
    named_by: &'a str,
}

impl<'a> Step<'a> {
    fn first(profiles: &'a Profiles, name: &'a str) -> Result<Self, Error> {
        let Some(profile) = profiles.get(name) else {
            return NoSuchProfileSnafu {
                profile: name,
                named_by: Origin::Code,
                searched: Box::new(profiles.searched().clone()),
                hint: profiles.hint(name),
            }
            .fail();
        };
        Ok(Self {
            profile,
            standing: Standing::Selected,
            named_by: name,
        })
    }

    fn on_to(self, profile: &'a Profile) -> Self {
        Self {
            profile,
            standing: Standing::Later,
            named_by: self.profile.name(),
        }
    }

    fn again(self) -> Self {
        Self {
            standing: Standing::Itself,
            named_by: self.profile.name(),
            ..self
        }
    }

    /// What is wrong with a source profile is told together with who names it.
    fn look(self, profiles: &Profiles, own: &[&str], problems: &mut Vec<Problem>) -> Result<Found, Error> {
        let found = self.look_closely(profiles, own, problems);
        if self.standing == Standing::Selected {
            return found;
        }
        found.with_context(|_| SourceProfileSnafu {
            source_profile: self.profile.name(),
            profile: self.named_by,
        })
    }

    fn look_closely(
        self,
        profiles: &Profiles,
        own: &[&str],
        problems: &mut Vec<Problem>,
    ) -> Result<Found, Error> {
        let look = Look {
            profiles,
            profile: self.profile,
            standing: self.standing,
            own,
        };
        Ok(Found::Base(match look.source(problems)? {
            Source::AssumeRole { role, base } => return Ok(Found::Role(role, base)),
            Source::StaticKeys(keys) => Base::StaticKeys(keys),
            Source::WebIdentity(role) => Base::WebIdentity(role),
            Source::CredentialSource(source) => Base::CredentialSource(source),
            Source::Sso(role) => Base::Sso(role),
            Source::LoginSession(session) => Base::LoginSession(session),
            Source::Process(command) => Base::Process(command),
            Source::Nothing => {
                return NoCredentialsSnafu {
                    profile: self.profile.name(),
                    unread: profiles.searched().unread(),
                }
                .fail();
            }
        }))
    }
}
