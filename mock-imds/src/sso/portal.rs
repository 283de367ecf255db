use serde_json::{Value, json};

use crate::answer::Answer;
use crate::authority::{Kind, Principal};
use crate::clock::whole_second;
use crate::form::Form;
use crate::published::session_arn;
use crate::request::Request;
use crate::rest::{self, RestError};
use crate::state::Shared;
use crate::{Step, digest};

/// The header that carries the access token.
const TOKEN: &str = "x-amz-sso_bearer_token";

/// The answer of the portal.
///
/// AWS: <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/Welcome.html>
pub(crate) fn answer(shared: &Shared, request: &Request, step: Step) -> Answer {
    let method = if step == Step::Logout { "POST" } else { "GET" };
    if request.method != method {
        return rest::wrong_method(method);
    }
    let token = request.header(TOKEN).unwrap_or_default();
    if !shared.state().sso.is_good(token, shared.clock.now()) {
        let message = "Session token not found or invalid";
        return error_answer(&RestError::new(401, "UnauthorizedException", message));
    }
    let form = Form::of(request);
    let result = match step {
        Step::GetRoleCredentials => role_credentials(shared, &form),
        Step::ListAccounts => accounts(shared, &form),
        Step::ListAccountRoles => roles(shared, &form),
        _ => {
            shared.state().sso.log_out(token);
            Ok(Value::Null)
        }
    };
    match result {
        Ok(Value::Null) => Answer::new(200, "application/json", ""),
        Ok(document) => rest::document(200, &document).header("cache-control", "no-store"),
        Err(error) => error_answer(&error),
    }
}

/// An error in the portal's own form.
pub(crate) fn error_answer(error: &RestError) -> Answer {
    let kind = format!("com.amazonaws.switchboard.portal#{}", error.exception);
    rest::error(error, &json!({"message": error.message, "__type": kind}))
}

/// AWS: <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html>
fn role_credentials(shared: &Shared, form: &Form) -> Result<Value, RestError> {
    let role_name = required(form, "role_name")?;
    let account_id = account_id(form)?;
    let assignments = assignments_of(shared, account_id)?;
    if !assignments.iter().any(|role| role == role_name) {
        return Err(RestError::new(403, "ForbiddenException", "No access"));
    }
    let settings = &shared.settings;
    let role_arn = role_arn(settings.partition(), account_id, role_name);
    let end = whole_second(shared.clock.now()) + settings.sso.session_duration;
    let state = &mut *shared.state();
    state.authority.forget_ended(shared.clock.now());
    let principal = Principal {
        kind: Kind::RoleSession,
        arn: session_arn(&role_arn, &settings.sso.user),
        user_id: format!("{}:{}", state.authority.role_id(&role_arn), settings.sso.user),
        account: account_id.to_owned(),
        source_identity: None,
    };
    let key = state.authority.issue_temporary(principal, end);
    Ok(json!({"roleCredentials": {
        "accessKeyId": key.access_key_id(),
        "secretAccessKey": key.secret_access_key(),
        "sessionToken": key.session_token(),
        // Milliseconds, in a number.
        "expiration": end.unix_timestamp().saturating_mul(1000),
    }}))
}

/// AWS: <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_ListAccounts.html>
fn accounts(shared: &Shared, form: &Form) -> Result<Value, RestError> {
    let mut ids: Vec<String> = shared
        .settings
        .sso_assignments()
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    ids.sort();
    ids.dedup();
    let accounts = ids.into_iter().map(|id| {
        let email = format!("{id}@example.com");
        json!({"accountId": id, "accountName": format!("mock-{id}"), "emailAddress": email})
    });
    page("accountList", accounts.collect(), form)
}

/// AWS: <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_ListAccountRoles.html>
fn roles(shared: &Shared, form: &Form) -> Result<Value, RestError> {
    let account_id = account_id(form)?;
    let roles = assignments_of(shared, account_id)?;
    let roles = roles
        .into_iter()
        .map(|role| json!({"roleName": role, "accountId": account_id}));
    page("roleList", roles.collect(), form)
}

/// As many as were asked for, and where the next ones begin.
fn page(name: &str, items: Vec<Value>, form: &Form) -> Result<Value, RestError> {
    let number = |name: &str| form.get(name).map(str::parse::<usize>).transpose();
    let (Ok(size), Ok(start)) = (number("max_result"), number("next_token")) else {
        return Err(invalid("max_result or next_token is invalid"));
    };
    let (size, start) = (size.unwrap_or(100), start.unwrap_or(0));
    if !(1..=100).contains(&size) {
        return Err(invalid("max_result has to be from 1 to 100"));
    }
    let next = start.saturating_add(size);
    let next_token = (next < items.len()).then(|| next.to_string());
    let items: Vec<Value> = items.into_iter().skip(start).take(size).collect();
    Ok(json!({name: items, "nextToken": next_token}))
}

/// The roles in an account that the user has anything to do with.
fn assignments_of(shared: &Shared, account_id: &str) -> Result<Vec<String>, RestError> {
    let mut roles: Vec<String> = shared
        .settings
        .sso_assignments()
        .into_iter()
        .filter_map(|(account, role)| (account == account_id).then_some(role))
        .collect();
    roles.sort();
    if roles.is_empty() {
        let message = "Account not found";
        return Err(RestError::new(404, "ResourceNotFoundException", message));
    }
    Ok(roles)
}

/// The role in IAM that stands for a permission set.
fn role_arn(partition: &str, account_id: &str, role_name: &str) -> String {
    let digits = digest::sha256_hex(&format!("{account_id}/{role_name}"));
    let suffix = digits.get(..16).unwrap_or_default();
    format!(
        "arn:{partition}:iam::{account_id}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_{role_name}_{suffix}"
    )
}

fn account_id(form: &Form) -> Result<&str, RestError> {
    let text = required(form, "account_id")?;
    let fits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits {
        Ok(text)
    } else {
        Err(invalid("account_id has to be twelve digits"))
    }
}

fn required<'a>(form: &'a Form, name: &str) -> Result<&'a str, RestError> {
    let text = form.get(name).filter(|text| !text.is_empty());
    text.ok_or_else(|| invalid(&format!("{name} is missing")))
}

fn invalid(message: &str) -> RestError {
    RestError::new(400, "InvalidRequestException", message)
}
