use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::authority::{AccessKey, Kind, Principal};
use crate::clock::{after, rfc3339, whole_second};
use crate::dpop::{Proof, PublicKey};
use crate::published::session_arn;
use crate::random::Random;
use crate::state::Shared;
use crate::{digest, ec_key, files, jwt};

/// How long a person stays signed in.
const SESSION: Duration = Duration::from_secs(12 * 3600);
/// Proofs older than this are refused for their age, so their IDs can be forgotten.
const REMEMBERED: Duration = Duration::from_secs(3600);
/// The program on the machine where the browser is.
const CLIENT_ID: &str = "arn:aws:signin:::devtools/same-device";
const ROLE: &str = "mock-sign-in-role";

/// Somebody who has signed in with `aws login`; from [`MockImds::sign_in`](crate::MockImds::sign_in),
/// where an example is.
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html>
#[derive(Clone)]
pub struct SignIn {
    login_session: String,
    document: String,
}

impl SignIn {
    /// The ARN of the session, for `login_session` in a profile.
    #[must_use]
    pub fn login_session(&self) -> &str {
        &self.login_session
    }

    /// What `aws login` leaves in its cache: JSON with credentials, refresh token and a private key on P-256. It is a
    /// secret.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.document
    }

    /// The name of the file: SHA-256 of the session's ARN, and `.json`.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}.json", digest::sha256_hex(&self.login_session))
    }

    /// Writes the file as `FOLDER/HASH.json`; programs look for it in `AWS_LOGIN_CACHE_DIRECTORY`, else in
    /// `~/.aws/login/cache`. The folder is made if need be; the file is for its owner alone. Gives its path.
    ///
    /// # Errors
    /// It could not be written.
    pub fn write(&self, folder: &Path) -> io::Result<PathBuf> {
        let path = folder.join(self.file_name());
        files::replace(&path, &self.document)?;
        Ok(path)
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("login_session", &self.login_session)
            .finish_non_exhaustive()
    }
}

/// Who is signed in.
pub(crate) struct SignIns {
    random: Random,
    refresh_tokens: HashMap<String, Session>,
    proofs: HashMap<String, OffsetDateTime>,
}

/// What a refresh token stands for. It goes from one token to the next.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) key: PublicKey,
    pub(super) client_id: String,
    pub(super) principal: Principal,
    end: OffsetDateTime,
}

impl SignIns {
    pub(crate) fn new(random: Random) -> Self {
        Self {
            random,
            refresh_tokens: HashMap::new(),
            proofs: HashMap::new(),
        }
    }

    /// Remembers a proof. Gives whether it is new.
    pub(super) fn is_new(&mut self, proof: &Proof, now: OffsetDateTime) -> bool {
        self.proofs.retain(|_, seen| now < after(*seen, REMEMBERED));
        self.proofs.insert(proof.id.clone(), now).is_none()
    }

    pub(super) fn session(&self, refresh_token: &str, now: OffsetDateTime) -> Option<&Session> {
        let session = self.refresh_tokens.get(refresh_token);
        session.filter(|session| now < session.end)
    }

    /// Spends a refresh token, and gives the next one.
    pub(super) fn renew(&mut self, refresh_token: &str) -> Option<String> {
        let session = self.refresh_tokens.remove(refresh_token)?;
        Some(self.refresh_token(session))
    }

    fn refresh_token(&mut self, session: Session) -> String {
        let secret = self.random.base64_letters(400);
        let text = format!("{secret}EXAMPLETOKEN");
        self.refresh_tokens.insert(text.clone(), session);
        text
    }

    pub(crate) fn end_all(&mut self) {
        self.refresh_tokens.clear();
    }
}

/// Signs somebody in; the credentials in the cache have this long to live.
pub(crate) fn begin(shared: &Shared, name: &str, lifetime: Duration) -> Option<SignIn> {
    let (pem, key) = ec_key::generate()?;
    let settings = &shared.settings;
    let now = whole_second(shared.clock.now());
    let end = after(now, lifetime);
    let role_arn = settings.role_arn(ROLE);
    let state = &mut *shared.state();
    let arn = session_arn(&role_arn, name);
    let principal = Principal {
        kind: Kind::RoleSession,
        arn: arn.clone(),
        user_id: format!("{}:{name}", state.authority.role_id(&role_arn)),
        account: settings.account.clone(),
        source_identity: None,
    };
    let access_key = state.authority.issue_temporary(principal.clone(), end);
    let refresh_token = state.sign_ins.refresh_token(Session {
        key,
        client_id: CLIENT_ID.to_owned(),
        principal,
        end: after(now, SESSION),
    });
    let claims = json!({"sub": arn, "aud": CLIENT_ID, "iat": now.unix_timestamp()});
    let mut access_token = access_token(&access_key);
    if let Some(members) = access_token.as_object_mut() {
        members.insert("accountId".to_owned(), settings.account.clone().into());
        members.insert("expiresAt".to_owned(), rfc3339(end).into());
    }
    let document = json!({
        "accessToken": access_token,
        "tokenType": "aws_sigv4",
        "refreshToken": refresh_token,
        "idToken": jwt::unsigned(&mut state.sign_ins.random, &json!({"alg": "ES384"}), &claims),
        "clientId": CLIENT_ID,
        "dpopKey": pem,
    });
    Some(SignIn {
        login_session: arn,
        document: document.to_string(),
    })
}

/// Credentials as the service names their parts.
pub(super) fn access_token(key: &AccessKey) -> Value {
    json!({
        "accessKeyId": key.access_key_id(),
        "secretAccessKey": key.secret_access_key(),
        "sessionToken": key.session_token(),
    })
}
