//! What the load needs of the bank: accounts with money, and a token to move it with.

use std::net::SocketAddr;
use std::time::Duration;

use jangbu::clock::{Clock, SystemClock};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::client::{Answer, Client};
use super::server::{PASSWORD, Server};
use crate::cli::error::CliError;

/// What each account begins with, in minor units: enough for any run.
const DEPOSIT: u64 = 1_000_000_000_000;
/// Whose accounts they are.
const CUSTOMER: &str = "customer";

/// Accounts of one member, and the member's token.
#[derive(Debug)]
pub(super) struct Counter {
    accounts: Vec<String>,
    token: String,
}

#[derive(Debug, Deserialize)]
struct Member {
    id: String,
}

#[derive(Debug, Deserialize)]
struct Opened {
    number: String,
}

#[derive(Debug, Deserialize)]
struct Made {
    secret: String,
}

impl Counter {
    /// Opens so many accounts with money on them.
    pub(super) async fn open(service: &Server, accounts: usize) -> Result<Counter, CliError> {
        let mut client = Client::connect(service.address()).await?;
        let cookie = signed_in(&mut client, "admin").await?;
        // The money is a customer's: nobody of the staff works on their own accounts.
        let customer =
            json!({ "username": CUSTOMER, "password": PASSWORD, "name": "Customer", "email": "customer@example.com" });
        let answer = client.send(&post("/api/v1/members", "", &customer)).await?;
        let owner = read::<Member>(expect(&answer, 201, "signing up")?)?.id;
        let own = signed_in(&mut client, CUSTOMER).await?;
        let wanted =
            json!({ "name": "bench", "scopes": ["read", "events", "transfer", "batch"], "expires_at": tomorrow() });
        let answer = client.send(&post("/api/v1/me/tokens", &own, &wanted)).await?;
        let token = read::<Made>(expect(&answer, 201, "making a token")?)?.secret;
        let mut counter = Counter { accounts: Vec::with_capacity(accounts), token };
        for _ in 0..accounts {
            // As the administrator: a member opens fewer.
            let wanted = json!({ "owner": owner, "type": "ordinary" });
            let answer = client.send(&post("/api/v1/admin/accounts", &cookie, &wanted)).await?;
            let number = read::<Opened>(expect(&answer, 201, "opening an account")?)?.number;
            let deposit = json!({ "to": number, "amount": DEPOSIT });
            let answer = client.send(&post("/api/v1/deposits", &cookie, &deposit)).await?;
            expect(&answer, 201, "a deposit")?;
            counter.accounts.push(number);
        }
        Ok(counter)
    }

    /// The accounts' numbers.
    pub(super) fn accounts(&self) -> &[String] {
        &self.accounts
    }

    /// The token, as the `authorization` header has it.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Signs in with a wrong password over so many connections, one time after the other.
    pub(super) fn sign_in_all_the_time(&self, address: SocketAddr, connections: usize) -> SigningIn {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for number in 0..connections {
            let stopped = stopped.clone();
            tasks.spawn(async move {
                let mut client = Client::connect(address).await?;
                let mut tries: u64 = 0;
                while !*stopped.borrow() {
                    // A name of its own each time, since the next try with the same one is held back.
                    let name = format!("nobody-{number}-{tries}");
                    let request = post("/api/v1/session", "", &json!({ "username": name, "password": "not this one" }));
                    let answer = client.send(&request).await?;
                    if !matches!(answer.status, 401 | 503) {
                        return Err(CliError::Audit(format!("a wrong password was answered with {}", answer.status)));
                    }
                    tries = tries.saturating_add(u64::from(answer.status == 401));
                }
                Ok(tries)
            });
        }
        SigningIn { stop, tasks }
    }
}

/// Clients that sign in all the time.
#[derive(Debug)]
pub(super) struct SigningIn {
    stop: watch::Sender<bool>,
    tasks: JoinSet<Result<u64, CliError>>,
}

impl SigningIn {
    /// Ends it, and tells how many passwords were looked at.
    pub(super) async fn stop(self) -> Result<u64, CliError> {
        self.stop.send_replace(true);
        let answers: Result<Vec<u64>, CliError> = self.tasks.join_all().await.into_iter().collect();
        Ok(answers?.iter().sum())
    }
}

/// A request with a JSON body, in full. `headers` are whole lines.
pub(super) fn post(path: &str, headers: &str, body: &Value) -> Vec<u8> {
    request(path, headers, "application/json", body.to_string().as_bytes())
}

/// A request, in full.
pub(super) fn request(path: &str, headers: &str, media_type: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nsec-fetch-site: same-origin\r\n{headers}content-type: {media_type}\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// Signs in. Returns the header with the session's cookie.
async fn signed_in(client: &mut Client, username: &str) -> Result<String, CliError> {
    let credentials = json!({ "username": username, "password": PASSWORD });
    let answer = client.send(&post("/api/v1/session", "", &credentials)).await?;
    let cookie = expect(&answer, 200, "signing in")?.cookie.clone();
    Ok(format!("cookie: {}\r\n", cookie.unwrap_or_default()))
}

fn tomorrow() -> String {
    SystemClock.now().after(Duration::from_secs(86_400)).to_string()
}

fn expect<'a>(answer: &'a Answer, status: u16, what: &str) -> Result<&'a Answer, CliError> {
    if answer.status == status {
        return Ok(answer);
    }
    let body = String::from_utf8_lossy(&answer.body);
    Err(CliError::Audit(format!("{what} was answered with {}: {body}", answer.status)))
}

fn read<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, CliError> {
    serde_json::from_slice(&answer.body).map_err(|error| CliError::Audit(format!("an answer cannot be read: {error}")))
}
