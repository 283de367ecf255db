//! The container's agent, by script.

use tests_support::{Reply, Server};

/// An agent whose answer is a function of the request's number, counted from 1.
pub(super) async fn answering(mut answer: impl FnMut(usize) -> Reply + Send + 'static) -> Server {
    Server::deciding(move |before, _| answer(before + 1)).await
}

/// An agent that says these in turn, and the last one for ever.
pub(super) async fn saying(answers: impl IntoIterator<Item = (u16, String)>) -> Server {
    let replies = answers
        .into_iter()
        .map(|(status, body)| Reply::with(status, body));
    Server::answering(replies.collect::<Vec<_>>()).await
}

/// The authorization of each request.
pub(super) fn tokens(agent: &Server) -> Vec<Option<String>> {
    let received = agent.received();
    let tokens = received.iter().map(|request| request.header("authorization"));
    tokens.map(|token| token.map(str::to_owned)).collect()
}
