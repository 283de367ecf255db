use std::path::{Path, PathBuf};

use credential_chain::Variables;
use credential_chain::profile::{Location, Locations, Origin, Position, Problem, ProblemKind};

use crate::error::Error;

/// The two files as people call them.
pub(crate) struct Files {
    home: Option<PathBuf>,
    config: Location,
    credentials: Location,
}

impl Files {
    pub(crate) fn of(locations: &Locations, variables: &Variables) -> Self {
        Self {
            home: variables.home(),
            config: locations.config().clone(),
            credentials: locations.credentials().clone(),
        }
    }

    /// `~/.aws/config and ~/.aws/credentials`
    pub(crate) fn both(&self) -> String {
        format!("{} and {}", self.config(), self.credentials())
    }

    pub(crate) fn config(&self) -> String {
        self.location(&self.config)
    }

    pub(crate) fn credentials(&self) -> String {
        self.location(&self.credentials)
    }

    fn location(&self, location: &Location) -> String {
        let path = match location.path() {
            Some(path) => self.path(path),
            None => return location.to_string(),
        };
        match location.origin() {
            Origin::Variable(name) => format!("{path} ({name})"),
            _ => path,
        }
    }

    /// `~/.aws/config:12`
    pub(crate) fn position(&self, position: &Position) -> String {
        format!("{}:{}", self.path(position.path()), position.line())
    }

    /// `config:12` or `credentials:12`, for where there is little room.
    pub(crate) fn brief(&self, position: &Position) -> String {
        let is = |location: &Location| location.path() == Some(position.path());
        if is(&self.config) {
            format!("config:{}", position.line())
        } else if is(&self.credentials) {
            format!("credentials:{}", position.line())
        } else {
            self.position(position)
        }
    }

    /// Who named the profile or made the setting.
    pub(crate) fn origin(&self, origin: &Origin) -> String {
        match origin {
            Origin::File { position, .. } => self.position(position),
            _ => origin.to_string(),
        }
    }

    pub(crate) fn problem(&self, problem: &Problem) -> String {
        format!("{}: {}", self.position(problem.position()), problem.kind())
    }

    /// A message that names the files, with `~` in their paths.
    pub(crate) fn shorten(&self, message: &str) -> String {
        let mut message = message.to_owned();
        for path in [self.config.path(), self.credentials.path()]
            .into_iter()
            .flatten()
        {
            message = message.replace(&*path.to_string_lossy(), &self.path(path));
        }
        message
    }

    /// The error with `~` in the paths of the files.
    pub(crate) fn shorten_error(&self, error: &Error) -> Error {
        let story = self.shorten(&error.story());
        Error::Told { story }
    }

    fn path(&self, path: &Path) -> String {
        let below = self.home.as_deref().and_then(|home| path.strip_prefix(home).ok());
        match below {
            Some(below) => Path::new("~").join(below).display().to_string(),
            None => path.display().to_string(),
        }
    }
}

/// The profile that a problem belongs to, if it names one.
pub(crate) fn profile_of(problem: &Problem) -> Option<&str> {
    match problem.kind() {
        ProblemKind::KeysLeftOut { profile }
        | ProblemKind::NotUsed { profile, .. }
        | ProblemKind::Quoted { profile, .. }
        | ProblemKind::CutToAnHour { profile } => Some(profile),
        ProblemKind::NeedsPrefix { name } | ProblemKind::NeedsNoPrefix { name } => Some(name),
        ProblemKind::ShadowedDefault => Some("default"),
        _ => None,
    }
}
