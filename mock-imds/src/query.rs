use crate::answer::Answer;
use crate::authority::Principal;
use crate::form::Form;
use crate::request::Request;
use crate::state::Shared;
use crate::{Service, Step, ec2, signature, sts, xml};

/// An error of the query protocol.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
        }
    }
}

/// A call whose signature has been checked.
pub(crate) struct Call<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) form: &'a Form,
    pub(crate) caller: Principal,
    pub(crate) request_id: &'a str,
}

const STS_VERSION: &str = "2011-06-15";
const EC2_VERSION: &str = "2016-11-15";

/// Whether a request for `/` is a call of STS or EC2, and which.
pub(crate) fn step(request: &Request) -> Option<Step> {
    let form = Form::of(request);
    if request.method != "POST" && form.get("Action").is_none() {
        return None;
    }
    Some(match (form.get("Version"), form.get("Action")) {
        (Some(STS_VERSION), Some("AssumeRole")) => Step::AssumeRole,
        (Some(STS_VERSION), Some("AssumeRoleWithWebIdentity")) => Step::AssumeRoleWithWebIdentity,
        (Some(STS_VERSION), Some("GetSessionToken")) => Step::GetSessionToken,
        (Some(STS_VERSION), Some("GetCallerIdentity")) => Step::GetCallerIdentity,
        (Some(STS_VERSION), Some("GetFederationToken")) => Step::GetFederationToken,
        (Some(STS_VERSION), Some("GetAccessKeyInfo")) => Step::GetAccessKeyInfo,
        (Some(EC2_VERSION), Some("DescribeSpotInstanceRequests")) => Step::DescribeSpotInstanceRequests,
        (Some(EC2_VERSION), Some("DescribeInstances")) => Step::DescribeInstances,
        (Some(EC2_VERSION), Some("DescribeRegions")) => Step::DescribeRegions,
        _ => Step::Unexpected,
    })
}

/// The answer of STS or EC2.
pub(crate) fn answer(shared: &Shared, request: &Request, step: Step) -> Answer {
    let request_id = shared.request_id();
    let service = service_of(request, step);
    let result = call(shared, request, step, service, &request_id);
    match result {
        Ok(body) => respond(service, 200, body, &request_id),
        Err(error) => error_answer(service, &error, &request_id),
    }
}

fn call(
    shared: &Shared,
    request: &Request,
    step: Step,
    service: Service,
    request_id: &str,
) -> Result<String, ApiError> {
    let form = Form::of(request);
    if step == Step::Unexpected {
        let action = form.get("Action").unwrap_or_default();
        let version = form.get("Version").unwrap_or_default();
        let message = format!("Could not find operation {action} for version {version}");
        return Err(ApiError::new(400, "InvalidAction", message));
    }
    if step == Step::AssumeRoleWithWebIdentity {
        // Not signed: the token stands for the caller. A signature that is sent is not looked at.
        return sts::web_identity::assume_role(shared, &form, request_id);
    }
    let caller = signature::check(shared, request, service)?;
    let call = Call {
        shared,
        form: &form,
        caller,
        request_id,
    };
    match step {
        Step::AssumeRole => sts::assume_role(&call),
        Step::GetSessionToken => sts::user::get_session_token(&call),
        Step::GetFederationToken => sts::user::get_federation_token(&call),
        Step::GetAccessKeyInfo => sts::user::get_access_key_info(&call),
        Step::DescribeSpotInstanceRequests => ec2::spot_requests::describe(&call),
        Step::DescribeInstances => ec2::instances::describe(&call),
        Step::DescribeRegions => ec2::regions::describe(&call),
        _ => Ok(sts::get_caller_identity(&call)),
    }
}

/// The error in the form of the service. The ID is the one in the body, too.
pub(crate) fn error_answer(service: Service, error: &ApiError, request_id: &str) -> Answer {
    let (code, message) = (xml::escape(&error.code), xml::escape(&error.message));
    let body = if service == Service::Ec2 {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{code}</Code>\
             <Message>{message}</Message></Error></Errors><RequestID>{request_id}</RequestID></Response>"
        )
    } else {
        let blame = if error.status < 500 { "Sender" } else { "Receiver" };
        format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    \
             <Type>{blame}</Type>\n    <Code>{code}</Code>\n    <Message>{message}</Message>\n  </Error>\n  \
             <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n"
        )
    };
    respond(service, error.status, body, request_id)
}

fn respond(service: Service, status: u16, body: String, request_id: &str) -> Answer {
    let server = if service == Service::Ec2 {
        "AmazonEC2"
    } else {
        "mock-imds"
    };
    let content_type = if service == Service::Ec2 {
        "text/xml;charset=UTF-8"
    } else {
        "text/xml"
    };
    Answer::new(status, content_type, body)
        .header("x-amzn-requestid", request_id)
        .header("server", server)
}

/// Whose form an answer takes: for an unknown action the scope of the signature tells, else it is STS.
fn service_of(request: &Request, step: Step) -> Service {
    match step.service() {
        Service::Unknown => {
            let signed_for_ec2 = request
                .header("authorization")
                .is_some_and(|header| header.contains("/ec2/aws4_request"));
            let asked_of_ec2 = Form::of(request).get("Version") == Some(EC2_VERSION);
            if signed_for_ec2 || asked_of_ec2 {
                Service::Ec2
            } else {
                Service::Sts
            }
        }
        service => service,
    }
}
