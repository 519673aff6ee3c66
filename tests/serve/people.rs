//! The users of a bank in these tests: an administrator, and members with an account each.

use serde_json::{Value, json};

use super::service::{Answer, Running, Scratch};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse 47 battery";

/// With this setting, the administrator of these tests needs no authenticator.
pub(crate) const NO_SECOND_FACTOR: &str = "second_factor=nobody";

/// A signed-in person. The session outlives the process that began it.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    cookie: String,
}

/// A member with an account of type `ordinary`: 500 won per transfer after three free ones a day.
#[derive(Clone, Debug)]
pub(crate) struct Customer {
    pub(crate) person: Person,
    pub(crate) account: String,
}

/// Starts the service with settings, on a bank with the administrator `admin`.
pub(crate) fn serve(scratch: &Scratch, settings: &[&str]) -> Running {
    let mut arguments = vec!["serve", "--listen", "127.0.0.1:0", "--set", NO_SECOND_FACTOR];
    for setting in settings {
        arguments.extend(["--set", setting]);
    }
    let mut command = scratch.command(&arguments);
    command.env("JANGBU_ADMIN_PASSWORD", PASSWORD);
    Running::start(command)
}

impl Person {
    /// Signs in.
    pub(crate) fn sign_in(service: &Running, username: &str) -> Person {
        let answer = service.post("/api/v1/session", &json!({ "username": username, "password": PASSWORD }));
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next());
        Person { cookie: cookie.expect("a cookie").to_owned() }
    }

    /// Returns the session cookie, as a browser sends it.
    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Gets a path below `/api/v1`.
    pub(crate) fn get(&self, service: &Running, path: &str) -> Answer {
        service.send("GET", &format!("/api/v1{path}"), &[("Cookie", &self.cookie)], "")
    }

    /// Gets an existing path below `/api/v1`.
    #[track_caller]
    pub(crate) fn read(&self, service: &Running, path: &str) -> Value {
        let answer = self.get(service, path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// Posts JSON to a path below `/api/v1`.
    pub(crate) fn post(&self, service: &Running, path: &str, body: &Value) -> Answer {
        service.send("POST", &format!("/api/v1{path}"), &self.headers(None), &body.to_string())
    }

    /// Posts JSON with an idempotency key.
    pub(crate) fn post_once(&self, service: &Running, key: &str, path: &str, body: &Value) -> Answer {
        service.send("POST", &format!("/api/v1{path}"), &self.headers(Some(key)), &body.to_string())
    }

    /// Patches a path below `/api/v1`.
    pub(crate) fn patch(&self, service: &Running, path: &str, body: &Value) -> Answer {
        service.send("PATCH", &format!("/api/v1{path}"), &self.headers(None), &body.to_string())
    }

    /// Deletes a path below `/api/v1`.
    pub(crate) fn delete(&self, service: &Running, path: &str) -> Answer {
        let headers = [("Sec-Fetch-Site", "same-origin"), ("Cookie", &*self.cookie)];
        service.send("DELETE", &format!("/api/v1{path}"), &headers, "")
    }

    /// Deposits cash into an account, at the counter.
    #[track_caller]
    pub(crate) fn deposit(&self, service: &Running, to: &str, amount: u64) {
        let answer = self.post(service, "/deposits", &json!({ "to": to, "amount": amount }));
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    /// Returns an account's posted, held and available amounts.
    #[track_caller]
    pub(crate) fn balance(&self, service: &Running, account: &str) -> (i64, i64, i64) {
        let account = self.read(service, &format!("/accounts/{account}"));
        let figure = |name: &str| account[name].as_i64().unwrap_or_else(|| panic!("no {name}: {account}"));
        (figure("posted"), figure("held"), figure("available"))
    }

    fn headers<'a>(&'a self, key: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
        let mut headers =
            vec![("Content-Type", "application/json"), ("Sec-Fetch-Site", "same-origin"), ("Cookie", &*self.cookie)];
        headers.extend(key.map(|key| ("Idempotency-Key", key)));
        headers
    }
}

impl Customer {
    /// Signs up, signs in, opens an account, and deposits cash into it as the administrator.
    pub(crate) fn join(service: &Running, admin: &Person, username: &str, cash: u64) -> Customer {
        let wanted = json!({ "username": username, "password": PASSWORD, "name": format!("Of {username}"),
            "email": format!("{username}@example.com") });
        let joined = service.post("/api/v1/members", &wanted);
        assert_eq!(joined.status, 201, "{joined:?}");
        let person = Person::sign_in(service, username);
        let opened = person.post(service, "/accounts", &json!({ "type": "ordinary" }));
        assert_eq!(opened.status, 201, "{opened:?}");
        let account = opened.json()["number"].as_str().expect("a number").to_owned();
        if cash > 0 {
            admin.deposit(service, &account, cash);
        }
        Customer { person, account }
    }

    /// Pays an account.
    pub(crate) fn pay(&self, service: &Running, to: &str, amount: u64) -> Answer {
        self.person.post(service, "/transfers", &transfer(&self.account, to, amount))
    }
}

/// Returns the request for a transfer.
pub(crate) fn transfer(from: &str, to: &str, amount: u64) -> Value {
    json!({ "from": from, "to": to, "amount": amount })
}
