use std::time::Duration;

use crate::answer::Answer;
use crate::connection::{Caller, Outcome};
use crate::fault::Action;
use crate::query::ApiError;
use crate::record::Record;
use crate::request::Request;
use crate::rest::RestError;
use crate::state::Shared;
use crate::timer;
use crate::wire::Cut;
use crate::{Service, Step, container, host, imds, query, request, sign_in, signature, sso, verify};

/// How much of a body the record keeps.
const KEPT: usize = 64 * 1024;

/// The answer to a request, or the fault that stands in for it.
pub(crate) async fn answer(shared: &Shared, caller: Caller, request: Request) -> Outcome {
    let begun = timer::now();
    let _under_way = shared.under_way.enter();
    let segments = request.segments();
    let segments: Option<Vec<&str>> = segments
        .as_ref()
        .map(|all| all.iter().map(String::as_str).collect());
    let step = step(&request, segments.as_deref());
    let number = record(shared, caller, &request, step);
    shared.arrived.notify_waiters();
    wait_while_paused(shared, step).await;
    let fault = shared.state().faults.strike(step);
    let over = |status: Option<u16>, token: Option<u64>| {
        let record = shared.state().records.update(number, |record| {
            record.status = status;
            record.token = token;
            record.fault = fault.as_ref().map(ToString::to_string);
            record.duration = begun.elapsed();
        });
        if let (Some(log), Some(record)) = (&shared.access_log, record) {
            log(&record);
        }
    };
    if let Some(strike) = &fault {
        wait(strike.delay).await;
    }
    let action = fault.as_ref().map(|strike| strike.action.clone());
    match &action {
        Some(Action::NeverAnswer) => {
            over(None, None);
            return std::future::pending().await;
        }
        Some(Action::Reset) => {
            over(None, None);
            return Outcome::Cut(Cut::Reset, Answer::metadata_error(500));
        }
        Some(Action::Close) => {
            over(None, None);
            return Outcome::Cut(Cut::Close, Answer::metadata_error(500));
        }
        Some(Action::Raw(bytes)) => {
            over(None, None);
            return Outcome::Cut(Cut::Raw(bytes.clone()), Answer::metadata_error(500));
        }
        _ => {}
    }
    let answer = match &action {
        Some(Action::Status(status)) => error(shared, step, *status, code_for(step.service(), *status)),
        Some(Action::AwsError(status, code)) => error(shared, step, *status, code),
        _ => proper(shared, &request, step, segments.as_deref()),
    };
    let answer = with_request_id(shared, step, answer);
    let answer = match &fault {
        Some(strike) => strike.spoil(answer),
        None => answer,
    };
    over(Some(answer.status), token_number(shared, &request, step, &answer));
    match action {
        Some(Action::Truncate(bytes)) => Outcome::Cut(Cut::Body(bytes), answer),
        Some(Action::Stall(bytes)) => Outcome::Cut(Cut::Stall(bytes), answer),
        Some(Action::Drip(bytes, every)) => Outcome::Cut(Cut::Drip(bytes, every), answer),
        _ => Outcome::Answer(answer),
    }
}

/// The services that speak JSON say which request it was in the head alone; those of the query protocol have done so.
fn with_request_id(shared: &Shared, step: Step, answer: Answer) -> Answer {
    match step.service() {
        Service::Sso | Service::SsoOidc | Service::SignIn => {
            answer.header("x-amzn-requestid", &shared.request_id())
        }
        _ => answer,
    }
}

/// What a request is for.
fn step(request: &Request, segments: Option<&[&str]>) -> Step {
    let Some(segments) = segments else {
        return Step::Unexpected;
    };
    if segments == ["v1", "token"] {
        return Step::CreateOAuth2Token;
    }
    if matches!(segments, [] | [""])
        && let Some(step) = query::step(request)
    {
        return step;
    }
    if verify::is_path(segments) {
        return Step::Verify;
    }
    container::Host::of(request)
        .map(|_| Step::ContainerCredentials)
        .or_else(|| container::step(segments))
        .or_else(|| sso::step(segments))
        .unwrap_or_else(|| imds::step(segments))
}

/// The answer as AWS would give it.
fn proper(shared: &Shared, request: &Request, step: Step, segments: Option<&[&str]>) -> Answer {
    if !host::is_ours(request, shared) {
        let text = "this host name is not mine: allow it with --allow-host, or Builder::allow_host\n";
        return Answer::new(403, "text/plain", text);
    }
    let Some(segments) = segments else {
        return Answer::metadata_error(404);
    };
    match step.service() {
        Service::Sts | Service::Ec2 => query::answer(shared, request, step),
        Service::Ecs if step == Step::TaskMetadata => container::task_metadata(shared, request, segments),
        Service::Ecs => container::ecs(shared, request, segments),
        Service::Eks => container::eks(shared, request),
        Service::Container => container::host(shared, request),
        Service::Mock => verify::answer(shared, request),
        Service::Sso => sso::portal(shared, request, step),
        Service::SsoOidc if matches!(step, Step::Authorize | Step::Device) => {
            sso::page(shared, request, step)
        }
        Service::SsoOidc => sso::oidc(shared, request, step),
        Service::SignIn => sign_in::answer(shared, request),
        Service::Unknown if matches!(segments, [] | [""]) => query::answer(shared, request, step),
        Service::InstanceMetadata | Service::Unknown => imds::answer(shared, request, segments),
    }
}

/// An error in the form of a service.
fn error(shared: &Shared, step: Step, status: u16, code: &str) -> Answer {
    const MESSAGE: &str = "this is a fault that was asked for";
    let service = step.service();
    match service {
        Service::InstanceMetadata | Service::Unknown => Answer::metadata_error(status),
        Service::Ecs => container::ecs_error(status, code, MESSAGE),
        Service::Eks | Service::Container => Answer::new(status, "text/plain", MESSAGE),
        Service::Sso => sso::portal_error(&RestError::new(status, code, MESSAGE)),
        Service::SsoOidc => sso::oidc_error(&RestError::oauth(status, code, MESSAGE)),
        Service::SignIn => sign_in::error_answer(&sign_in::error_of(status, code, MESSAGE)),
        Service::Mock => verify::error_answer(&ApiError::new(status, code, MESSAGE)),
        Service::Sts | Service::Ec2 => query::error_answer(
            service,
            &ApiError::new(status, code, MESSAGE),
            &shared.request_id(),
        ),
    }
}

/// The code that usually goes with a status.
fn code_for(service: Service, status: u16) -> &'static str {
    match service {
        Service::Sso => match status {
            400 => "InvalidRequestException",
            401 => "UnauthorizedException",
            403 => "ForbiddenException",
            404 => "ResourceNotFoundException",
            429 => "TooManyRequestsException",
            _ => "InternalServerException",
        },
        Service::SsoOidc => match status {
            400 => "invalid_request",
            401 => "invalid_client",
            403 => "access_denied",
            429 => "slow_down",
            _ => "server_error",
        },
        Service::SignIn => match status {
            400 | 429 => "INVALID_REQUEST",
            401 => "TOKEN_EXPIRED",
            403 => "INSUFFICIENT_PERMISSIONS",
            _ => "server_error",
        },
        _ => match status {
            400 => "InvalidParameterValue",
            401 | 403 => "AccessDenied",
            404 => "NotFound",
            429 => "Throttling",
            503 => "ServiceUnavailable",
            _ => "InternalFailure",
        },
    }
}

fn record(shared: &Shared, caller: Caller, request: &Request, step: Step) -> u64 {
    let mut kept = request.clone();
    kept.body.truncate(KEPT);
    let mut state = shared.state();
    let number = state.records.next_number();
    state.records.add(Record {
        number,
        connection: caller.connection,
        peer: caller.peer,
        time: shared.clock.now(),
        step,
        access_key_id: signature::named_access_key_id(request),
        request: kept,
        status: None,
        token: None,
        fault: None,
        duration: Duration::ZERO,
    });
    number
}

/// Which token a request carried, or was given.
fn token_number(shared: &Shared, request: &Request, step: Step, answer: &Answer) -> Option<u64> {
    let given = || {
        std::str::from_utf8(&answer.body)
            .ok()
            .filter(|_| step == Step::Token)
    };
    let text = request.header(request::TOKEN).or_else(given)?;
    shared.state().tokens.number(text)
}

/// Real time: clients measure it.
async fn wait(delay: Duration) {
    if delay > Duration::ZERO {
        timer::sleep(delay).await;
    }
}

async fn wait_while_paused(shared: &Shared, step: Step) {
    loop {
        let resumed = shared.resumed.notified();
        if !shared.state().paused.contains(&step) {
            return;
        }
        resumed.await;
    }
}
