//! One provider crate alone: nothing but the environment is looked at, and nothing else is compiled.

use credential_core::{ProvideAwsCredentials, Variables};
use credential_environment::EnvironmentProvider;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    examples::log();
    // `Variables::of_process()`, the default, reads the program's own.
    let variables = Variables::from([
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "cAnArY0sEcReT/not+a+real+one"),
    ]);
    let provider = EnvironmentProvider::new().with_variables(variables);
    println!("{}", provider.credentials().await?.access_key_id());

    let nothing =
        EnvironmentProvider::new().with_variables(Variables::from([("AWS_ACCESS_KEY_ID", "AKIDHALF")]));
    if let Err(error) = nothing.credentials().await {
        println!("{}", error.report());
    }
    Ok(())
}
