use super::*;

const FRESH: Situation = Situation {
    phase: Phase::Fresh,
    invalidated: false,
    may_renew: true,
    may_renew_urgently: true,
    extended: false,
    outlive_their_end: false,
    error_in_memory: false,
    airborne: Airborne::None,
};

fn after(phase: Phase, change: impl Fn(&mut Situation)) -> Situation {
    let mut situation = Situation { phase, ..FRESH };
    change(&mut situation);
    situation
}

#[test]
fn the_table_of_decisions() {
    use Action::*;
    let unchanged = |_: &mut Situation| {};
    let paused = |s: &mut Situation| s.may_renew = false;
    let paused_urgently = |s: &mut Situation| s.may_renew_urgently = false;
    for (line, situation, action) in [
        ("nothing cached: wait", after(Phase::Nothing, unchanged), Wait),
        (
            "nothing cached, an error of a moment ago",
            after(Phase::Nothing, |s| s.error_in_memory = true),
            Recall,
        ),
        (
            "nothing cached, a late flight: still wait",
            after(Phase::Nothing, |s| s.airborne = Airborne::Late),
            Wait,
        ),
        (
            "invalidated: as in the mandatory window",
            after(Phase::Fresh, |s| s.invalidated = true),
            WaitBriefly,
        ),
        (
            "invalidated in a running pause: the pause is not cut short",
            after(Phase::Fresh, |s| {
                s.invalidated = true;
                s.may_renew = false;
            }),
            Serve,
        ),
        (
            "invalidated, after an urgent failure",
            after(Phase::Soft, |s| {
                s.invalidated = true;
                s.may_renew_urgently = false;
            }),
            Serve,
        ),
        (
            "expired and extended: the kept value",
            after(Phase::Expired, |s| s.extended = true),
            Serve,
        ),
        ("expired: wait", after(Phase::Expired, unchanged), Wait),
        (
            "expired: pauses do not count",
            after(Phase::Expired, paused_urgently),
            Wait,
        ),
        (
            "expired, an error of a moment ago",
            after(Phase::Expired, |s| s.error_in_memory = true),
            Recall,
        ),
        (
            "expired, outliving: wait briefly",
            after(Phase::Expired, |s| s.outlive_their_end = true),
            WaitBriefly,
        ),
        (
            "expired, outliving, a late flight: the kept value",
            after(Phase::Expired, |s| {
                s.outlive_their_end = true;
                s.airborne = Airborne::Late;
            }),
            Serve,
        ),
        (
            "mandatory window in a pause: the kept value",
            after(Phase::Mandatory, paused_urgently),
            Serve,
        ),
        (
            "mandatory window: the longer pause does not count",
            after(Phase::Mandatory, paused),
            WaitBriefly,
        ),
        (
            "mandatory window: wait briefly",
            after(Phase::Mandatory, unchanged),
            WaitBriefly,
        ),
        (
            "mandatory window, a late flight",
            after(Phase::Mandatory, |s| s.airborne = Airborne::Late),
            Serve,
        ),
        (
            "soft window in a pause: the kept value",
            after(Phase::Soft, paused),
            Serve,
        ),
        (
            "soft window: renew in the background",
            after(Phase::Soft, unchanged),
            Renew,
        ),
        (
            "soft window, already renewing",
            after(Phase::Soft, |s| s.airborne = Airborne::Driven),
            Serve,
        ),
        (
            "soft window, already renewing for long",
            after(Phase::Soft, |s| s.airborne = Airborne::Late),
            Serve,
        ),
        ("fresh: the kept value", after(Phase::Fresh, unchanged), Serve),
    ] {
        assert_eq!(decide(situation), action, "{line}");
    }
}

#[test]
fn no_situation_breaks_the_promises() {
    for situation in every_situation() {
        let action = decide(situation);
        let has_some = situation.phase != Phase::Nothing;
        let good = has_some && situation.phase != Phase::Expired;
        assert!(
            has_some || action != Action::Serve,
            "nothing to serve: {situation:?}"
        );
        assert!(
            !good || action != Action::Wait,
            "stalled with good credentials: {situation:?}"
        );
        assert!(
            !good || action != Action::Recall,
            "an error in spite of good credentials: {situation:?}"
        );
        let dead = situation.phase == Phase::Expired && !situation.outlive_their_end && !situation.extended;
        assert!(
            !dead || matches!(action, Action::Wait | Action::Recall),
            "served dead: {situation:?}"
        );
        let calm = matches!(situation.phase, Phase::Fresh | Phase::Soft) && !situation.invalidated;
        assert!(
            !calm || matches!(action, Action::Serve | Action::Renew),
            "waits early: {situation:?}"
        );
    }
}

fn every_situation() -> impl Iterator<Item = Situation> {
    let phases = [
        Phase::Nothing,
        Phase::Fresh,
        Phase::Soft,
        Phase::Mandatory,
        Phase::Expired,
    ];
    let flights = [Airborne::None, Airborne::Driven, Airborne::Late];
    phases.into_iter().flat_map(move |phase| {
        flights.into_iter().flat_map(move |airborne| {
            (0..64_u8).map(move |bits| {
                let bit = |place: u8| bits >> place & 1 == 1;
                Situation {
                    phase,
                    airborne,
                    invalidated: bit(0),
                    may_renew: bit(1),
                    may_renew_urgently: bit(2),
                    extended: bit(3),
                    outlive_their_end: bit(4),
                    error_in_memory: bit(5),
                }
            })
        })
    })
}
