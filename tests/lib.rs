//! What only shows when the crates meet: whole chains, arrows between crates, secrets. See `main.rs`.
