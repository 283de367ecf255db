//! A child process that never outlives the interest in it.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use credential_core::{Clock, Sleep};
use credential_runtime::{Runtime, blocking};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::process::{Child, ChildStderr, ChildStdout};

use crate::command::Words;
use crate::said::Tail;

/// The most that is read of standard output.
pub(crate) const MOST_OUTPUT: usize = 1024 * 1024;

/// How long output is waited for once the child is gone: another process, which it left behind, may hold its pipes.
pub(crate) const AFTER_EXIT: Duration = Duration::from_secs(1);

/// How the child's group is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// A group of its own, so that its own children can be killed with it.
    Own,
    /// Ours: at a terminal a child in another group is stopped as soon as it asks the person there for something.
    Ours,
}

impl Group {
    /// Its own, where no terminal controls us.
    pub(crate) fn to_choose() -> Self {
        if has_terminal() { Self::Ours } else { Self::Own }
    }
}

/// Whether a terminal controls this process: then the system lets it open `/dev/tty`.
///
/// In doubt, as when the system is out of files, there is one: the child's own children may then outlive it, but nobody
/// who is asked for a code is left with a stopped process.
#[cfg(unix)]
fn has_terminal() -> bool {
    /// "No such device or address": the same number on Linux, macOS and the BSDs.
    const ENXIO: i32 = 6;
    match std::fs::File::open("/dev/tty") {
        Ok(_) => true,
        Err(error) => error.kind() != io::ErrorKind::NotFound && error.raw_os_error() != Some(ENXIO),
    }
}

/// On Windows the child alone is killed.
#[cfg(not(unix))]
fn has_terminal() -> bool {
    true
}

/// Why a child gave nothing.
pub(crate) enum Failure {
    /// It cannot be started.
    Start(io::Error),
    /// Its end or its output cannot be waited for.
    Watch(io::Error),
    /// It wrote more than [`MOST_OUTPUT`].
    TooMuch,
}

/// How a child ended, and what it wrote to standard output.
pub(crate) type Ended = Result<(ExitStatus, Vec<u8>), Failure>;

/// Runs a child to its end, and reads the end of standard error into `tail`. Dropping the future kills it.
///
/// Boxed, so that tokio's child is compiled here and not in each future that awaits it.
pub(crate) fn run<'a>(
    words: Words,
    group: Option<Group>,
    clock: &'a dyn Clock,
    tail: &'a mut Tail,
) -> Pin<Box<dyn Future<Output = Ended> + Send + 'a>> {
    Box::pin(async move {
        let mut running = Running::start(words, group).await.map_err(Failure::Start)?;
        running.finish(clock, tail).await
    })
}

/// A child under way. Dropped before its end, it is killed, and reaped by the runtime.
struct Running {
    /// Always there until the drop.
    child: Option<Child>,
    group: Group,
    runtime: Runtime,
}

impl Running {
    /// Starts it off the async threads. Nothing is started for a caller who has gone meanwhile.
    ///
    /// A runtime that is shut down in the very millisecond of the start leaves the command to itself: tokio drops what
    /// it cannot watch without telling its number. Starting it on an async thread would avoid that, and hold up all
    /// others there whenever a program has to come from a slow disk.
    async fn start(words: Words, group: Option<Group>) -> io::Result<Self> {
        let runtime = Runtime::current().ok_or_else(|| io::Error::other("there is no tokio runtime here"))?;
        let interest = Arc::new(());
        let interested = Arc::downgrade(&interest);
        let started = blocking(move || {
            if interested.strong_count() == 0 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let group = group.unwrap_or_else(Group::to_choose);
            let mut command = words.command();
            command
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .kill_on_drop(true);
            #[cfg(unix)]
            if group == Group::Own {
                command.process_group(0);
            }
            Ok(Self {
                child: Some(command.spawn()?),
                group,
                runtime,
            })
        });
        let started = started.await;
        drop(interest);
        started?
    }

    /// Reads standard output, and the end of standard error into `tail`, until the child has ended and both are at
    /// their end, or a while after its end.
    async fn finish(&mut self, clock: &dyn Clock, tail: &mut Tail) -> Ended {
        let Some(child) = &mut self.child else {
            return Err(Failure::Watch(io::ErrorKind::NotConnected.into()));
        };
        let mut stdout = Output::of(child.stdout.take());
        let mut stderr = (child.stderr.take(), tail);
        let mut exit = pin!(child.wait());
        let mut ended: Option<(ExitStatus, Sleep)> = None;
        poll_fn(|context| {
            stdout.poll(context)?;
            drain(&mut stderr.0, stderr.1, context);
            if ended.is_none()
                && let Poll::Ready(status) = exit.as_mut().poll(context)
            {
                ended = Some((status.map_err(Failure::Watch)?, clock.sleep(AFTER_EXIT)));
            }
            let Some((status, patience)) = &mut ended else {
                return Poll::Pending;
            };
            let at_end = stdout.pipe.is_none() && stderr.0.is_none();
            if at_end || patience.as_mut().poll(context).is_ready() {
                return Poll::Ready(Ok((*status, stdout.take())));
            }
            Poll::Pending
        })
        .await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Once its end was seen there is nothing to kill: its number may be another's by now.
        let Some((mut child, leader)) = self
            .child
            .take()
            .and_then(|child| child.id().map(|id| (child, id)))
        else {
            return;
        };
        // An error here means that it has just ended by itself.
        let _ = child.start_kill();
        let killer = match self.group {
            Group::Own => kill_group(leader),
            Group::Ours => None,
        };
        let reaping = async move {
            if let Some(mut killer) = killer {
                let _ = blocking(move || killer.wait()).await;
            }
            let _ = child.wait().await;
        };
        self.runtime.spawn(Box::pin(reaping));
    }
}

/// Kills a whole group. The child that leads it must not have been reaped, or its number could be another's.
///
/// The system's call for this needs `unsafe`, or a crate that wraps it with two more behind it, on a path that only a
/// hanging command comes by. The shell has it built in, and where there is no shell, few commands have children: then
/// the child alone has been killed. It is started here and now, a millisecond or so, since a task may not get to run any
/// more when a program ends.
#[cfg(unix)]
fn kill_group(leader: u32) -> Option<std::process::Child> {
    std::process::Command::new("/bin/sh")
        .args(["-c", "kill -s KILL -- \"-$1\"", "sh", &leader.to_string()])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()
}

#[cfg(not(unix))]
fn kill_group(_: u32) -> Option<std::process::Child> {
    None
}

/// How often a pipe is read at a turn, so that a child that never stops writing leaves its turn to others.
const READS_AT_A_TURN: usize = 16;

/// Standard output as it comes in.
struct Output {
    pipe: Option<ChildStdout>,
    /// Big enough for any usual document, since a buffer that grows leaves copies of secrets behind.
    buffer: Vec<u8>,
    filled: usize,
}

impl Output {
    fn of(pipe: Option<ChildStdout>) -> Self {
        Self {
            pipe,
            buffer: vec![0; 16 * 1024],
            filled: 0,
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Result<(), Failure> {
        for _ in 0..READS_AT_A_TURN {
            let Some(pipe) = &mut self.pipe else { return Ok(()) };
            if self.filled == self.buffer.len() {
                self.buffer.resize((self.filled * 4).min(MOST_OUTPUT + 1), 0);
            }
            let mut room = ReadBuf::new(self.buffer.get_mut(self.filled..).unwrap_or_default());
            match Pin::new(pipe).poll_read(context, &mut room) {
                Poll::Pending => return Ok(()),
                Poll::Ready(Err(error)) => return Err(Failure::Watch(error)),
                Poll::Ready(Ok(())) if room.filled().is_empty() => self.pipe = None,
                Poll::Ready(Ok(())) => self.filled += room.filled().len(),
            }
            if self.filled > MOST_OUTPUT {
                return Err(Failure::TooMuch);
            }
        }
        context.waker().wake_by_ref();
        Ok(())
    }

    fn take(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.buffer);
        bytes.truncate(self.filled);
        bytes
    }
}

/// Reads standard error as far as it has come. An error is its end: it only explains other errors.
fn drain(pipe: &mut Option<ChildStderr>, tail: &mut Tail, context: &mut Context<'_>) {
    for _ in 0..READS_AT_A_TURN {
        let Some(open) = pipe else { return };
        let mut bytes = [0; 4096];
        let mut room = ReadBuf::new(&mut bytes);
        match Pin::new(open).poll_read(context, &mut room) {
            Poll::Pending => return,
            Poll::Ready(Ok(())) if !room.filled().is_empty() => tail.push(room.filled()),
            Poll::Ready(_) => *pipe = None,
        }
    }
    context.waker().wake_by_ref();
}

/// Whether this runtime can watch pipes. tokio panics where it cannot, and would leave a child behind that nobody kills.
#[cfg(unix)]
pub(crate) fn can_watch() -> bool {
    let Ok((pipe, _other_end)) = io::pipe() else {
        // Out of files, which starting the child will tell better.
        return true;
    };
    let pipe = std::process::ChildStdout::from(std::os::fd::OwnedFd::from(pipe));
    std::panic::catch_unwind(|| drop(ChildStdout::from_std(pipe))).is_ok()
}

/// On Windows, pipes are read by threads and ends are watched by the system.
#[cfg(not(unix))]
pub(crate) fn can_watch() -> bool {
    true
}

#[cfg(test)]
mod tests;
