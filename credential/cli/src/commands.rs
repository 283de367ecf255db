use std::io::{self, IsTerminal, Write};

use credential_chain::{DefaultCredentialsProvider, ProvideAwsCredentials, Variables};
use snafu::ResultExt;

use crate::arguments::{Common, Export};
use crate::error::{Error, IdentitySnafu, OutputSnafu, RepeatedSnafu, RuntimeSnafu};
use crate::format::Format;
use crate::repeat;

/// Prints credentials.
pub(crate) fn export(export: &Export, variables: &Variables) -> Result<(), Error> {
    let format = export.format.unwrap_or_else(|| {
        if io::stdout().is_terminal() {
            Format::of_shell(variables)
        } else {
            Format::Process
        }
    });
    let credentials = run(&export.common, variables, async |provider| {
        Ok(provider.credentials().await?)
    })?;
    print(&format.print(&credentials))
}

/// Asks AWS whose they are.
pub(crate) fn who_am_i(options: &Common, variables: &Variables) -> Result<(), Error> {
    let (identity, credentials) = run(options, variables, async |provider| {
        let credentials = provider.credentials().await?;
        let client = provider.sts_client().await?;
        Ok((
            client.get_caller_identity().await.context(IdentitySnafu)?,
            credentials,
        ))
    })?;
    print(&format!(
        "account        {}\nARN            {}\nuser ID        {}\naccess key ID  {}\nsource         {}\n",
        identity.account(),
        identity.arn(),
        identity.user_id(),
        credentials.access_key_id(),
        credentials.source()
    ))
}

/// Standard output gets the whole text, or the command fails.
pub(crate) fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context(OutputSnafu)
}

/// Does the work with the default provider, and tells what it asked if that is wanted.
fn run<T>(
    options: &Common,
    variables: &Variables,
    work: impl AsyncFnOnce(&DefaultCredentialsProvider) -> Result<T, Error>,
) -> Result<T, Error> {
    let chosen = options.profile.as_deref();
    if let Some(profile) = repeat::repeated(variables, chosen)? {
        return RepeatedSnafu { profile }.fail();
    }
    let mut builder = DefaultCredentialsProvider::builder().variables(variables.clone());
    if let Some(name) = chosen {
        builder = builder.profile_name(name);
    }
    let provider = builder.build();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context(RuntimeSnafu)?;
    let result = runtime.block_on(work(&provider));
    if options.verbose {
        for attempt in provider.attempts() {
            let _ = writeln!(io::stderr(), "{attempt} ({:.1?})", attempt.duration());
        }
    }
    // A reader of files that hangs must not keep the command from ending.
    runtime.shutdown_background();
    result
}
