//! A small town for the tests of routes: a bank in memory, a member of each role, and requests through the app.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service as _, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::test::{TestRequest, init_service, read_body};
use actix_web::web::Data;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use jangbu::clock::{Clock, SystemClock};
use jangbu::verification::Verifier;
use jangbu::{AccountNumber, Amount, Bank, CashPosting, OpenAccount, Timestamp};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::app::app;
use super::audit::Actor;
use super::config::{Config, Passwords, Rates, SecondFactor};
use super::members::{Keys, Member, MembersOpenError, NewMember, PasswordGiven};
use super::principal::Role;
use super::service::Service;
use super::time::Time;

/// The password of everyone in town.
pub(crate) const PASSWORD: &str = "kq8!hz2w of the town";
/// Who lives in town: username, full name, role.
const PEOPLE: [(&str, &str, Role); 5] = [
    ("mina", "Mina Kim", Role::Member),
    ("joon", "홍길동", Role::Member),
    ("theo", "Theo Teller", Role::Teller),
    ("auda", "Auda Auditor", Role::Auditor),
    ("ada", "Ada Admin", Role::Admin),
];

/// The machine's clock, which can be moved ahead.
#[derive(Debug, Default)]
pub(crate) struct MovedClock {
    ahead_ns: AtomicI64,
    /// How much of that has not passed.
    false_ns: AtomicI64,
}

impl MovedClock {
    /// Moves the clock ahead.
    pub(crate) fn advance(&self, by: Duration) {
        self.ahead_ns.fetch_add(i64::try_from(by.as_nanos()).unwrap(), Ordering::SeqCst);
    }

    /// Makes the clock false: it reads later by this much.
    pub(crate) fn mislead(&self, by: Duration) {
        self.advance(by);
        self.false_ns.fetch_add(i64::try_from(by.as_nanos()).unwrap(), Ordering::SeqCst);
    }

    /// Sets the clock right.
    pub(crate) fn correct(&self) {
        let misled = self.false_ns.swap(0, Ordering::SeqCst);
        self.ahead_ns.fetch_sub(misled, Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let ahead = Duration::from_nanos(u64::try_from(self.ahead_ns.load(Ordering::SeqCst)).unwrap());
        SystemClock.now().after(ahead)
    }

    fn uptime(&self) -> Duration {
        let misled = Duration::from_nanos(u64::try_from(self.false_ns.load(Ordering::SeqCst)).unwrap());
        Duration::from_nanos(u64::try_from(self.now().as_ns()).unwrap()).saturating_sub(misled)
    }
}

/// The app of a town, which takes a while to put together.
type Asked = Box<dyn Fn(TestRequest) -> LocalBoxFuture<'static, ServiceResponse<BoxBody>>>;

/// A service with members `mina` and `joon` (each with an account and 100,000 won), teller `theo`, auditor `auda` and
/// admin `ada`.
pub(crate) struct Town {
    pub(crate) service: Data<Service>,
    pub(crate) clock: Arc<MovedClock>,
    pub(crate) mina: AccountNumber,
    pub(crate) joon: AccountNumber,
    /// Made for the first request.
    asked: OnceCell<Asked>,
}

/// What was answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: header::HeaderMap,
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
    /// The body as JSON; `null` when it is none.
    pub(crate) json: Value,
}

/// The settings of a town: passwords cost next to nothing, and nobody asks too often.
pub(crate) fn config(data: PathBuf) -> Config {
    let mut config = Config::new(data);
    config.rates = Rates::UNLIMITED;
    config.access_log = false;
    config.proof.second_factor = SecondFactor::Nobody;
    config.passwords = Passwords { memory_kib: 8, passes: 1, at_once: 1 };
    config
}

impl Town {
    /// A town in memory.
    pub(crate) async fn new() -> Town {
        Town::with(|_| {}).await
    }

    /// A town in memory, with other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Town {
        let mut config = config("nowhere".into());
        change(&mut config);
        let clock = Arc::new(MovedClock::default());
        let bank = Bank::builder().clock(clock.clone()).in_memory().unwrap();
        let service = Service::new(bank, config, Keys::in_memory(), Time::of(clock.clone())).await.unwrap();
        Town::settled(service, clock).await
    }

    /// A town in memory or on disk, whose bank has a verifier.
    pub(crate) async fn verifying(directory: Option<&std::path::Path>, verifier: impl Verifier) -> Town {
        let clock = Arc::new(MovedClock::default());
        let bank = Bank::builder().clock(clock.clone()).verifier(verifier);
        let (bank, keys) = match directory {
            None => (bank.in_memory(), Keys::in_memory()),
            Some(directory) => (bank.open(directory), Keys::open(directory).unwrap()),
        };
        let config = config(directory.unwrap_or("nowhere".as_ref()).into());
        let service = Service::new(bank.unwrap(), config, keys, Time::of(clock.clone())).await.unwrap();
        Town::settled(service, clock).await
    }

    /// A bank in memory that is nobody's yet: it has no member.
    pub(crate) async fn empty() -> Town {
        let clock = Arc::new(MovedClock::default());
        let bank = Bank::builder().clock(clock.clone()).in_memory().unwrap();
        let time = Time::of(clock.clone());
        let service = Service::new(bank, config("nowhere".into()), Keys::in_memory(), time).await.unwrap();
        let nobodys = AccountNumber::generated(0);
        Town { service: Data::new(service), clock, mina: nobodys, joon: nobodys, asked: OnceCell::new() }
    }

    /// A town on disk.
    pub(crate) async fn on_disk(directory: &std::path::Path) -> Town {
        let clock = Arc::new(MovedClock::default());
        let service = Town::open(directory, clock.clone()).await.unwrap();
        Town::settled(service, clock).await
    }

    /// The service of a bank on disk.
    pub(crate) async fn open(directory: &std::path::Path, clock: Arc<MovedClock>) -> Result<Service, MembersOpenError> {
        Town::open_with(config(directory.into()), clock).await
    }

    /// A town whose keys are these, on disk or in memory.
    pub(crate) async fn with_keys(directory: Option<&std::path::Path>, keys: Keys) -> Town {
        let clock = Arc::new(MovedClock::default());
        let bank = Bank::builder().clock(clock.clone());
        let bank =
            directory.map_or_else(|| bank.clone().in_memory(), |directory| bank.clone().open(directory)).unwrap();
        let config = config(directory.unwrap_or("nowhere".as_ref()).into());
        let service = Service::new(bank, config, keys, Time::of(clock.clone())).await.unwrap();
        Town::settled(service, clock).await
    }

    /// Closes the bank and opens it again, with these keys.
    pub(crate) async fn reopen_with_keys(self, directory: &std::path::Path, keys: Keys) -> Town {
        let Town { service, clock, mina, joon, asked } = self;
        drop(asked);
        let bank = service.bank.clone();
        drop(service);
        bank.close().await.unwrap();
        let bank = Bank::builder().clock(clock.clone()).open(directory).unwrap();
        let service = Service::new(bank, config(directory.into()), keys, Time::of(clock.clone())).await.unwrap();
        Town { service: Data::new(service), clock, mina, joon, asked: OnceCell::new() }
    }

    async fn open_with(config: Config, clock: Arc<MovedClock>) -> Result<Service, MembersOpenError> {
        let bank = Bank::builder().clock(clock.clone()).open(&config.data).unwrap();
        let keys = Keys::open(&config.data)?;
        Service::new(bank, config, keys, Time::of(clock)).await
    }

    async fn settled(service: Service, clock: Arc<MovedClock>) -> Town {
        for (username, name, role) in PEOPLE {
            let new = NewMember {
                username: username.into(),
                name: name.into(),
                email: format!("{username}@example.com"),
                role,
                free_transfers_per_day: 3,
                password: PasswordGiven::Own(PASSWORD.into()),
            };
            service.members.join(&Actor::console(), new).await.unwrap();
        }
        let mina = account_of(&service, "mina").await;
        let joon = account_of(&service, "joon").await;
        Town { service: Data::new(service), clock, mina, joon, asked: OnceCell::new() }
    }

    /// Closes the bank and opens it again.
    pub(crate) async fn reopen(self, directory: &std::path::Path) -> Result<Town, MembersOpenError> {
        self.reopen_with(directory, |_| {}).await
    }

    /// Closes the bank and opens it again, with other settings.
    pub(crate) async fn reopen_with(
        self,
        directory: &std::path::Path,
        change: impl FnOnce(&mut Config),
    ) -> Result<Town, MembersOpenError> {
        let mut config = config(directory.into());
        change(&mut config);
        let Town { service, clock, mina, joon, asked } = self;
        drop(asked);
        let bank = service.bank.clone();
        drop(service);
        bank.close().await.unwrap();
        let service = Data::new(Town::open_with(config, clock.clone()).await?);
        Ok(Town { service, clock, mina, joon, asked: OnceCell::new() })
    }

    /// Who lives in town under that name.
    pub(crate) fn member(&self, username: &str) -> Member {
        self.service.members.find_by_username(username).unwrap()
    }

    /// `Cookie` of a new session of that member.
    pub(crate) async fn cookie(&self, username: &str) -> (&'static str, String) {
        let secret = self.service.members.signed_in(&self.member(username)).await;
        let cookie = self.service.members.cookies().with(&secret);
        ("cookie", format!("{}={}", cookie.name(), secret.expose_secret()))
    }

    /// Reads, as somebody or as nobody.
    pub(crate) async fn get(&self, who: Option<&str>, path: &str) -> Answer {
        self.send(who, Method::GET, path, None).await
    }

    /// Asks for something, as somebody or as nobody. `path` stands under `/api/v1`.
    pub(crate) async fn send(
        &self,
        who: impl Into<Option<&str>>,
        method: Method,
        path: &str,
        json: impl Into<Option<Value>>,
    ) -> Answer {
        self.send_with(who, method, path, json, &[]).await
    }

    /// As [`Town::send`], with headers.
    pub(crate) async fn send_with(
        &self,
        who: impl Into<Option<&str>>,
        method: Method,
        path: &str,
        json: impl Into<Option<Value>>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = TestRequest::with_uri(&format!("/api/v1{path}")).method(method);
        if let Some(who) = who.into() {
            request = request.insert_header(self.cookie(who).await);
        }
        for header in headers {
            request = request.append_header(*header);
        }
        if let Some(json) = json.into() {
            request = request.set_json(json);
        }
        self.call(request).await
    }

    /// Reads a stream of events that ends, to its end.
    pub(crate) async fn stream(&self, who: &str, path: &str) -> String {
        let request = TestRequest::with_uri(&format!("/api/v1{path}")).insert_header(self.cookie(who).await);
        let response = self.asked(request).await;
        String::from_utf8(read_body(response).await.to_vec()).unwrap()
    }

    /// Reads a stream of events up to the one at a position.
    pub(crate) async fn stream_through(&self, who: &str, path: &str, last: u64) -> String {
        let request = TestRequest::with_uri(&format!("/api/v1{path}")).insert_header(self.cookie(who).await);
        let response = self.asked(request).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let (mut body, mut text) = (Box::pin(response.into_body()), String::new());
        while !text.contains(&format!("id: {last}-")) {
            let chunk = std::future::poll_fn(|context| body.as_mut().poll_next(context)).await;
            let Some(Ok(chunk)) = chunk else { panic!("{path} ended: {text}") };
            text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
        text
    }

    /// Opens a stream of events, if that is allowed.
    pub(crate) async fn open_stream(&self, request: TestRequest) -> Option<std::pin::Pin<Box<BoxBody>>> {
        let response = self.asked(request).await;
        response.status().is_success().then(|| Box::pin(response.into_body()))
    }

    /// Sends a request through the app, as it is.
    pub(crate) async fn asked(&self, request: TestRequest) -> ServiceResponse<BoxBody> {
        let make = || async {
            let app = std::rc::Rc::new(init_service(app(self.service.clone())).await);
            let asked: Asked = Box::new(move |request| {
                let app = app.clone();
                async move { app.call(request.to_request()).await.unwrap() }.boxed_local()
            });
            asked
        };
        self.asked.get_or_init(make).await(request).await
    }

    /// Asks for something that the others cannot ask.
    pub(crate) async fn call(&self, request: TestRequest) -> Answer {
        // As browsers say it of the service's own pages.
        let request = request.insert_header(("sec-fetch-site", "same-origin"));
        let response = self.asked(request).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let is_endless = headers.get(header::CONTENT_TYPE).is_some_and(|media_type| media_type == "text/event-stream");
        let bytes = if is_endless { Vec::new() } else { read_body(response).await.to_vec() };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Answer { status, headers, text, bytes, json }
    }
}

async fn account_of(service: &Service, username: &str) -> AccountNumber {
    let owner = service.members.find_by_username(username).unwrap().owner();
    let number = service.bank.open_account(OpenAccount::new(owner)).await.unwrap();
    service.bank.deposit(CashPosting::new(number, Amount::new(100_000).unwrap())).await.unwrap();
    number
}
