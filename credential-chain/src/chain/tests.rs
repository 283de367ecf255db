use std::sync::atomic::{AtomicUsize, Ordering};

use credential_core::{ErrorKind, Variables};
use credential_environment::EnvironmentProvider;
use tests_support::{Log, ManualClock, canary};
use tokio::sync::{mpsc, oneshot};

use super::*;

type Answer = Result<AwsCredentials, CredentialsError>;

fn keys(access_key_id: &str) -> Answer {
    Ok(AwsCredentials::new(access_key_id, canary(access_key_id)))
}

fn nothing() -> Answer {
    Err(CredentialsError::not_configured("Test", "nothing is set up"))
}

fn broken() -> Answer {
    Err(CredentialsError::failed("Test", "the door is stuck"))
}

/// Answers what the test says, when the test says.
#[derive(Clone, Debug)]
struct Scripted(Arc<Script>);

#[derive(Debug)]
struct Script {
    answer: Mutex<Answer>,
    calls: AtomicUsize,
    refused: AtomicUsize,
}

impl Scripted {
    fn saying(answer: Answer) -> Self {
        Self(Arc::new(Script {
            answer: Mutex::new(answer),
            calls: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
        }))
    }

    fn now_says(&self, answer: Answer) {
        *self.0.answer.lock().unwrap() = answer;
    }

    fn calls(&self) -> usize {
        self.0.calls.load(Ordering::SeqCst)
    }
}

impl ProvideAwsCredentials for Scripted {
    fn credentials(&self) -> CredentialsFuture<'_> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        CredentialsFuture::ready(self.0.answer.lock().unwrap().clone())
    }

    fn invalidate(&self, _: &AwsCredentials) {
        self.0.refused.fetch_add(1, Ordering::SeqCst);
    }
}

/// Tells the test that it is asked, and waits for the answer.
#[derive(Debug)]
struct Waiting(mpsc::UnboundedSender<oneshot::Sender<Answer>>);

fn waiting() -> (Waiting, mpsc::UnboundedReceiver<oneshot::Sender<Answer>>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Waiting(sender), receiver)
}

impl ProvideAwsCredentials for Waiting {
    fn credentials(&self) -> CredentialsFuture<'_> {
        let (answer, receiver) = oneshot::channel();
        self.0.send(answer).unwrap();
        CredentialsFuture::new(async { receiver.await.unwrap_or_else(|_| broken()) })
    }
}

fn chain(providers: &[(&'static str, &Scripted)]) -> ChainProvider {
    ChainProvider::of(
        providers
            .iter()
            .map(|(name, provider)| (*name, (*provider).clone())),
    )
}

async fn id(chain: &ChainProvider) -> String {
    chain.credentials().await.unwrap().access_key_id().to_owned()
}

fn outcomes(chain: &ChainProvider) -> Vec<String> {
    chain.attempts().iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn the_first_that_has_credentials_gives_them_and_none_behind_it_is_asked() {
    let (a, b, c) = (
        Scripted::saying(nothing()),
        Scripted::saying(keys("B")),
        Scripted::saying(keys("C")),
    );
    let chain = chain(&[("A", &a), ("B", &b), ("C", &c)]);

    assert_eq!(id(&chain).await, "B");

    assert_eq!([a.calls(), b.calls(), c.calls()], [1, 1, 0]);
    assert_eq!(
        outcomes(&chain),
        ["a: nothing is set up", "b: access key ID B, no expiration"]
    );
}

#[tokio::test]
async fn a_chain_falls_back_past_failures_of_every_kind() {
    for failure in [
        CredentialsError::not_configured("Test", "x"),
        CredentialsError::invalid_configuration("Test", "x"),
        CredentialsError::failed("Test", "x"),
        CredentialsError::timed_out("Test", "x"),
        CredentialsError::login_required("Test", "x"),
    ] {
        let (a, b) = (Scripted::saying(Err(failure)), Scripted::saying(keys("B")));
        assert_eq!(id(&chain(&[("A", &a), ("B", &b)])).await, "B");
    }
}

#[test]
fn the_chain_of_awss_order_has_all_places_and_falls_back() {
    let chain = ChainProvider::new();
    let names: Vec<&str> = chain
        .slots
        .list()
        .unwrap()
        .iter()
        .map(|slot| &*slot.name)
        .collect();
    assert_eq!(
        names,
        [
            "Environment",
            "Profile",
            "WebIdentity",
            "Container",
            "InstanceMetadata"
        ]
    );
    assert_eq!((chain.policy, chain.memory), (Policy::FallBack, Memory::Sticky));
}

#[tokio::test]
async fn a_strict_chain_goes_on_past_absence_alone() {
    for (failure, goes_on) in [
        (CredentialsError::not_configured("Test", "x"), true),
        (CredentialsError::invalid_configuration("Test", "x"), false),
        (CredentialsError::failed("Test", "x"), false),
        (CredentialsError::timed_out("Test", "x"), false),
        (CredentialsError::login_required("Test", "x"), false),
    ] {
        let kind = failure.kind();
        let (a, b) = (Scripted::saying(Err(failure)), Scripted::saying(keys("B")));
        let answer = chain(&[("A", &a), ("B", &b)])
            .stop_on_failure()
            .credentials()
            .await;
        match answer {
            Ok(credentials) => assert!(goes_on, "{credentials:?} after {kind:?}"),
            Err(error) => {
                assert!(!goes_on, "{error:?}");
                assert_eq!((error.kind(), b.calls()), (kind, 0));
            }
        }
    }
}

#[tokio::test]
async fn an_exhausted_chain_lists_every_place_with_its_causes() {
    let error = CredentialsError::not_configured("Profile", "no profile `deploy` in ~/.aws/config");
    let deep = CredentialsError::failed("Inner", std::io::Error::other("connection reset"));
    let chain = ChainProvider::of([
        (
            "Environment",
            Scripted::saying(Err(CredentialsError::not_configured(
                "E",
                "AWS_ACCESS_KEY_ID is not set",
            ))),
        ),
        ("Profile", Scripted::saying(Err(error))),
        (
            "InstanceMetadata",
            Scripted::saying(Err(CredentialsError::failed("I", deep))),
        ),
    ]);

    let error = chain.credentials().await.unwrap_err();

    assert_eq!(
        error.cause().to_string(),
        "no credentials in 3 places\n  \
         environment: AWS_ACCESS_KEY_ID is not set\n  \
         profile: no profile `deploy` in ~/.aws/config\n  \
         instance metadata (failed): inner failed: connection reset"
    );
    let Some(Error::Exhausted { attempts, .. }) = error.cause().downcast_ref() else {
        panic!("{error:?}")
    };
    assert_eq!(attempts.len(), 3);
}

#[tokio::test]
async fn an_exhausted_chain_has_the_kind_of_the_first_that_is_more_than_absence() {
    let late = || Err(CredentialsError::timed_out("Test", "x"));
    let wrong = || Err(CredentialsError::invalid_configuration("Test", "x"));
    for (answers, kind, transient) in [
        ([nothing(), nothing(), nothing()], ErrorKind::NotConfigured, false),
        (
            [nothing(), wrong(), late()],
            ErrorKind::InvalidConfiguration,
            false,
        ),
        ([nothing(), late(), wrong()], ErrorKind::TimedOut, true),
        ([broken(), nothing(), nothing()], ErrorKind::Failed, false),
    ] {
        let chain = ChainProvider::of(answers.map(|answer| ("A", Scripted::saying(answer))));
        let error = chain.credentials().await.unwrap_err();
        assert_eq!((error.kind(), error.is_transient()), (kind, transient));
    }
}

#[tokio::test]
async fn a_stopped_chain_says_where_and_that_nobody_else_was_asked() {
    let (a, b) = (Scripted::saying(nothing()), Scripted::saying(broken()));
    let error = chain(&[("A", &a), ("Profile", &b)])
        .stop_on_failure()
        .credentials()
        .await
        .unwrap_err();
    assert_eq!(
        error.report().to_string(),
        "chain failed: no credentials: profile is set up and does not work, so no other source was asked\n  \
         a: nothing is set up\n  \
         profile (failed): the door is stuck"
    );
}

#[tokio::test]
async fn a_stopped_chain_keeps_what_was_said_and_hints_at_what_was_nearly_set_up() {
    let half = Variables::from([("AWS_ACCESS_KEY_ID", canary("half"))]);
    let environment = EnvironmentProvider::new().with_variables(half.clone());
    let chain = ChainProvider::of([("Environment", environment)])
        .with_provider("Profile", Scripted::saying(broken()))
        .with_provider("Container", Scripted::saying(keys("C")))
        .with_hints(Hints::new(half, None))
        .stop_on_failure();

    let error = chain.credentials().await.unwrap_err();

    assert_eq!(
        outcomes(&chain),
        [
            "environment: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not",
            "profile (failed): the door is stuck"
        ]
    );
    let text = error.report().to_string();
    assert!(
        text.ends_with("\nhint: set AWS_SECRET_ACCESS_KEY as well, or unset AWS_ACCESS_KEY_ID"),
        "{text}"
    );
    assert!(!tests_support::leaks(&format!("{text} {error:?}")));
}

#[tokio::test]
async fn an_empty_chain_has_an_error_of_its_own() {
    let error = chain(&[]).credentials().await.unwrap_err();
    assert!(
        matches!(error.cause().downcast_ref(), Some(Error::Empty)),
        "{error:?}"
    );
    assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
}

#[tokio::test]
async fn a_chain_stays_with_the_source_that_answered_first() {
    let (a, b) = (Scripted::saying(nothing()), Scripted::saying(keys("B")));
    let chain = chain(&[("A", &a), ("B", &b)]);
    assert_eq!(id(&chain).await, "B");

    a.now_says(keys("A"));

    assert_eq!(id(&chain).await, "B");
    assert_eq!(a.calls(), 1, "a place before the winner is not asked again");
}

#[tokio::test]
async fn a_source_that_answered_and_fails_now_is_no_reason_to_become_another() {
    for strict in [false, true] {
        for failure in [
            nothing(),
            broken(),
            Err(CredentialsError::timed_out("Test", "late")),
        ] {
            let (a, b) = (Scripted::saying(keys("A")), Scripted::saying(keys("B")));
            let mut chain = chain(&[("A", &a), ("B", &b)]);
            if strict {
                chain = chain.stop_on_failure();
            }
            assert_eq!(id(&chain).await, "A");

            let transient = failure.as_ref().unwrap_err().is_transient();
            a.now_says(failure);

            let error = chain.credentials().await.unwrap_err();
            assert_eq!(
                (error.kind(), error.is_transient()),
                (ErrorKind::Failed, transient)
            );
            assert!(
                matches!(error.cause().downcast_ref(), Some(Error::Lost { .. })),
                "{error:?}"
            );
            assert_eq!(b.calls(), 0);

            a.now_says(keys("A"));
            assert_eq!(id(&chain).await, "A", "it recovers by itself");
        }
    }
}

#[tokio::test]
async fn a_source_that_asks_for_a_login_now_still_asks_for_a_login() {
    let a = Scripted::saying(keys("A"));
    let chain = chain(&[("A", &a)]);
    id(&chain).await;
    a.now_says(Err(CredentialsError::login_required("Test", "the session ended")));
    assert_eq!(
        chain.credentials().await.unwrap_err().kind(),
        ErrorKind::LoginRequired
    );
}

#[tokio::test]
async fn a_reset_chain_walks_again() {
    let (a, b) = (Scripted::saying(keys("A")), Scripted::saying(keys("B")));
    let chain = chain(&[("A", &a), ("B", &b)]);
    id(&chain).await;
    a.now_says(nothing());
    chain.credentials().await.unwrap_err();

    chain.reset();

    assert_eq!(id(&chain).await, "B");
}

#[tokio::test]
async fn a_chain_without_stickiness_walks_each_time() {
    let (a, b) = (Scripted::saying(nothing()), Scripted::saying(keys("B")));
    let chain = chain(&[("A", &a), ("B", &b)]).without_stickiness();
    assert_eq!(id(&chain).await, "B");
    a.now_says(keys("A"));
    assert_eq!(id(&chain).await, "A");
}

#[tokio::test]
async fn a_failed_walk_settles_nothing() {
    let a = Scripted::saying(broken());
    let b = Scripted::saying(nothing());
    let chain = chain(&[("A", &a), ("B", &b)]);
    chain.credentials().await.unwrap_err();
    b.now_says(keys("B"));
    assert_eq!(id(&chain).await, "B");
    assert_eq!(a.calls(), 2);
}

#[tokio::test]
async fn a_clone_stays_with_the_same_source() {
    let (a, b) = (Scripted::saying(nothing()), Scripted::saying(keys("B")));
    let chain = chain(&[("A", &a), ("B", &b)]);
    id(&chain).await;
    a.now_says(keys("A"));
    assert_eq!(id(&chain.clone()).await, "B");
}

#[tokio::test]
async fn two_walks_at_once_end_with_one_identity() {
    let (first, mut asked) = waiting();
    let second = Scripted::saying(keys("B"));
    let chain = ChainProvider::of([("First", first)]).with_provider("Second", second.clone());
    let (one, two) = (chain.clone(), chain.clone());
    let one = tokio::spawn(async move { one.credentials().await });
    let to_one = asked.recv().await.unwrap();
    let two = tokio::spawn(async move { two.credentials().await });
    let to_two = asked.recv().await.unwrap();

    to_one.send(keys("A")).unwrap();
    assert_eq!(one.await.unwrap().unwrap().access_key_id(), "A");
    to_two.send(nothing()).unwrap();
    // The second walk finds B, and learns that the chain is A by now.
    asked.recv().await.unwrap().send(keys("A")).unwrap();

    assert_eq!(two.await.unwrap().unwrap().access_key_id(), "A");
}

#[tokio::test]
async fn a_walk_from_before_a_reset_settles_nothing_after_it() {
    let (first, mut asked) = waiting();
    let chain = ChainProvider::of([("First", first)]).with_provider("Second", Scripted::saying(keys("B")));
    let walking = chain.clone();
    let walk = tokio::spawn(async move { walking.credentials().await });
    let answer = asked.recv().await.unwrap();
    chain.reset();
    answer.send(keys("A")).unwrap();
    assert_eq!(walk.await.unwrap().unwrap().access_key_id(), "A");

    let walking = chain.clone();
    let walk = tokio::spawn(async move { walking.credentials().await });
    asked.recv().await.unwrap().send(nothing()).unwrap();
    assert_eq!(walk.await.unwrap().unwrap().access_key_id(), "B");
}

#[tokio::test]
async fn a_dropped_call_leaves_the_chain_usable() {
    let (first, mut asked) = waiting();
    let chain = ChainProvider::of([("First", first)]).with_provider("Second", Scripted::saying(keys("B")));
    for _ in 0..3 {
        let walking = chain.clone();
        let walk = tokio::spawn(async move { walking.credentials().await });
        let answer = asked.recv().await.unwrap();
        walk.abort();
        assert!(walk.await.unwrap_err().is_cancelled());
        assert!(answer.is_closed(), "the provider's own future went with it");
    }
    let walking = chain.clone();
    let walk = tokio::spawn(async move { walking.credentials().await });
    asked.recv().await.unwrap().send(keys("A")).unwrap();
    assert_eq!(walk.await.unwrap().unwrap().access_key_id(), "A");
}

#[tokio::test]
async fn places_are_asked_one_after_another() {
    let (first, mut asked_first) = waiting();
    let (second, mut asked_second) = waiting();
    let chain = ChainProvider::of([("First", first), ("Second", second)]);
    let walk = tokio::spawn(async move { chain.credentials().await });
    let answer = asked_first.recv().await.unwrap();
    assert!(asked_second.try_recv().is_err(), "the second waits for the first");
    answer.send(nothing()).unwrap();
    asked_second.recv().await.unwrap().send(keys("B")).unwrap();
    assert_eq!(walk.await.unwrap().unwrap().access_key_id(), "B");
}

#[tokio::test]
async fn each_attempt_keeps_the_time_it_took() {
    let clock = ManualClock::new();
    let (first, mut asked) = waiting();
    let chain = ChainProvider::of([("First", first)])
        .with_provider("Second", Scripted::saying(nothing()))
        .with_clock(clock.clone());
    let walking = chain.clone();
    let walk = tokio::spawn(async move { walking.credentials().await });
    let answer = asked.recv().await.unwrap();
    clock.advance(Duration::from_millis(1500));
    answer.send(broken()).unwrap();
    walk.await.unwrap().unwrap_err();

    let durations: Vec<Duration> = chain.attempts().iter().map(Attempt::duration).collect();
    assert_eq!(durations, [Duration::from_millis(1500), Duration::ZERO]);
}

#[tokio::test]
async fn a_provider_past_the_chains_limit_took_too_long_and_stops_a_strict_chain() {
    let clock = ManualClock::new();
    let (first, mut asked) = waiting();
    let second = Scripted::saying(keys("B"));
    let chain = ChainProvider::of([("First", first)])
        .with_provider("Second", second.clone())
        .stop_on_failure()
        .with_provider_timeout(Duration::from_secs(5))
        .with_clock(clock.clone());
    let walk = tokio::spawn(async move { chain.credentials().await });
    let answer = asked.recv().await.unwrap();
    while clock.sleepers() == 0 {
        tokio::task::yield_now().await;
    }
    clock.advance(Duration::from_secs(5));

    let error = walk.await.unwrap().unwrap_err();

    assert_eq!(
        (error.kind(), error.is_transient(), second.calls()),
        (ErrorKind::TimedOut, true, 0)
    );
    assert!(
        error
            .report()
            .to_string()
            .contains("first (took too long): no answer within 5s"),
        "{}",
        error.report()
    );
    assert!(answer.is_closed());
}

#[tokio::test]
async fn providers_go_in_and_out_by_name() {
    let say = |id| Scripted::saying(keys(id));
    let base = || ChainProvider::of([("A", Scripted::saying(nothing())), ("C", say("C"))]);
    assert_eq!(id(&base().with_provider_before("C", "B", say("B"))).await, "B");
    assert_eq!(id(&base().with_provider_after("A", "B", say("B"))).await, "B");
    assert_eq!(id(&base().with_provider_after("C", "D", say("D"))).await, "C");
    assert_eq!(
        id(&base().without_provider("C").with_provider("D", say("D"))).await,
        "D"
    );
}

#[tokio::test]
async fn a_name_that_the_chain_does_not_have_is_an_error_at_the_first_call() {
    let chain = ChainProvider::of([("A", Scripted::saying(keys("A")))]).without_provider("Vault");
    let error = chain.credentials().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
    assert_eq!(
        error.cause().to_string(),
        "this chain has no provider `Vault`; it has `A`"
    );
}

#[tokio::test]
async fn a_chain_is_a_provider_and_may_stand_in_a_chain() {
    let inner = ChainProvider::of([("Deep", Scripted::saying(nothing()))]);
    let outer = ChainProvider::of([("Inner", inner)]);
    let error = outer.credentials().await.unwrap_err();
    assert!(error.is_not_configured());
    assert_eq!(
        error.cause().to_string(),
        "no credentials in 1 place\n  inner: no credentials in 1 place\n    deep: nothing is set up"
    );
}

#[tokio::test]
async fn refused_credentials_are_told_to_every_provider() {
    let (a, b) = (Scripted::saying(nothing()), Scripted::saying(keys("B")));
    let chain = chain(&[("A", &a), ("B", &b)]);
    let credentials = chain.credentials().await.unwrap();
    chain.invalidate(&credentials);
    assert_eq!(b.0.refused.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_explanation_asks_everybody_and_changes_nothing() {
    let places = [nothing(), broken(), keys("C"), keys("D")].map(Scripted::saying);
    let [a, b, c, d] = &places;
    let of = || chain(&[("A", a), ("B", b), ("C", c), ("D", d)]);
    let standings = |explanation: &Explanation| -> Vec<Standing> {
        explanation
            .sources()
            .iter()
            .map(ExplainedSource::standing)
            .collect()
    };

    let lenient = of();
    let explanation = lenient.explain().await;
    assert_eq!(
        standings(&explanation),
        [
            Standing::Passed,
            Standing::Passed,
            Standing::Used,
            Standing::NotReached
        ]
    );
    assert!(lenient.attempts().is_empty() && lenient.winner().is_none());

    let strict = of().stop_on_failure().explain().await;
    assert_eq!(
        standings(&strict),
        [
            Standing::Passed,
            Standing::Stops,
            Standing::NotReached,
            Standing::NotReached
        ]
    );
    assert!(strict.used().is_none());
    assert!(strict.to_string().contains("! b ("), "{strict}");
}

#[tokio::test]
async fn an_explanation_knows_whom_the_chain_stays_with() {
    let (a, b) = (Scripted::saying(nothing()), Scripted::saying(keys("B")));
    let chain = chain(&[("A", &a), ("B", &b)]);
    id(&chain).await;
    a.now_says(keys("A"));
    let explanation = chain.explain().await;
    assert_eq!(explanation.used().unwrap().attempt().provider(), "B");
}

#[tokio::test]
async fn an_explanation_tells_that_the_winner_gives_nothing_any_more() {
    let (a, b) = (Scripted::saying(keys("A")), Scripted::saying(keys("B")));
    let chain = chain(&[("A", &a), ("B", &b)]);
    id(&chain).await;
    a.now_says(nothing());

    let explanation = chain.explain().await;

    assert!(explanation.used().is_none());
    let standings: Vec<Standing> = explanation
        .sources()
        .iter()
        .map(ExplainedSource::standing)
        .collect();
    assert_eq!(standings, [Standing::Stops, Standing::NotReached]);
}

#[tokio::test]
async fn an_explanation_of_a_chain_that_is_set_up_wrongly_says_so() {
    let chain = ChainProvider::of([("A", Scripted::saying(keys("A")))]).without_provider("Vault");
    let explanation = chain.explain().await;
    assert!(explanation.sources().is_empty() && explanation.used().is_none());
    assert_eq!(
        explanation.to_string(),
        "this chain has no provider `Vault`; it has `A`"
    );
    let empty = ChainProvider::of::<&str, AwsCredentials>([]).explain().await;
    assert_eq!(empty.to_string(), "this chain has no providers to ask");
}

#[tokio::test]
async fn each_question_and_answer_is_logged_and_the_winner_told() {
    let places = [nothing(), broken(), keys("C")].map(Scripted::saying);
    let [a, b, c] = &places;
    let chain = chain(&[("A", a), ("B", b), ("C", c)]).with_clock(ManualClock::new());
    let log = Log::listen();

    id(&chain).await;

    let text = log.text();
    assert!(!tests_support::leaks(&text), "{text}");
    let lines: Vec<String> = text
        .lines()
        .filter_map(|line| line.split_once("Z "))
        .map(|(_time, line)| line.trim().replacen(" credential_chain::chain:", "", 1))
        .collect();
    assert_eq!(
        lines,
        [
            r#"DEBUG asking provider="A""#,
            r#"DEBUG a: nothing is set up provider="A" duration=0ns"#,
            r#"DEBUG asking provider="B""#,
            r#"DEBUG b (failed): the door is stuck provider="B" duration=0ns"#,
            r#"WARN passing a source that is set up and does not work provider="B" error=test failed: the door is stuck"#,
            r#"DEBUG asking provider="C""#,
            r#"DEBUG c: access key ID C, no expiration provider="C" duration=0ns"#,
            r#"INFO found credentials provider="C" access_key_id="C""#,
        ]
    );
}

#[tokio::test]
async fn half_a_pair_in_the_environment_is_passed_with_a_warning() {
    let half = Variables::from([("AWS_ACCESS_KEY_ID", canary("half"))]);
    let chain = ChainProvider::of([("Environment", EnvironmentProvider::new().with_variables(half))])
        .with_provider("B", Scripted::saying(keys("B")))
        .stop_on_failure();
    let log = Log::listen();

    assert_eq!(id(&chain).await, "B");

    let warnings = log.warnings();
    assert!(
        matches!(&*warnings, [one] if one.ends_with(
            "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not: the environment gives no credentials"
        )),
        "{warnings:?}"
    );
}

#[tokio::test]
async fn a_source_that_panics_harms_only_who_asked() {
    #[derive(Debug)]
    struct Panics(AtomicUsize);
    impl ProvideAwsCredentials for Panics {
        fn credentials(&self) -> CredentialsFuture<'_> {
            let first = self.0.fetch_add(1, Ordering::SeqCst) == 0;
            CredentialsFuture::new(async move {
                assert!(!first, "on purpose");
                keys("A")
            })
        }
    }
    let chain = ChainProvider::of([("A", Panics(AtomicUsize::new(0)))]);
    let asking = chain.clone();
    let asked = tokio::spawn(async move { asking.credentials().await }).await;
    assert!(asked.unwrap_err().is_panic());
    assert_eq!(id(&chain).await, "A");
}

#[tokio::test]
async fn no_text_of_a_chain_holds_a_secret() {
    let (a, b) = (Scripted::saying(broken()), Scripted::saying(keys("B")));
    let chain = chain(&[("A", &a), ("B", &b)]);
    id(&chain).await;
    let explanation = chain.explain().await;
    b.now_says(broken());
    let error = chain.credentials().await.unwrap_err();
    let texts = format!(
        "{:?} {explanation:?} {explanation} {error:?} {}",
        chain.attempts(),
        error.report()
    );
    assert!(!tests_support::leaks(&texts), "{texts}");
}

#[test]
fn a_chain_is_send_sync_and_its_futures_are_send() {
    fn is<T: Send + Sync>() {}
    fn send<T: Send>(_: T) {}
    is::<ChainProvider>();
    let chain = ChainProvider::of::<&str, AwsCredentials>([]);
    send(chain.credentials());
    send(chain.explain());
}
