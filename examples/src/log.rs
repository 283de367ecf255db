use tracing_subscriber::EnvFilter;

/// Logs to standard error what `RUST_LOG` asks for: `RUST_LOG=debug` shows what happens underneath.
pub fn log() {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
}
