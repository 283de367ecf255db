use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use credential_core::Secret;

use crate::named::{Named, merge, place_of};
use crate::parse::{ParsedProperty, ParsedSection, is_identifier, lower_case};
use crate::{Position, Problem, ProblemKind};

/// A profile: what both files say under its name. It has everything a [`Section`] has.
///
/// ```
/// use credential_profile::Profiles;
///
/// let profiles = Profiles::of_texts("[profile ops]\nregion = eu-west-1", "[ops]\nAWS_ACCOUNT_ID = 123456789012")?;
/// let ops = profiles.get("ops").unwrap();
/// assert_eq!(ops.value("region").unwrap().value(), "eu-west-1");
/// assert_eq!(ops.value("aws_account_id").unwrap().position().to_string(), "credentials:2");
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>
#[derive(Clone, Debug)]
pub struct Profile(Section);

impl Profile {
    pub(crate) fn new(section: Section) -> Self {
        Self(section)
    }

    pub(crate) fn section_mut(&mut self) -> &mut Section {
        &mut self.0
    }

    pub(crate) fn into_section(self) -> Section {
        self.0
    }
}

impl Deref for Profile {
    type Target = Section;

    fn deref(&self) -> &Section {
        &self.0
    }
}

/// A named section with its properties: a profile, an SSO session, a set of service settings.
///
/// `Debug` shows where things are, never what they are.
///
/// ```
/// use credential_profile::Profiles;
///
/// let text = "[sso-session corp]\nSSO_Region = eu-west-1\nsso_start_url =";
/// let profiles = Profiles::of_texts(text, "")?;
/// let session = profiles.sso_session("corp").unwrap();
/// assert_eq!(session.value("sso_region").unwrap().value(), "eu-west-1");
/// assert!(session.value("sso_start_url").is_none(), "a blank property counts as absent");
/// assert_eq!(session.properties().count(), 2);
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>
#[derive(Clone)]
pub struct Section {
    name: String,
    positions: Vec<Position>,
    /// By name, as soon as the section is [settled](Section::settle).
    properties: Named<Property>,
}

impl Section {
    /// One occurrence of a section. Lines whose property name is not allowed are left out.
    pub(crate) fn of(
        path: &Arc<Path>,
        name: &str,
        parsed: ParsedSection<'_>,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut properties = Named::with_capacity(parsed.properties.len());
        for property in parsed.properties {
            if is_identifier(&property.key) {
                properties.push(Property::new(path, property));
            } else {
                problems.push(Problem {
                    position: Position::new(path, property.line),
                    kind: ProblemKind::IllegalKey,
                });
            }
        }
        Self {
            name: name.to_owned(),
            positions: vec![Position::new(path, parsed.line)],
            properties,
        }
    }

    /// Adds what another section says; the later word counts, once the section is settled.
    pub(crate) fn add(&mut self, other: Self) {
        self.positions.extend(other.positions);
        self.properties.extend(other.properties);
    }

    /// Sorts the properties; of several with the same name the last one stays. Once for each section, since a section
    /// may come again any number of times.
    pub(crate) fn settle(&mut self) {
        merge(&mut self.properties, |earlier, later| *earlier = later);
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<Property> {
        let place = place_of(&self.properties, key)?;
        Some(self.properties.remove(place).1)
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its section lines are: those of the config file first.
    #[must_use]
    pub fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// The property of this name in any case, though it may be blank.
    #[must_use]
    pub fn property(&self, key: &str) -> Option<&Property> {
        let place = place_of(&self.properties, &lower_case(key))?;
        self.properties.get(place).map(|(_, property)| property)
    }

    /// The property of this name in any case, unless it is blank.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&Property> {
        self.property(key).filter(|property| !property.is_blank())
    }

    /// All properties with their names in lower case, sorted by name.
    pub fn properties(&self) -> impl Iterator<Item = (&str, &Property)> {
        self.properties.iter().map(|(key, property)| (&**key, property))
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A line such as `wJalr…=` is a property whose name is most of a secret: no names here either.
        f.debug_struct("Section")
            .field("name", &self.name)
            .field("positions", &self.positions)
            .field("properties", &self.properties.len())
            .finish()
    }
}

/// A property: its value, its line and, below an empty value, its nested block.
///
/// ```
/// use credential_profile::Profiles;
///
/// let text = "[services local]\nsts =\n  endpoint_url = http://localhost:4566";
/// let profiles = Profiles::of_texts(text, "")?;
/// let sts = profiles.services("local").and_then(|services| services.property("sts")).unwrap();
/// let url = sts.child("endpoint_url").unwrap();
/// assert_eq!(url.value(), "http://localhost:4566");
/// assert_eq!((sts.position().line(), url.position().line()), (2, 3));
/// # Ok::<(), credential_profile::Error>(())
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>
#[derive(Clone, Debug)]
pub struct Property {
    value: Secret,
    position: Position,
    children: Vec<SubProperty>,
}

impl Property {
    fn new(path: &Arc<Path>, parsed: ParsedProperty<'_>) -> (Box<str>, Self) {
        let children = parsed
            .children
            .into_iter()
            .map(|child| SubProperty {
                name: Secret::from(child.name),
                value: Secret::from(child.value),
                position: Position::new(path, child.line),
            })
            .collect();
        let property = Self {
            value: match parsed.value {
                Cow::Borrowed(value) => Secret::from(value),
                Cow::Owned(value) => Secret::new(value),
            },
            position: Position::new(path, parsed.line),
            children,
        };
        (Box::from(parsed.key), property)
    }

    /// The value without white space around it. Indented lines are added with a line feed before each, comments and
    /// all. It may be a secret.
    #[must_use]
    pub fn value(&self) -> &str {
        self.value.expose()
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.value().trim().is_empty()
    }

    /// Its line; for a property given more than once, the line that counts.
    #[must_use]
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// The nested block, in the order of the file.
    #[must_use]
    pub fn children(&self) -> &[SubProperty] {
        &self.children
    }

    /// What the nested block says under this name in any case, unless it is blank. The last word counts.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&SubProperty> {
        self.children
            .iter()
            .rev()
            .find(|child| child.name().eq_ignore_ascii_case(name))
            .filter(|child| !child.value().is_empty())
    }
}

/// A line of a nested block: see the example of [`Property`].
#[derive(Clone, Debug)]
pub struct SubProperty {
    name: Secret,
    value: Secret,
    position: Position,
}

impl SubProperty {
    /// The name as it is written.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.expose()
    }

    /// The value, without a comment behind it.
    #[must_use]
    pub fn value(&self) -> &str {
        self.value.expose()
    }

    /// Its line.
    #[must_use]
    pub fn position(&self) -> &Position {
        &self.position
    }
}
