use std::time::Duration;

use super::center::{Code, Decision, make_room};
use super::grant::Grant;
use crate::answer::Answer;
use crate::clock::after;
use crate::form::Form;
use crate::request::Request;
use crate::state::Shared;
use crate::{Step, base64, xml};

/// How long an authorization code waits for its program.
const CODE_LIFETIME: Duration = Duration::from_secs(600);

/// The pages that a program sends its user to.
pub(crate) fn answer(shared: &Shared, request: &Request, step: Step) -> Answer {
    match (request.method.as_str(), step) {
        ("GET", Step::Authorize) => authorize(shared, request),
        ("GET" | "POST", Step::Device) => device(shared, request),
        _ => page(405, "This page is to be read", "").header("allow", "GET"),
    }
}

/// Where a login in the browser begins: it ends at once if every login is approved, else with a click.
fn authorize(shared: &Shared, request: &Request) -> Answer {
    let form = Form::of(request);
    let get = |name: &str| form.get(name).unwrap_or_default();
    let (client_id, redirect_uri, challenge) = (get("client_id"), get("redirect_uri"), get("code_challenge"));
    let now = shared.clock.now();
    let state = &mut *shared.state();
    let client = state.sso.clients.get(client_id).filter(|client| now < client.end);
    let Some(client) = client else {
        return page(
            400,
            "This program has not registered, or its registration has ended",
            "",
        );
    };
    if !client.redirects_to(redirect_uri) {
        return page(400, "This program did not register this redirect_uri", "");
    }
    let redirect = |answer: &[(&str, &str)]| {
        let mut pairs = answer.to_vec();
        pairs.extend(form.get("state").map(|state| ("state", state)));
        let mark = if redirect_uri.contains('?') { '&' } else { '?' };
        let location = format!("{redirect_uri}{mark}{}", credential_sigv4::form_encode(&pairs));
        Answer::new(302, "text/plain", "").header("location", &location)
    };
    if get("response_type") != "code" {
        return redirect(&[("error", "unsupported_response_type")]);
    }
    if get("code_challenge_method") != "S256" || challenge.len() != 43 {
        return redirect(&[("error", "invalid_request")]);
    }
    if !client.may_use(Grant::AuthorizationCode) {
        return redirect(&[("error", "unauthorized_client")]);
    }
    match get("decision") {
        "approve" => {}
        "deny" => return redirect(&[("error", "access_denied")]),
        _ if shared.settings.sso.approves_automatically => {}
        _ => {
            let query = request.query.as_deref().unwrap_or_default();
            let link = |decision: &str, label: &str| {
                let link = xml::escape(&format!("/authorize?{query}&decision={decision}"));
                format!("<p><a href=\"{link}\">{label}</a></p>")
            };
            let links = link("approve", "Approve") + &link("deny", "Deny");
            return page(200, "A program wants to log you in", &links);
        }
    }
    let secret = base64::url_unpadded(&state.sso.random.bytes::<48>());
    let text = format!("{secret}EXAMPLETOKEN");
    let code = Code {
        client_id: client_id.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        challenge: challenge.to_owned(),
        end: after(now, CODE_LIFETIME),
    };
    make_room(&mut state.sso.codes, |code| now < code.end);
    state.sso.codes.insert(text.clone(), code);
    redirect(&[("code", &text)])
}

/// Where the user of another device types its code in.
fn device(shared: &Shared, request: &Request) -> Answer {
    let form = Form::of(request);
    let now = shared.clock.now();
    let center = &mut shared.state().sso;
    let Some(user_code) = form.get("user_code").filter(|code| !code.is_empty()) else {
        let input = "<form method=\"get\" action=\"/device\"><p><input name=\"user_code\"> \
                     <button>Next</button></p></form>";
        return page(200, "Type in the code that the program shows", input);
    };
    let (decision, done) = match form.get("decision") {
        Some("approve") => (Decision::Approved, "Approved: the program is logged in"),
        Some("deny") => (Decision::Denied, "Denied"),
        Some(_) => return page(400, "decision is approve or deny", ""),
        None if center.is_pending(user_code, now) => {
            let code = xml::escape(user_code);
            let form = format!(
                "<form method=\"post\" action=\"/device\"><p>\
                 <input type=\"hidden\" name=\"user_code\" value=\"{code}\">\
                 <button name=\"decision\" value=\"approve\">Approve</button> \
                 <button name=\"decision\" value=\"deny\">Deny</button></p></form>"
            );
            return page(
                200,
                &format!("A program that shows {user_code} wants to log you in"),
                &form,
            );
        }
        None => return page(400, "No program waits for this code", ""),
    };
    if center.decide(user_code, decision, now) {
        page(200, done, "")
    } else {
        page(400, "No program waits for this code", "")
    }
}

/// A page that does without scripts.
fn page(status: u16, headline: &str, rest: &str) -> Answer {
    let headline = xml::escape(headline);
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>mock-imds</title></head>\n\
         <body><h1>{headline}</h1>{rest}</body></html>\n"
    );
    Answer::new(status, "text/html; charset=utf-8", html)
        .header("cache-control", "no-store")
        .header("content-security-policy", "default-src 'none'")
}
