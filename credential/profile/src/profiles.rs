use std::path::Path;
use std::sync::Arc;

use crate::error::SyntaxSnafu;
use crate::location::{Locations, Searched};
use crate::named::{Named, merge, place_of};
use crate::parse::{Header, ParsedSection, parse};
use crate::problem::{Ignored, meant_by};
use crate::read::{FileText, read_both};
use crate::{Error, Position, Problem, ProblemKind, Profile, Section};

/// Both files, merged: profiles, SSO sessions and service settings.
///
/// ```
/// use credential_profile::Profiles;
///
/// let profiles = Profiles::of_texts("[profile ops]\nregion = eu-west-1", "[ops]\nregion = eu-west-2")?;
/// let region = profiles.get("ops").and_then(|ops| ops.value("region")).unwrap();
/// assert_eq!(region.value(), "eu-west-2", "the credentials file counts for a key in both");
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>
#[derive(Clone, Debug)]
pub struct Profiles {
    searched: Searched,
    profiles: Sections,
    /// The others, by [`key_of`] kind and name.
    others: Sections,
    problems: Vec<Problem>,
}

impl Profiles {
    /// Reads both files now, off the async threads.
    ///
    /// A file that is missing, may not be read or is no regular file counts as empty, with a warning where a variable
    /// names it, unless its path was given in code. What could not be read is kept for the errors of those who find
    /// nothing.
    ///
    /// # Errors
    /// [`Error::File`] for a path given in code; [`Error::Read`] for a file that could not be read this time;
    /// [`Error::Syntax`], [`Error::NotUtf8`], [`Error::Utf16`] and [`Error::TooLarge`] (over 1 MiB) for a file that can be
    /// read and not understood.
    pub async fn load(locations: &Locations) -> Result<Self, Error> {
        let (config, credentials, unread) = read_both(locations).await?;
        let searched = Searched {
            locations: locations.clone(),
            unread,
        };
        Self::of(searched, &config, &credentials)
    }

    /// The profiles of two texts; errors call them `config` and `credentials`.
    ///
    /// # Errors
    /// [`Error::Syntax`].
    pub fn of_texts(config: &str, credentials: &str) -> Result<Self, Error> {
        let searched = Searched {
            locations: Locations::of_texts(),
            unread: Vec::new(),
        };
        Self::of(
            searched,
            &FileText::of("config", config),
            &FileText::of("credentials", credentials),
        )
    }

    fn of(searched: Searched, config: &FileText, credentials: &FileText) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let (mut profiles, others) = of_config(config, &mut problems)?;
        let mut new = Sections::new();
        for (name, profile) in of_credentials(credentials, &profiles, &mut problems)? {
            match place_of(&profiles, &name).and_then(|place| profiles.get_mut(place)) {
                Some((_, below)) => put_over(below.section_mut(), profile.into_section(), &mut problems),
                None => new.push((name, profile)),
            }
        }
        profiles.extend(new);
        merge(&mut profiles, join);
        for (_, profile) in &profiles {
            quoted(profile, &mut problems);
        }
        warn_of(&problems);
        Ok(Self {
            searched,
            profiles,
            others,
            problems,
        })
    }

    /// The profile of this name, which is case-sensitive.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Profile> {
        at(&self.profiles, name)
    }

    /// All profiles, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.profiles.iter().map(|(_, profile)| profile)
    }

    /// The names of all profiles, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.iter().map(|(name, _)| &**name)
    }

    /// The section `[sso-session NAME]` of the config file.
    #[must_use]
    pub fn sso_session(&self, name: &str) -> Option<&Section> {
        self.section("sso-session", name)
    }

    /// The section `[services NAME]` of the config file.
    #[must_use]
    pub fn services(&self, name: &str) -> Option<&Section> {
        self.section("services", name)
    }

    /// The section `[KIND NAME]` of the config file, for any kind but `profile`.
    #[must_use]
    pub fn section(&self, kind: &str, name: &str) -> Option<&Section> {
        at(&self.others, &key_of(kind, name)).map(|section| &**section)
    }

    /// What in the files has no effect and was probably meant to have one.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Where the files were looked for, and which of them could not be read.
    #[must_use]
    pub fn searched(&self) -> &Searched {
        &self.searched
    }

    /// A section that was perhaps meant to be the profile of this name, as the tail of a sentence; often empty.
    pub(crate) fn hint(&self, wanted: &str) -> String {
        self.hint_of("profile", wanted)
    }

    /// The same for the section `[KIND WANTED]`.
    pub(crate) fn hint_of(&self, kind: &str, wanted: &str) -> String {
        if wanted.len() > 1 && wanted.starts_with('"') && wanted.ends_with('"') {
            return "; its quotes are a part of it: remove them".to_owned();
        }
        let meant = self.problems.iter().find(|problem| match &problem.kind {
            ProblemKind::NeedsPrefix { name } | ProblemKind::NeedsNoPrefix { name } => {
                kind == "profile" && name == wanted
            }
            ProblemKind::IllegalName { section } => meant_by(section.expose()) == (kind, wanted),
            ProblemKind::ShadowedDefault
            | ProblemKind::IllegalKey
            | ProblemKind::Quoted { .. }
            | ProblemKind::KeysLeftOut { .. }
            | ProblemKind::BlankKey { .. }
            | ProblemKind::NotUsed { .. }
            | ProblemKind::CutToAnHour { .. } => false,
        });
        match meant {
            // Whoever asks for the very name has told it already.
            Some(Problem {
                position,
                kind: ProblemKind::IllegalName { section },
            }) => format!("; {position}: {}", Ignored(section.expose())),
            Some(problem) => format!("; {problem}"),
            None if kind == "profile" => self.hint_of_a_kind(wanted),
            None => String::new(),
        }
    }

    /// `[two words]` in the config file is a section of the kind `two`, whatever that is.
    fn hint_of_a_kind(&self, wanted: &str) -> String {
        let section = wanted
            .split_once(' ')
            .and_then(|(kind, name)| self.section(kind, name.trim_start()));
        match section.and_then(|section| section.positions().first()) {
            Some(position) => format!("; {position}: {}", Ignored(wanted)),
            None => String::new(),
        }
    }
}

/// Values in quotes, which the AWS CLI and all SDKs take as they stand.
fn quoted(profile: &Profile, problems: &mut Vec<Problem>) {
    const KEYS: [&str; 5] = [
        "aws_access_key_id",
        "aws_secret_access_key",
        "role_arn",
        "source_profile",
        "region",
    ];
    for key in KEYS {
        let Some(property) = profile.value(key) else {
            continue;
        };
        let value = property.value();
        if value.len() > 1 && value.starts_with('"') && value.ends_with('"') {
            problems.push(Problem {
                position: property.position().clone(),
                kind: ProblemKind::Quoted {
                    profile: profile.name().to_owned(),
                    key,
                },
            });
        }
    }
}

/// Each section as a [`Profile`], whatever it is: one type of list is compiled and not two.
type Sections = Named<Profile>;

fn at<'a>(sections: &'a Sections, key: &str) -> Option<&'a Profile> {
    sections.get(place_of(sections, key)?).map(|(_, section)| section)
}

/// No two sections have the same, since neither word can hold a line's end.
fn key_of(kind: &str, name: &str) -> String {
    format!("{kind}\n{name}")
}

/// What a section line makes of its section.
enum Belongs<'a> {
    ToProfiles { name: &'a str },
    ToOthers { kind: &'a str },
    ToTheAwsCli,
    Nowhere(ProblemKind),
}

fn of_config(file: &FileText, problems: &mut Vec<Problem>) -> Result<(Sections, Sections), Error> {
    let parsed = parsed(file)?;
    let default_has_prefix = parsed
        .iter()
        .any(|section| section.header.kind == Some("profile") && section.header.name == "default");
    let belongs = |header| in_config(header, default_has_prefix);
    Ok(sorted_out(&file.path, parsed, &belongs, problems))
}

fn in_config(header: Header<'_>, default_has_prefix: bool) -> Belongs<'_> {
    match header.kind {
        _ if !header.is_legal() => Belongs::Nowhere(illegal(header)),
        None if OF_THE_AWS_CLI.contains(&header.name) => Belongs::ToTheAwsCli,
        None if header.name != "default" => Belongs::Nowhere(ProblemKind::NeedsPrefix {
            name: header.name.to_owned(),
        }),
        None if default_has_prefix => Belongs::Nowhere(ProblemKind::ShadowedDefault),
        None | Some("profile") => Belongs::ToProfiles { name: header.name },
        Some(kind) => Belongs::ToOthers { kind },
    }
}

/// Sections of the config file that the AWS CLI has for itself.
const OF_THE_AWS_CLI: [&str; 2] = ["plugins", "preview"];

fn of_credentials(
    file: &FileText,
    of_config: &Sections,
    problems: &mut Vec<Problem>,
) -> Result<Sections, Error> {
    let belongs = |header| in_credentials(header, of_config);
    Ok(sorted_out(&file.path, parsed(file)?, &belongs, problems).0)
}

fn in_credentials<'a>(header: Header<'a>, of_config: &Sections) -> Belongs<'a> {
    match header.kind {
        None if header.is_legal() => Belongs::ToProfiles { name: header.name },
        Some("profile") if header.is_legal() => Belongs::Nowhere(ProblemKind::NeedsNoPrefix {
            name: header.name.to_owned(),
        }),
        // The AWS CLI writes `[profile 'my work']` into the config file, and `[my work]` here.
        Some(_) if at(of_config, header.inside).is_some() => Belongs::ToProfiles { name: header.inside },
        _ => Belongs::Nowhere(illegal(header)),
    }
}

fn parsed(file: &FileText) -> Result<Vec<ParsedSection<'_>>, Error> {
    parse(file.text.expose()).or_else(|error| {
        SyntaxSnafu {
            position: Position::new(&file.path, error.line),
            kind: error.kind,
        }
        .fail()
    })
}

/// The profiles and the other sections of a file, each once.
fn sorted_out<'a>(
    path: &Arc<Path>,
    parsed: Vec<ParsedSection<'a>>,
    belongs: &dyn Fn(Header<'a>) -> Belongs<'a>,
    problems: &mut Vec<Problem>,
) -> (Sections, Sections) {
    let mut profiles = Sections::new();
    let mut others = Sections::new();
    for section in parsed {
        let header = section.header;
        let (sections, key, name) = match belongs(header) {
            Belongs::ToProfiles { name } => (&mut profiles, Box::from(name), name),
            Belongs::ToOthers { kind } => (&mut others, key_of(kind, header.name).into(), header.name),
            Belongs::ToTheAwsCli => continue,
            Belongs::Nowhere(kind) => {
                problems.push(Problem {
                    position: Position::new(path, section.line),
                    kind,
                });
                continue;
            }
        };
        sections.push((key, Profile::new(Section::of(path, name, section, problems))));
    }
    for sections in [&mut profiles, &mut others] {
        merge(sections, join);
        for (_, section) in sections {
            section.section_mut().settle();
        }
    }
    (profiles, others)
}

fn join(first: &mut Profile, again: Profile) {
    first.section_mut().add(again.into_section());
}

fn illegal(header: Header<'_>) -> ProblemKind {
    ProblemKind::IllegalName {
        section: header.inside.into(),
    }
}

/// An access key ID of one file with the secret or the token of the other works nowhere, so these go together.
const KEYS: [&str; 5] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "aws_account_id",
];

/// The credentials file's word counts, key by key; but where it has an access key ID or a secret access key, all that
/// belongs to them comes from it alone.
fn put_over(below: &mut Section, mut above: Section, problems: &mut Vec<Problem>) {
    let has_keys = ["aws_access_key_id", "aws_secret_access_key"]
        .iter()
        .any(|key| above.value(key).is_some());
    for key in KEYS {
        // A blank key is no key, so it does not hide one either.
        if above.value(key).is_none() {
            above.remove(key);
        }
        if !has_keys {
            continue;
        }
        let left_out = below.remove(key);
        if let Some(property) = left_out.filter(|property| !property.is_blank()) {
            problems.push(Problem {
                position: property.position().clone(),
                kind: ProblemKind::KeysLeftOut {
                    profile: below.name().to_owned(),
                },
            });
        }
    }
    below.add(above);
    below.settle();
}

fn warn_of(problems: &[Problem]) {
    const SHOWN: usize = 20;
    for problem in problems.iter().take(SHOWN) {
        tracing::warn!("{problem}");
    }
    if let Some(more @ 1..) = problems.len().checked_sub(SHOWN) {
        tracing::warn!("and {more} more lines without effect");
    }
}

#[cfg(test)]
mod tests;
