use std::future::Future;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::scripted::{START_URL, World};

mod bad_answers;
mod browser;
mod callback;
mod device_code;
mod files;
mod logout;
mod registered;

const TOKEN: &str = "/token";
const REGISTER: &str = "/client/register";
const DEVICE: &str = "/device_authorization";

fn legacy() -> SsoSession {
    SsoSession::legacy(START_URL, "eu-central-1")
}

fn registration_file(login: &SsoLogin) -> PathBuf {
    registration::file(&login.settings).unwrap().path().to_owned()
}

/// What a browser is told to open, by the names in its query.
fn parameter(url: &str, name: &str) -> String {
    let query = url.split_once('?').unwrap().1;
    let value = query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        .unwrap_or_else(|| panic!("no {name} in {url}"));
    value.replace("%3A", ":").replace("%2F", "/").replace("%20", " ")
}

async fn visit(redirect_uri: &str, query: &str) -> String {
    let rest = redirect_uri.strip_prefix("http://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    get(authority, &format!("/{path}?{query}")).await
}

async fn get(authority: &str, target: &str) -> String {
    let mut stream = TcpStream::connect(authority).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Logs in with a browser that does what it is told.
async fn log_in_with<F>(
    login: &SsoLogin,
    world: &World,
    browse: impl FnOnce(String) -> F,
) -> (Result<LoggedIn, Error>, F::Output)
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    let browser = Arc::new(Mutex::new(None));
    let theirs = Arc::clone(&browser);
    let result = login
        .with_browser(|url| {
            world.center.knows().challenge = Some(parameter(url, "code_challenge"));
            *theirs.lock().unwrap() = Some(tokio::spawn(browse(url.to_owned())));
        })
        .await;
    let browser = browser.lock().unwrap().take().unwrap();
    (result, browser.await.unwrap())
}
