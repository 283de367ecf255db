//! What callers see, on virtual time.

mod cancelled;
mod failing;
mod fresh;
mod life;
mod runtimes;
mod single_flight;
mod support;
