//! Explanations.

use super::*;

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
    assert_eq!(standings, [Standing::Stops, Standing::NotAsked]);
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
async fn a_chain_that_stays_with_a_source_says_that_it_asks_no_other() {
    let places = [nothing(), keys("B"), keys("C")].map(Scripted::saying);
    let [a, b, c] = &places;
    let chain = chain(&[("A", a), ("B", b), ("C", c)]);
    chain.credentials().await.unwrap();

    let explanation = chain.explain().await;
    let standings: Vec<Standing> = explanation
        .sources()
        .iter()
        .map(ExplainedSource::standing)
        .collect();
    assert_eq!(
        standings,
        [Standing::NotAsked, Standing::Used, Standing::NotAsked]
    );
    let told = explanation.to_string();
    assert_eq!(
        told.matches(", not asked: the chain stays with another source")
            .count(),
        2,
        "{told}"
    );
}
