use std::fmt::Write as _;

use credential_chain::profile::{Base, Plan, Problem, Profile, RoleHop, Selection, Settings};
use credential_chain::{ProcessProvider, Report, Variables};

use crate::commands::{self, in_runtime};
use crate::error::Error;
use crate::files::Files;
use crate::format::shell_word;

/// Prints how the profile gets its credentials, before anybody is asked.
pub(crate) fn plan(profile: Option<&str>, variables: &Variables) -> Result<(), Error> {
    let selection = selection(profile, variables);
    let files = Files::of(&selection.locations()?, variables);
    let text = told(profile, &selection, variables, &files).map_err(|error| files.shorten_error(&error))?;
    commands::print(&text)
}

fn told(
    profile: Option<&str>,
    selection: &Selection,
    variables: &Variables,
    files: &Files,
) -> Result<String, Error> {
    let settings = in_runtime(Settings::load(selection))??;
    let plan = settings.plan(&[])?;
    let mut text = head(&settings, &plan, files);
    start(&mut text, &plan, &settings, files);
    for (number, hop) in (2..).zip(plan.hops()) {
        role(&mut text, number, hop, files);
    }
    let refused = refused(&settings, &plan);
    let refused: Vec<String> = refused.iter().map(|text| files.shorten(text)).collect();
    list(&mut text, "errors", &refused);
    let mut warnings = warnings(&plan, &settings, profile, variables, files)?;
    warnings.extend(unusable_region(&settings, &plan).map(|told| files.shorten(&told)));
    list(&mut text, "warnings", &warnings);
    Ok(text)
}

/// What those who are asked on the way would refuse, each with its place and its rule.
pub(crate) fn refused(settings: &Settings, plan: &Plan) -> Vec<String> {
    let settings = settings.check(plan);
    let mut refused: Vec<String> = settings
        .iter()
        .map(|error| Report::of(error).to_string())
        .collect();
    if let Base::Process(command) = plan.base()
        && let Err(error) = ProcessProvider::new(command.command_line().expose()).check()
    {
        refused.push(format!(
            "credential_process in {}: {}",
            command.position(),
            Report::of(&error)
        ));
    }
    refused
}

/// What is wrong with a region that nobody needs on the way: whoever signs requests with the credentials will.
pub(crate) fn unusable_region(settings: &Settings, plan: &Plan) -> Option<String> {
    let told = Report::of(&settings.region().err()?).to_string();
    (!refused(settings, plan).contains(&told)).then_some(told)
}

fn list(text: &mut String, head: &str, sentences: &[String]) {
    if !sentences.is_empty() {
        let _ = writeln!(text, "\n{head}");
    }
    for sentence in sentences {
        let _ = writeln!(text, "  {sentence}");
    }
}

pub(crate) fn selection(profile: Option<&str>, variables: &Variables) -> Selection {
    let selection = Selection::new().with_variables(variables.clone());
    match profile {
        Some(name) => selection.with_profile_from(name, "--profile"),
        None => selection,
    }
}

fn head(settings: &Settings, plan: &Plan, files: &Files) -> String {
    let name = settings.profile_name();
    let asks_sts = !plan.hops().is_empty() || matches!(plan.base(), Base::WebIdentity(_));
    let region = match settings.region() {
        Ok(Some(region)) => format!("{} ({})", region.value(), files.origin(region.origin())),
        Ok(None) if asks_sts => {
            "none, and STS needs one: set AWS_REGION, or `region` in the profile".to_owned()
        }
        Ok(None) => "none".to_owned(),
        Err(_) => "none that can be used".to_owned(),
    };
    format!(
        "profile    {} ({})\nfiles      {}\nregion     {region}\n\n",
        name.value(),
        files.origin(name.origin()),
        files.both(),
    )
}

fn start(text: &mut String, plan: &Plan, settings: &Settings, files: &Files) {
    let _ = writeln!(text, "1. start   {}", plan.start());
    let place = settings.profiles().get(plan.base_profile()).and_then(first_line);
    let place = place.map(|position| format!(" in {}", files.position(position)));
    let _ = writeln!(
        text,
        "           profile `{}`{}",
        plan.base_profile(),
        place.unwrap_or_default()
    );
    let login = match plan.base() {
        Base::Sso(_) => "credential login",
        Base::LoginSession(_) => "aws login",
        _ => return,
    };
    let profile = shell_word(plan.base_profile());
    let _ = writeln!(text, "           needs a login: {login} --profile {profile}");
}

fn first_line(profile: &Profile) -> Option<&credential_chain::profile::Position> {
    profile.positions().first()
}

fn role(text: &mut String, number: usize, hop: &RoleHop, files: &Files) {
    let _ = writeln!(text, "{:<11}{}", format!("{number}. role"), hop.role_arn());
    let _ = writeln!(
        text,
        "           profile `{}` in {}",
        hop.profile(),
        files.position(hop.position())
    );
    let mut details = Vec::new();
    if let Some(name) = hop.role_session_name() {
        details.push(format!("session name `{name}`"));
    }
    if hop.external_id().is_some() {
        details.push("an external ID".to_owned());
    }
    if let Some(duration) = hop.duration() {
        details.push(format!("sessions of {} s", duration.as_secs()));
    }
    if !details.is_empty() {
        let _ = writeln!(text, "           with {}", details.join(", "));
    }
    if let Some(serial) = hop.mfa_serial() {
        let _ = writeln!(text, "           asks for a code of the MFA device {serial}");
    }
}

/// What has no effect in these profiles, and what keeps the plan from being used.
fn warnings(
    plan: &Plan,
    settings: &Settings,
    chosen: Option<&str>,
    variables: &Variables,
    files: &Files,
) -> Result<Vec<String>, Error> {
    let mut warnings = Vec::new();
    for name in ["AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"] {
        if chosen.is_none() && variables.get(name)?.is_some() {
            warnings.push(format!(
                "{name} is set, and the environment counts before the profile; --profile {} passes over it",
                shell_word(plan.profile())
            ));
            break;
        }
    }
    let mut involved = vec![plan.profile(), plan.base_profile()];
    involved.extend(plan.hops().iter().map(RoleHop::profile));
    let of_files = settings
        .profiles()
        .problems()
        .iter()
        .filter(|problem| crate::files::profile_of(problem).is_none_or(|name| involved.contains(&name)));
    let mut problems: Vec<&Problem> = plan.problems().iter().chain(of_files).collect();
    problems.sort_by_key(|problem| (problem.position().path(), problem.position().line()));
    warnings.extend(problems.into_iter().map(|problem| files.problem(problem)));
    warnings.extend(
        settings
            .profiles()
            .searched()
            .unread()
            .iter()
            .map(|unread| files.shorten(&unread.to_string())),
    );
    Ok(warnings)
}
