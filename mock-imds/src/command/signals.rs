use std::io;

/// What somebody wants of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// The request to end that service managers send.
    Terminate,
    /// The terminal has gone.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there is no such thing"))]
    HangUp,
}

impl Signal {
    /// Whether a terminal sends it to everybody in the foreground, the children too.
    pub(crate) fn is_of_terminal(self) -> bool {
        self != Self::Terminate
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "INT",
            Self::Terminate => "TERM",
            Self::HangUp => "HUP",
        }
    }
}

/// From its making on, none of them ends the process by itself.
#[cfg(unix)]
pub(crate) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// Only where it is listened to. Who only serves does not: `nohup` would be in vain.
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    /// Those that end a server.
    pub(crate) fn to_end() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: None,
        })
    }

    /// Those that a child should hear of.
    pub(crate) fn to_hand_on() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            hang_up: Some(signal(SignalKind::hangup())?),
            ..Self::to_end()?
        })
    }

    pub(crate) async fn received(&mut self) -> Signal {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = hang_up => Signal::HangUp,
        }
    }
}

/// Ctrl-C alone.
#[cfg(not(unix))]
pub(crate) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(crate) fn to_end() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) fn to_hand_on() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) async fn received(&mut self) -> Signal {
        let _ = tokio::signal::ctrl_c().await;
        Signal::Interrupt
    }
}
