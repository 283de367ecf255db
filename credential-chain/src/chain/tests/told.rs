//! What is kept and logged of each question, without a secret.

use credential_core::Variables;
use credential_environment::EnvironmentProvider;
use tests_support::{Log, ManualClock};

use super::*;

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
