//! Prepares the bank for the load: accounts with money, and a token.

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

/// The initial balance of each account, in minor units: enough for any run.
const DEPOSIT: u64 = 1_000_000_000_000;
/// The username of the accounts' owner.
const CUSTOMER: &str = "customer";

/// A member's accounts and token.
#[derive(Debug)]
pub(super) struct Customer {
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
struct CreatedToken {
    secret: String,
}

impl Customer {
    /// Opens the given number of accounts with money on them.
    pub(super) async fn open(service: &Server, accounts: usize) -> Result<Customer, CliError> {
        let mut client = Client::connect(service.address()).await?;
        let cookie = signed_in(&mut client, "admin").await?;
        // The accounts belong to a customer, because staff cannot work on their own accounts.
        let customer =
            json!({ "username": CUSTOMER, "password": PASSWORD, "name": "Customer", "email": "customer@example.com" });
        let answer = client.send(&post("/api/v1/members", "", &customer)).await?;
        let owner = read::<Member>(expect(&answer, 201, "signing up")?)?.id;
        let own = signed_in(&mut client, CUSTOMER).await?;
        let wanted =
            json!({ "name": "bench", "scopes": ["read", "events", "transfer", "batch"], "expires_at": tomorrow() });
        let answer = client.send(&post("/api/v1/me/tokens", &own, &wanted)).await?;
        let token = read::<CreatedToken>(expect(&answer, 201, "making a token")?)?.secret;
        let mut this = Customer { accounts: Vec::with_capacity(accounts), token };
        for _ in 0..accounts {
            // By the administrator, because a member can open only a few.
            let wanted = json!({ "owner": owner, "type": "ordinary" });
            let answer = client.send(&post("/api/v1/admin/accounts", &cookie, &wanted)).await?;
            let number = read::<Opened>(expect(&answer, 201, "opening an account")?)?.number;
            let deposit = json!({ "to": number, "amount": DEPOSIT });
            let answer = client.send(&post("/api/v1/deposits", &cookie, &deposit)).await?;
            expect(&answer, 201, "a deposit")?;
            this.accounts.push(number);
        }
        Ok(this)
    }

    /// Returns the account numbers.
    pub(super) fn accounts(&self) -> &[String] {
        &self.accounts
    }

    /// Returns the token for the `authorization` header.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Signs in with wrong passwords over the given number of connections, until stopped.
    pub(super) fn sign_in_repeatedly(&self, address: SocketAddr, connections: usize) -> SigningIn {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for number in 0..connections {
            let stopped = stopped.clone();
            tasks.spawn(async move {
                let mut client = Client::connect(address).await?;
                let mut tries: u64 = 0;
                while !*stopped.borrow() {
                    // A new name each time, because the next try with the same name is delayed.
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

/// Clients that sign in repeatedly.
#[derive(Debug)]
pub(super) struct SigningIn {
    stop: watch::Sender<bool>,
    tasks: JoinSet<Result<u64, CliError>>,
}

impl SigningIn {
    /// Stops the clients, and returns the number of passwords that were checked.
    pub(super) async fn stop(self) -> Result<u64, CliError> {
        self.stop.send_replace(true);
        let answers: Result<Vec<u64>, CliError> = self.tasks.join_all().await.into_iter().collect();
        Ok(answers?.iter().sum())
    }
}

/// Returns a complete request with a JSON body. `headers` are whole lines.
pub(super) fn post(path: &str, headers: &str, body: &Value) -> Vec<u8> {
    request(path, headers, "application/json", body.to_string().as_bytes())
}

/// Returns a complete request.
pub(super) fn request(path: &str, headers: &str, media_type: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nsec-fetch-site: same-origin\r\n{headers}content-type: {media_type}\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// Signs in. Returns the header with the session cookie.
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
    serde_json::from_slice(&answer.body).map_err(|error| CliError::Audit(format!("cannot read a response: {error}")))
}
