use credential_core::{AwsCredentials, Secret, is_invisible, parse_timestamp};
use roxmltree::{Document, Node, ParsingOptions};
use snafu::{OptionExt, Snafu, ensure};

use crate::call::Operation;
use crate::refusal::is_known;
use crate::sent::Sent;

/// Why an answer of STS is not what it should be. It never holds anything of the answer but the name of an element.
///
/// ```
/// use credential_sts::{AnswerError, Error};
///
/// /// Whether something that is not STS answered, such as the page of a proxy.
/// fn is_a_stranger(error: &Error) -> bool {
///     matches!(error, Error::Answer { source: AnswerError::NotXml { .. } | AnswerError::DocumentType, .. })
/// }
///
/// assert!(!is_a_stranger(&Error::NoRegion));
/// assert_eq!(AnswerError::Missing { element: "Arn" }.to_string(), "the answer has no Arn");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Snafu)]
#[non_exhaustive]
pub enum AnswerError {
    /// The answer is not UTF-8.
    #[snafu(display("the answer is not UTF-8"))]
    NotUtf8,
    /// The answer is not well-formed XML.
    #[snafu(display("the answer is not well-formed XML (line {line}, column {column})"))]
    NotXml {
        /// Where, from 1.
        line: u32,
        /// Where, from 1.
        column: u32,
    },
    /// The answer brings a document type definition, which no answer of STS does.
    #[snafu(display("the answer brings a document type definition"))]
    DocumentType,
    /// The answer has more elements or attributes than any answer of STS.
    #[snafu(display("the answer has too many elements or attributes"))]
    TooManyNodes,
    /// An element is not there, or empty.
    #[snafu(display("the answer has no {element}"))]
    Missing {
        /// The element's name.
        element: &'static str,
    },
    /// An element holds control characters.
    #[snafu(display("the {element} in the answer holds control characters"))]
    Illegal {
        /// The element's name.
        element: &'static str,
    },
    /// The expiration is not a time.
    #[snafu(display("the Expiration in the answer is not a time such as 2030-01-31T12:00:00Z"))]
    NotATime,
}

/// What AssumeRole and AssumeRoleWithWebIdentity answer.
///
/// ```no_run
/// use credential_core::AwsCredentials;
/// use credential_sts::{AssumeRole, StsClient};
///
/// # async fn example(keys: AwsCredentials) -> Result<(), credential_sts::Error> {
/// let request = AssumeRole::new("arn:aws:iam::123456789012:role/deploy", "nightly");
/// let role = StsClient::new("eu-central-1", keys).assume_role(&request).await?;
/// println!("{:?} until {:?}", role.arn(), role.credentials().expiration());
/// # Ok(())
/// # }
/// ```
///
/// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumedRole {
    credentials: AwsCredentials,
    arn: Option<String>,
    role_id: Option<String>,
    packed_policy_size: Option<u32>,
    source_identity: Option<String>,
    subject: Option<String>,
    provider: Option<String>,
    audience: Option<String>,
}

impl AssumedRole {
    /// The session's credentials, with expiration and account ID; their source is `AssumeRole` or `WebIdentity`.
    #[must_use]
    pub fn credentials(&self) -> &AwsCredentials {
        &self.credentials
    }

    pub(crate) fn into_credentials(self) -> AwsCredentials {
        self.credentials
    }

    /// Who the caller now is: `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    #[must_use]
    pub fn arn(&self) -> Option<&str> {
        self.arn.as_deref()
    }

    /// The role's unique ID, a colon, and the session name.
    #[must_use]
    pub fn assumed_role_id(&self) -> Option<&str> {
        self.role_id.as_deref()
    }

    /// How much of the space for session policies and tags is used, in percent.
    #[must_use]
    pub fn packed_policy_size(&self) -> Option<u32> {
        self.packed_policy_size
    }

    /// The source identity that the session carries.
    #[must_use]
    pub fn source_identity(&self) -> Option<&str> {
        self.source_identity.as_deref()
    }

    /// Whom the web identity token is about, as its identity provider knows them: the claim `sub`.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Who issued the web identity token: the claim `iss`.
    #[must_use]
    pub fn provider(&self) -> Option<&str> {
        self.provider.as_deref()
    }

    /// Whom the web identity token was made for: the claim `aud`, or the application's ID.
    #[must_use]
    pub fn audience(&self) -> Option<&str> {
        self.audience.as_deref()
    }
}

/// What GetCallerIdentity answers: whose credentials these are.
///
/// ```no_run
/// use credential_core::AwsCredentials;
/// use credential_sts::StsClient;
///
/// # async fn example(keys: AwsCredentials) -> Result<(), credential_sts::Error> {
/// let whoami = StsClient::new("eu-central-1", keys).get_caller_identity().await?;
/// println!("{} in account {}", whoami.arn(), whoami.account());
/// # Ok(())
/// # }
/// ```
///
/// AWS: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    account: String,
    arn: String,
    user_id: String,
}

impl CallerIdentity {
    /// The account, twelve digits.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The user, or the role's session.
    #[must_use]
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The unique ID, which stays when a name is given to somebody else.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.user_id
    }
}

/// What a refusal says about itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
}

pub(crate) fn assumed_role(body: &[u8]) -> Result<AssumedRole, AnswerError> {
    role(body, Operation::ASSUME_ROLE, "AssumeRole")
}

pub(crate) fn assumed_role_with_web_identity(body: &[u8]) -> Result<AssumedRole, AnswerError> {
    role(body, Operation::ASSUME_ROLE_WITH_WEB_IDENTITY, "WebIdentity")
}

fn role(body: &[u8], operation: &'static str, source: &'static str) -> Result<AssumedRole, AnswerError> {
    let document = parse(body)?;
    let result = result_of(&document, operation)?;
    let user = child(result, "AssumedRoleUser");
    let arn = user.and_then(|user| text(user, "Arn"));
    let mut credentials = credentials(result, source)?;
    if let Some(account_id) = arn.as_deref().and_then(account_of) {
        credentials = credentials.with_account_id(account_id);
    }
    Ok(AssumedRole {
        credentials,
        arn,
        role_id: user.and_then(|user| text(user, "AssumedRoleId")),
        packed_policy_size: text(result, "PackedPolicySize").and_then(|size| size.parse().ok()),
        source_identity: text(result, "SourceIdentity"),
        subject: text(result, "SubjectFromWebIdentityToken"),
        provider: text(result, "Provider"),
        audience: text(result, "Audience"),
    })
}

pub(crate) fn session(body: &[u8]) -> Result<AwsCredentials, AnswerError> {
    let document = parse(body)?;
    credentials(
        result_of(&document, Operation::GET_SESSION_TOKEN)?,
        "SessionToken",
    )
}

pub(crate) fn caller_identity(body: &[u8]) -> Result<CallerIdentity, AnswerError> {
    let document = parse(body)?;
    let result = result_of(&document, Operation::GET_CALLER_IDENTITY)?;
    let need = |element| text(result, element).context(MissingSnafu { element });
    Ok(CallerIdentity {
        account: need("Account")?,
        arn: need("Arn")?,
        user_id: need("UserId")?,
    })
}

/// The refusal in a body; `None` when it holds none, as the HTML page of a proxy. Where it repeats what was sent there is
/// a placeholder.
pub(crate) fn refusal(body: &[u8], sent: &Sent) -> Option<Refusal> {
    let document = parse(body).ok()?;
    let nodes = || document.root_element().descendants();
    let error = nodes().find(|node| is(*node, "Error"))?;
    let presentable = |text: &str, most| presentable(&sent.hide(text), most);
    Some(Refusal {
        code: text(error, "Code").map(|code| match is_known(&code) {
            // What is to be done hangs on it.
            true => code,
            false => presentable(&code, 128),
        }),
        message: text(error, "Message").map(|message| presentable(&message, 1024)),
        request_id: nodes()
            .find(|node| is(*node, "RequestId") || is(*node, "RequestID"))
            .and_then(own_text)
            .map(|id| presentable(&id, 128)),
    })
}

/// The fifth part of an ARN, when it is an account ID.
fn account_of(arn: &str) -> Option<&str> {
    let account = arn.strip_prefix("arn:")?.split(':').nth(3)?;
    (account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())).then_some(account)
}

fn credentials(result: Node<'_, '_>, source: &'static str) -> Result<AwsCredentials, AnswerError> {
    let node = child(result, "Credentials").context(MissingSnafu {
        element: "Credentials",
    })?;
    let need = |element| {
        let value = text(node, element).context(MissingSnafu { element })?;
        // They go into headers and files: a line break there would start something else.
        ensure!(!value.chars().any(char::is_control), IllegalSnafu { element });
        Ok(value)
    };
    let access_key_id = need("AccessKeyId")?;
    let secret_access_key = Secret::from(need("SecretAccessKey")?);
    let session_token = Secret::from(need("SessionToken")?);
    let expiration = need("Expiration")?;
    let expiration = parse_timestamp(&expiration).ok_or(AnswerError::NotATime)?;
    Ok(AwsCredentials::new(access_key_id, secret_access_key)
        .with_session_token(session_token)
        .with_expiration(expiration)
        .with_source(source))
}

fn result_of<'a, 'i>(
    document: &'a Document<'i>,
    operation: &'static str,
) -> Result<Node<'a, 'i>, AnswerError> {
    let element = match operation {
        Operation::ASSUME_ROLE => "AssumeRoleResult",
        Operation::ASSUME_ROLE_WITH_WEB_IDENTITY => "AssumeRoleWithWebIdentityResult",
        Operation::GET_SESSION_TOKEN => "GetSessionTokenResult",
        _ => "GetCallerIdentityResult",
    };
    child(document.root_element(), element).context(MissingSnafu { element })
}

/// Only names without their name space count, and only the children asked for are looked at, so that neither unknown
/// elements nor their depth matter.
fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| is(*child, name))
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

fn text(node: Node<'_, '_>, name: &str) -> Option<String> {
    child(node, name).and_then(own_text)
}

/// An element's text, put together again where comments or CDATA sections part it, without white space around it.
fn own_text(node: Node<'_, '_>) -> Option<String> {
    let mut whole = String::new();
    for part in node.children().filter(Node::is_text) {
        whole.push_str(part.text().unwrap_or_default());
    }
    let trimmed = whole.trim();
    if trimmed.len() == whole.len() {
        return (!whole.is_empty()).then_some(whole);
    }
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// On one line and of bounded length.
pub(crate) fn presentable(text: &str, most: usize) -> String {
    let mut line = String::new();
    for letter in text.chars().take(most) {
        line.push(if is_invisible(letter) { ' ' } else { letter });
    }
    line
}

/// An answer of STS has some thirty nodes; a thousand bound what a hostile one costs.
const MOST_NODES: u32 = 1000;

/// The parser compares each attribute with all others of its element, so their number is bounded as well. Each has an
/// equals sign of its own; in texts these are rare.
const MOST_EQUALS_SIGNS: usize = 1000;

fn parse(body: &[u8]) -> Result<Document<'_>, AnswerError> {
    let body = std::str::from_utf8(body).map_err(|_| AnswerError::NotUtf8)?;
    let equals_signs = body.bytes().filter(|byte| *byte == b'=').count();
    ensure!(equals_signs <= MOST_EQUALS_SIGNS, TooManyNodesSnafu);
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(body, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => AnswerError::DocumentType,
        roxmltree::Error::NodesLimitReached => AnswerError::TooManyNodes,
        // The parser's own message may quote the answer, so only the place is kept.
        other => AnswerError::NotXml {
            line: other.pos().row,
            column: other.pos().col,
        },
    })
}

#[cfg(test)]
mod tests;
