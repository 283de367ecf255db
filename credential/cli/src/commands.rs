use std::io::{self, IsTerminal, Write};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use credential_chain::{
    AwsCredentials, DefaultCredentialsProvider, ProvideAwsCredentials, TokioClock, Variables, settled,
};
use snafu::ResultExt;

use crate::arguments::Options;
use crate::error::{Error, IdentitySnafu, OutputSnafu, RepeatedSnafu, RuntimeSnafu};
use crate::format::Format;
use crate::log;
use crate::mfa::Devices;
use crate::plan::selection;
use crate::repeat::{self, Entry};
use crate::role_cache::{self, CachedRole, StsEndpoint};

/// Prints credentials.
pub(crate) fn export(options: &Options, variables: &Variables) -> Result<(), Error> {
    let format = options.format.unwrap_or_else(|| {
        if io::stdout().is_terminal() {
            Format::of_shell(variables)
        } else {
            Format::Process
        }
    });
    let marks = enter(options, variables)?;
    // Whoever wants to be told of each step gets told once.
    let told = options.verbose || tracing::enabled!(tracing::Level::ERROR);
    if !told && let Some(credentials) = at_hand(&provider(options, variables, &marks)) {
        return print(&format.print(&credentials));
    }
    // Not before: whoever listens for warnings looks like whoever wants to be told.
    show_warnings(options, variables);
    run(options, &provider(options, variables, &marks), async |provider| {
        let credentials = provider.credentials().await?;
        Ok(format.print(&credentials))
    })
}

/// Credentials that nobody has to be waited for, as keys in variables and files, and sessions that are kept: most of the
/// time that a shell waits for this command would go into a runtime and its threads.
///
/// Outside a runtime whoever needs one says so and does nothing. That, as any trouble, is `None`: the usual way, with
/// another provider, since this one keeps the error for a moment, tells of it.
fn at_hand(provider: &DefaultCredentialsProvider) -> Option<AwsCredentials> {
    match pin!(provider.credentials()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer.ok(),
        Poll::Pending => None,
    }
}

fn show_warnings(options: &Options, variables: &Variables) {
    if options.verbose {
        log::show_more_warnings(variables);
    } else {
        log::show_warnings(variables);
    }
}

/// Asks AWS whose they are.
pub(crate) fn who_am_i(options: &Options, variables: &Variables) -> Result<(), Error> {
    let marks = enter(options, variables)?;
    show_warnings(options, variables);
    run(options, &provider(options, variables, &marks), async |provider| {
        let credentials = provider.credentials().await?;
        let client = provider.sts_client().await?;
        let identity = client.get_caller_identity().await.context(IdentitySnafu)?;
        Ok(format!(
            "account        {}\nARN            {}\nuser ID        {}\naccess key ID  {}\nsource         {}\n",
            identity.account(),
            identity.arn(),
            identity.user_id(),
            credentials.access_key_id(),
            credentials.source()
        ))
    })
}

/// Standard output gets the whole text, or the command fails.
pub(crate) fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context(OutputSnafu)
}

/// The mark for the processes that a profile starts; an error where this command would be asked for itself.
fn enter(options: &Options, variables: &Variables) -> Result<String, Error> {
    match repeat::enter(variables, options.profile.as_deref())? {
        Entry::Repeated(profile) => RepeatedSnafu { profile }.fail(),
        Entry::Marks(marks) => Ok(marks),
    }
}

/// The default provider, which asks for codes at the terminal and keeps sessions where the AWS CLI does.
fn provider(options: &Options, variables: &Variables, marks: &str) -> DefaultCredentialsProvider {
    let chosen = options.profile.as_deref();
    let (devices, folder) = (Devices::default(), role_cache::folder(variables));
    let endpoint = Arc::new(StsEndpoint::of(selection(chosen, variables)));
    let mut builder = DefaultCredentialsProvider::builder()
        .variables(variables.clone())
        .process_variable(repeat::MARK, marks)
        .mfa_prompt(devices.prompt())
        .wrap_role(move |hop, provider| {
            devices.note(hop);
            match &folder {
                Some(folder) => Arc::new(CachedRole::of(folder, &endpoint, hop, provider)),
                None => provider,
            }
        });
    if let Some(name) = chosen {
        builder = builder.profile_name_from(name, "--profile");
    }
    builder.build()
}

/// Does the work with the provider, tells what it asked if that is wanted, and prints the result.
fn run(
    options: &Options,
    provider: &DefaultCredentialsProvider,
    work: impl AsyncFnOnce(&DefaultCredentialsProvider) -> Result<String, Error>,
) -> Result<(), Error> {
    in_runtime(async {
        let result = work(provider).await;
        if options.verbose {
            for attempt in provider.attempts() {
                let _ = writeln!(io::stderr(), "{attempt} ({:.1?})", attempt.duration());
            }
        }
        print(&result?)
    })?
}

/// How long the command stays for a renewal that it does not need itself any more.
const FOR_OTHERS: Duration = Duration::from_secs(30);

/// Runs one future to its end, and then what must not be cut off: a refresh token that is spent, and whose successor was
/// not written down, costs a login.
pub(crate) fn in_runtime<T>(work: impl Future<Output = T>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context(RuntimeSnafu)?;
    let result = runtime.block_on(async {
        let result = work.await;
        settled(&TokioClock, FOR_OTHERS).await;
        result
    });
    // A reader of files that hangs must not keep the command from ending.
    runtime.shutdown_background();
    Ok(result)
}
