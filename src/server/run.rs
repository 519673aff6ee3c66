//! Runs the service from start to end.

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
use super::members::{Keys, MembersError};
use super::service::Service;
use super::time::Time;
use super::verifier_http::{Checker, HttpVerifier};
use super::{demo, descriptors, exposition, founding, setup};
use crate::zone;

/// How often metrics are trimmed and counted audit entries are written.
const TIDY_INTERVAL: Duration = Duration::from_secs(5);

/// Why the service did not start, or did not end well.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    /// The bank cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The bank failed.
    #[error(transparent)]
    Bank(#[from] BankError),
    /// The members cannot be opened.
    #[error(transparent)]
    Members(#[from] MembersError),
    /// The bank's account types cannot be created.
    #[error("cannot set up the bank: {0}")]
    Founding(#[from] jangbu::Error),
    /// The first administrator cannot be created.
    #[error("cannot create the administrator with JANGBU_ADMIN_PASSWORD: {0}")]
    Administrator(String),
    /// The demo bank cannot be created.
    #[error("cannot create the demo bank: {0}; remove the directory and try again")]
    Demo(String),
    /// The service cannot listen on the address.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        address: SocketAddr,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The machine does not provide what is needed.
    #[error("cannot {what}: {source}")]
    Machine {
        /// The failed operation, as a verb.
        what: &'static str,
        /// The operating system's error.
        source: std::io::Error,
    },
}

/// Serves until a signal stops the service.
///
/// # Errors
/// When the service cannot start, or the bank cannot be closed. Acknowledged changes are durable either way.
pub(crate) fn serve(config: Config, administrator: Option<SecretString>, run_read: RunRead) -> Result<(), ServeError> {
    // Before the bank opens, because earlier metrics would be lost.
    exposition::start();
    // A separate actix system: the bank's actors have their own, on the bank's threads.
    let system = actix_web::rt::System::new();
    if config.demo {
        announce_demo(system.block_on(demo::make(&config))?.as_deref());
    }
    let begun = Instant::now();
    let bank = open(&config)?;
    let recovery = begun.elapsed();
    system.block_on(run(config, bank, recovery, administrator, run_read))
}

/// Carries out an order on a bank that no service has open.
///
/// # Errors
/// Those of opening and closing the bank.
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

/// Opens the bank with the configured verifier.
fn open(config: &Config) -> Result<Bank, ServeError> {
    // A demo bank may be left alone for weeks, and has nobody's money.
    let clock_lead = if config.demo { Duration::MAX } else { config.clock_lead };
    // Standing orders start only when their pace is known.
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
            builder.verifier(
                verifier
                    .map_err(|source| ServeError::Machine { what: "start the client of the fraud checker", source })?,
            )
        }
    };
    let (bank, kept) = zone::open(builder, &config.data, config.time_zone.clone())?;
    if let Some(kept) = kept {
        tracing::warn!("{kept}");
    }
    Ok(bank)
}

/// Opens the service of a bank on disk, with its key file.
pub(super) async fn open_service(bank: Bank, config: Config) -> Result<Service, MembersError> {
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
    // Registered early, so that a signal stops the start, too.
    let mut signals = Signals::new()?;
    let position = bank.stats().durable;
    let service = Data::new(open_service(bank, config).await?);
    service.run_orders()?;
    // Not done when the keys are opened, because orders that only read must change nothing.
    match service.members.mend_keys() {
        Ok(false) => {}
        Ok(true) => {
            tracing::warn!("the key file or its copy was damaged, torn, missing or old; both were rewritten");
        }
        Err(error) => {
            tracing::error!(
                "the key file and its copy cannot be repaired; keys missing from one of them have no second copy: {error}"
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
        let mut ticks = tokio::time::interval(TIDY_INTERVAL);
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
        tracing::warn!("`jangbu admin`, `jangbu accounts` and other commands cannot reach this service: {error}");
    }
    announce(address, link.as_deref(), config.public_url.as_ref());

    let name = signals.next().await;
    tracing::info!("{name}: stopping; a second signal ends the process at once");
    let forced = tokio::task::spawn_local(async move {
        let name = signals.next().await;
        tracing::warn!("{name} again: ending the process");
        // Acknowledged changes are durable, and the next start replays them.
        std::process::exit(1);
    });
    let begun = Instant::now();
    service.stopping.begin();
    // The worker threads end with the server, and with them any task that still runs there.
    handle.pause().await;
    let _ = tokio::time::timeout(config.limits.drain, service.finishing.idle()).await;
    handle.stop(true).await;
    if let Some(operator) = operator {
        operator.stop(true).await;
    }
    let _ = running.await;
    // Awaited, not aborted: it must write what it has taken.
    let _ = tidying.await;
    drop(orders);
    write_counted(&service.audit, true).await;
    service.bank.clone().close().await?;
    forced.abort();
    tracing::info!(took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX), "stopped");
    Ok(())
}

/// Writes counted audit entries whose window is over, or everything.
async fn write_counted(audit: &Audit, everything: bool) {
    if let Err(problem) = audit.flush(everything).await {
        tracing::error!("cannot write the audit log, will retry: {problem}");
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

/// Serves the operator's routes on a separate address, if one is set.
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

/// Prints that the service is ready, and its address: the parent process waits for this line.
fn announce(address: SocketAddr, link: Option<&str>, public_url: Option<&Url>) {
    let mut output = std::io::stdout();
    let printed = link.map_or(Ok(()), |secret| {
        let base = public_url.map_or_else(|| format!("http://{address}/"), Url::to_string);
        // In the fragment, which browsers do not send, so it is in no log.
        writeln!(output, "first administrator, within 30 minutes: {base}setup#{secret}")
    });
    // A closed output must not stop the service.
    let _ = printed.and_then(|()| writeln!(output, "listening on http://{address}")).and_then(|()| output.flush());
}

/// Prints the logins of a new demo bank.
fn announce_demo(logins: Option<&[demo::Login]>) {
    let Some(logins) = logins else { return };
    let mut output = std::io::stdout();
    let _ = writeln!(output, "A demo bank with a month of transfers. These passwords are shown once:\n");
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

/// The signals that stop the service.
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
