//! The service from its start to its end.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use jangbu::verification::RandomDelay;
use jangbu::{Bank, BankError, OpenError};
use secrecy::SecretString;
use serde_json::Value;
use tokio::signal::unix::{Signal, SignalKind, signal};
use url::Url;

use super::app::{app, operator_app};
use super::audit::Audit;
use super::config::{Config, Verification};
use super::local::{self, Order, Refused, RunRead};
use super::members::{Keys, MembersOpenError};
use super::service::Service;
use super::time::Time;
use super::verifier_http::{Checker, HttpVerifier};
use super::{demo, descriptors, exposition, founding, setup};
use crate::zone;

/// How often the counters are tidied up, and what the audit log counted is written.
const TIDY_EVERY: Duration = Duration::from_secs(5);

/// Why the service did not start, or did not end well.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    /// The bank cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The bank failed.
    #[error(transparent)]
    Bank(#[from] BankError),
    /// The members of the bank cannot be opened.
    #[error(transparent)]
    Members(#[from] MembersOpenError),
    /// The bank cannot be given what a new one has.
    #[error("cannot set up the bank: {0}")]
    Founding(#[from] jangbu::Error),
    /// The first administrator cannot be made.
    #[error("cannot make the administrator of JANGBU_ADMIN_PASSWORD: {0}")]
    Administrator(String),
    /// The demonstration's month cannot be made.
    #[error("cannot make the bank of the demonstration: {0}; remove the directory and try again")]
    Demo(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The operating system's word.
        source: std::io::Error,
    },
    /// The machine does not provide what is needed.
    #[error("cannot {what}: {source}")]
    Machine {
        /// What was tried.
        what: &'static str,
        /// The operating system's word.
        source: std::io::Error,
    },
}

/// Serves until a signal says to stop.
///
/// # Errors
/// When the service cannot start, or the bank cannot be closed. What was acknowledged is durable either way.
pub(crate) fn serve(config: Config, administrator: Option<SecretString>, run_read: RunRead) -> Result<(), ServeError> {
    // Before the bank, whose counters would else go nowhere.
    exposition::start();
    // A system of its own: the bank's actors have theirs, on the bank's threads.
    let system = actix_web::rt::System::new();
    if config.demo {
        announce_demo(system.block_on(demo::make(&config))?.as_deref());
    }
    let begun = Instant::now();
    let bank = open(&config)?;
    let recovery = begun.elapsed();
    system.block_on(run(config, bank, recovery, administrator, run_read))
}

/// Carries out an order on a bank that nobody serves.
///
/// # Errors
/// As of opening the bank, and of closing it.
pub(crate) fn carry_out(config: Config, order: Order) -> Result<Result<Value, Refused>, ServeError> {
    let bank = Bank::builder().create(false).run_schedules(false).clock_lead(config.clock_lead).open(&config.data)?;
    actix_web::rt::System::new().block_on(async move {
        let service = open_service(bank.clone(), config).await?;
        let done = order.carry_out(&service).await;
        drop(service);
        bank.close().await?;
        Ok(done)
    })
}

/// Opens the bank, with the verifier that the operator set.
fn open(config: &Config) -> Result<Bank, ServeError> {
    // A bank to try out is left alone for weeks, and has nobody's money.
    let clock_lead = if config.demo { Duration::MAX } else { config.clock_lead };
    // Standing orders are run once there is somebody to say how fast.
    let mut builder = Bank::builder().clock_lead(clock_lead).run_schedules(false);
    builder = match &config.verification {
        Verification::None => builder,
        Verification::Delay { min, max, rejected_per_mille } => {
            let rejected = u16::try_from(*rejected_per_mille).unwrap_or(1_000);
            builder.verifier(RandomDelay::new(*min, *max, rejected))
        }
        Verification::Http { url, secret, timeout, deadline } => {
            let (url, secret) = (url.clone(), secret.clone());
            let checker = Checker { url, secret, timeout: *timeout, deadline: *deadline };
            let verifier = HttpVerifier::start(checker, Time::system());
            builder.verifier(verifier.map_err(|source| ServeError::Machine { what: "ask a checker", source })?)
        }
    };
    let (bank, kept) = zone::open(builder, &config.data, config.time_zone.clone())?;
    if let Some(kept) = kept {
        tracing::warn!("{kept}");
    }
    Ok(bank)
}

/// The service of a bank on disk, with the keys beside it.
pub(super) async fn open_service(bank: Bank, config: Config) -> Result<Service, MembersOpenError> {
    let keys = Keys::open(&config.data)?;
    Service::new(bank, config, keys, Time::system()).await
}

async fn run(
    config: Config,
    bank: Bank,
    recovery: Duration,
    administrator: Option<SecretString>,
    run_read: RunRead,
) -> Result<(), ServeError> {
    // From here on, so that a signal during the start stops it, too.
    let mut signals = Signals::new()?;
    let position = bank.stats().durable;
    let service = Data::new(open_service(bank, config).await?);
    service.run_orders()?;
    // Who only asks something changes nothing: that is why it is not done by opening.
    match service.members.mend_keys() {
        Ok(false) => {}
        Ok(true) => {
            tracing::warn!("the key file or its copy was damaged, torn, missing or old, and both were written anew");
        }
        Err(error) => {
            tracing::error!(
                "the key file and its copy cannot be put in order; what one of them lacks has no copy: {error}"
            );
        }
    }
    let config = &service.config;
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    founding::make_types(&service.bank).await?;
    let link = setup::begin(&service, administrator).await;
    let link = link.map_err(|problem| ServeError::Administrator(problem.to_string()))?;
    let (server, addresses) = bind(&service)?;
    let handle = server.handle();
    let running = tokio::task::spawn_local(server);
    service.gauges.begin();
    let operator = operator(&service)?;
    let address = addresses.first().copied().unwrap_or(config.listen);
    let (data, recovery_ms) = (absolute(&config.data), u64::try_from(recovery.as_millis()).unwrap_or(u64::MAX));
    tracing::info!(%address, data = %data.display(), position = position.get(), recovery_ms, "serving");
    let (audit, stopped) = (service.audit.clone(), service.stopping.wait());
    let tidying = tokio::task::spawn_local(async move {
        let mut ticks = tokio::time::interval(TIDY_EVERY);
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = &mut stopped => return,
            }
            exposition::tidy();
            write_counted(&audit, false).await;
        }
    });
    let orders = local::listen(service.clone(), run_read);
    if let Err(error) = &orders {
        tracing::warn!("`jangbu admin`, `jangbu accounts` and the other commands cannot ask this service: {error}");
    }
    announce(address, link.as_deref(), config.public_url.as_ref());

    let name = signals.next().await;
    tracing::info!("{name}: stopping; another one ends the process at once");
    let forced = tokio::task::spawn_local(async move {
        let name = signals.next().await;
        tracing::warn!("{name} again: ending at once");
        // Whatever was acknowledged is durable, and the next start replays it.
        std::process::exit(1);
    });
    let begun = Instant::now();
    service.stopping.begin();
    // The threads that serve connections end with the server, and with a thread whatever still runs there.
    handle.pause().await;
    let _ = tokio::time::timeout(config.limits.drain, service.finishing.idle()).await;
    handle.stop(true).await;
    if let Some(operator) = operator {
        operator.stop(true).await;
    }
    let _ = running.await;
    // Not broken off: what it has taken to be written it writes.
    let _ = tidying.await;
    drop(orders);
    write_counted(&service.audit, true).await;
    service.bank.clone().close().await?;
    forced.abort();
    tracing::info!(took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX), "stopped");
    Ok(())
}

/// Writes what the audit log counts and whose time is over, or everything.
async fn write_counted(audit: &Audit, everything: bool) {
    if let Err(problem) = audit.flush(everything).await {
        tracing::error!("the audit log cannot be written, which is tried again: {problem}");
    }
}

type Running = actix_web::dev::Server;

/// Binds the service's address.
fn bind(service: &Data<Service>) -> Result<(Running, Vec<SocketAddr>), ServeError> {
    let (limits, address) = (service.config.limits, service.config.listen);
    let shared = service.clone();
    let workers = match limits.workers {
        0 => std::thread::available_parallelism().map_or(2, usize::from),
        workers => workers,
    };
    let server = HttpServer::new(move || app(shared.clone()))
        .workers(workers)
        .max_connections(descriptors::connections(limits.connections, workers))
        .client_request_timeout(limits.head)
        .client_disconnect_timeout(Duration::from_secs(2))
        .keep_alive(limits.keep_alive)
        .shutdown_timeout(limits.drain.as_secs())
        .disable_signals();
    let server = server.bind(address).map_err(|source| ServeError::Listen { address, source })?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}

/// Serves the operator's routes on an address of their own, when there is one.
fn operator(service: &Data<Service>) -> Result<Option<ServerHandle>, ServeError> {
    let Some(address) = service.config.operator_listen else { return Ok(None) };
    let shared = service.clone();
    let server = HttpServer::new(move || operator_app(shared.clone()))
        .workers(1)
        .max_connections(256)
        .client_request_timeout(service.config.limits.head)
        .shutdown_timeout(1)
        .disable_signals();
    let server = server.bind(address).map_err(|source| ServeError::Listen { address, source })?;
    if let Some(bound) = server.addrs().first() {
        tracing::info!(address = %bound, "serving health and metrics");
    }
    let server = server.run();
    let handle = server.handle();
    tokio::task::spawn_local(server);
    Ok(Some(handle))
}

/// Says on standard output that requests are answered, and where: whoever started this program waits for that line.
fn announce(address: SocketAddr, link: Option<&str>, public_url: Option<&Url>) {
    let mut output = std::io::stdout();
    let told = link.map_or(Ok(()), |secret| {
        let base = public_url.map_or_else(|| format!("http://{address}/"), Url::to_string);
        // In the fragment, which browsers keep to themselves: it is in no log.
        writeln!(output, "first administrator, within 30 minutes: {base}setup#{secret}")
    });
    // Nobody may read it, which is no reason not to serve.
    let _ = told.and_then(|()| writeln!(output, "listening on http://{address}")).and_then(|()| output.flush());
}

/// Tells who can sign in at a bank that was just made.
fn announce_demo(logins: Option<&[demo::Login]>) {
    let Some(logins) = logins else { return };
    let mut output = std::io::stdout();
    let _ = writeln!(output, "A bank to try out, with a month of transfers. These passwords are shown once:\n");
    for (username, role, password) in logins {
        let role = format!("{role:?}").to_lowercase();
        let _ = writeln!(output, "  {username:<10} {role:<8} {password}");
    }
    let _ = writeln!(output);
    let _ = writeln!(
        output,
        "Here the administrator may do without a second factor. A bank that is none to try out requires one:\n\
         the setting second_factor.\n"
    );
}

fn absolute(path: &std::path::Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The signals that ask for an end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> Result<Signals, ServeError> {
        let listen = |kind| signal(kind).map_err(|source| ServeError::Machine { what: "listen to signals", source });
        Ok(Signals { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
