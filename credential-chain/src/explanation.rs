use std::fmt;

use crate::Attempt;

/// What a chain would do now and why: every source, what it looked at, what it said, how long it took.
///
/// `Display` is for people, one source a line or two; it never holds a secret.
///
/// ```
/// use credential_chain::{AwsCredentials, ChainProvider};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let chain = ChainProvider::of([("Fixed", AwsCredentials::new("AKIDEXAMPLE", "secret"))]);
/// let explanation = chain.explain().await;
/// assert_eq!(explanation.used().map(|source| source.attempt().provider()), Some("Fixed"));
/// println!("{explanation}");
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Explanation {
    sources: Vec<ExplainedSource>,
    problem: Option<crate::Error>,
}

/// One source in an [`Explanation`].
///
/// ```
/// # use credential_chain::{AwsCredentials, ChainProvider, Standing};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let chain = ChainProvider::of([("Fixed", AwsCredentials::new("AKIDEXAMPLE", "secret"))]);
/// for source in chain.explain().await.sources() {
///     assert_eq!(source.standing(), Standing::Used);
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ExplainedSource {
    attempt: Attempt,
    looks_at: Option<String>,
    standing: Standing,
}

/// What a source is to its chain.
///
/// ```
/// use credential_chain::{AwsCredentials, ChainProvider, EnvironmentProvider, Standing, Variables};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let nothing_set = EnvironmentProvider::new().with_variables(Variables::none());
/// let chain = ChainProvider::of([("Environment", nothing_set)])
///     .with_provider("Vault", AwsCredentials::new("AKIDEXAMPLE", "secret"))
///     .with_provider("Fallback", AwsCredentials::new("AKIDOTHER", "secret"));
/// let explanation = chain.explain().await;
/// let standings: Vec<Standing> = explanation.sources().iter().map(|source| source.standing()).collect();
/// assert_eq!(standings, [Standing::Passed, Standing::Used, Standing::NotReached]);
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// It gives no credentials, and the chain goes on.
    Passed,
    /// Its credentials are the ones that the chain gives.
    Used,
    /// It is set up and does not work, and the chain stops there.
    Stops,
    /// The chain asks nobody here, because it ends before; only the explanation did.
    NotReached,
    /// The chain asks nobody here, because it stays with the source that answered it; only the explanation did.
    NotAsked,
}

impl Explanation {
    pub(crate) fn new(sources: Vec<ExplainedSource>) -> Self {
        Self {
            sources,
            problem: None,
        }
    }

    pub(crate) fn of_problem(problem: crate::Error) -> Self {
        Self {
            sources: Vec::new(),
            problem: Some(problem),
        }
    }

    /// Every source, in the chain's order.
    #[must_use]
    pub fn sources(&self) -> &[ExplainedSource] {
        &self.sources
    }

    /// The source whose credentials the chain gives; `None` when it gives none.
    #[must_use]
    pub fn used(&self) -> Option<&ExplainedSource> {
        self.sources
            .iter()
            .find(|source| source.standing == Standing::Used)
    }
}

impl ExplainedSource {
    pub(crate) fn new(attempt: Attempt, looks_at: Option<String>, standing: Standing) -> Self {
        Self {
            attempt,
            looks_at,
            standing,
        }
    }

    /// What the source said, and how long it took.
    #[must_use]
    pub fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// Which variables, files or address it looked at; `None` for a provider of one's own.
    #[must_use]
    pub fn looks_at(&self) -> Option<&str> {
        self.looks_at.as_deref()
    }

    /// What it is to the chain.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(problem) = &self.problem {
            return write!(f, "{problem}");
        }
        for (index, source) in self.sources.iter().enumerate() {
            let new_line = if index == 0 { "" } else { "\n" };
            write!(f, "{new_line}{source}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ExplainedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.standing {
            Standing::Used => '>',
            Standing::Stops => '!',
            Standing::Passed => '-',
            Standing::NotReached | Standing::NotAsked => ' ',
        };
        write!(
            f,
            "{mark} {} ({:.1?}",
            self.attempt.place(),
            self.attempt.duration()
        )?;
        match self.standing {
            Standing::Used => f.write_str(", used")?,
            Standing::Stops => f.write_str(", the chain stops here")?,
            Standing::NotReached => f.write_str(", not reached by the chain")?,
            Standing::NotAsked => f.write_str(", not asked: the chain stays with another source")?,
            Standing::Passed => {}
        }
        if let Some(trouble) = self.attempt.trouble() {
            write!(f, ", {trouble}")?;
        }
        write!(f, "): {}", self.attempt.said())?;
        if let Some(what) = &self.looks_at {
            write!(f, "\n    looked at {what}")?;
        }
        Ok(())
    }
}
