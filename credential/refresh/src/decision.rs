//! What a caller gets, as one table: no clock, no lock, no world.

/// How far the kept credentials are in their life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// There are none.
    Nothing,
    /// Nothing to do.
    Fresh,
    /// Good for a while, but due for a renewal in the background.
    Soft,
    /// Good, but about to die: callers wait a moment for a renewal.
    Mandatory,
    /// Dead, or no longer to be trusted.
    Expired,
}

/// The fetch that is under way, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Airborne {
    /// None, or one that nobody drives.
    None,
    /// One that somebody drives.
    Driven,
    /// One that somebody has driven for as long as callers wait who have something to fall back on.
    Late,
}

/// All that the decision depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation {
    pub(crate) phase: Phase,
    /// A service refused the credentials.
    pub(crate) invalidated: bool,
    /// The pause after a failure in the background is over.
    pub(crate) may_renew: bool,
    /// The pause after a failure in the mandatory window is over.
    pub(crate) may_renew_urgently: bool,
    /// In use past the end, and the next attempt is not due.
    pub(crate) extended: bool,
    /// They may be used past their end if the source has trouble.
    pub(crate) outlive_their_end: bool,
    /// An error happened a moment ago.
    pub(crate) error_in_memory: bool,
    pub(crate) airborne: Airborne,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Hand out what is kept.
    Serve,
    /// Hand out what is kept, and renew it in the background.
    Renew,
    /// Wait for the one fetch, for a few seconds at most, then hand out what is kept.
    WaitBriefly,
    /// Wait for the one fetch.
    Wait,
    /// Answer the error of a moment ago.
    Recall,
}

/// The first line that fits decides.
pub(crate) fn decide(situation: Situation) -> Action {
    let Situation {
        phase,
        invalidated,
        may_renew,
        may_renew_urgently,
        extended,
        outlive_their_end,
        error_in_memory,
        airborne,
    } = situation;
    match phase {
        Phase::Nothing if error_in_memory => Action::Recall,
        Phase::Nothing => Action::Wait,
        Phase::Expired if extended => Action::Serve,
        Phase::Expired if error_in_memory => Action::Recall,
        Phase::Expired if !outlive_their_end => Action::Wait,
        Phase::Expired if airborne == Airborne::Late => Action::Serve,
        Phase::Expired => Action::WaitBriefly,
        _ if invalidated && !(may_renew && may_renew_urgently) => Action::Serve,
        Phase::Mandatory if !may_renew_urgently => Action::Serve,
        _ if invalidated || phase == Phase::Mandatory => match airborne {
            Airborne::Late => Action::Serve,
            Airborne::None | Airborne::Driven => Action::WaitBriefly,
        },
        Phase::Soft if may_renew && airborne == Airborne::None => Action::Renew,
        Phase::Fresh | Phase::Soft | Phase::Mandatory => Action::Serve,
    }
}

#[cfg(test)]
mod tests;
