//! A handler that does nothing: it reads JSON of the size of a transfer and returns JSON of the size of a receipt.

use actix_web::web::{self, Json};
use actix_web::{App, HttpResponse, HttpServer};
use serde::{Deserialize, Serialize};

use crate::cli::error::CliError;

/// The request for a transfer.
#[derive(Debug, Deserialize)]
struct Request {
    from: String,
    to: String,
    amount: u64,
    sender_label: String,
    receiver_label: String,
}

/// A response with the fields of a transfer's response.
#[derive(Debug, Serialize)]
struct Answer {
    id: &'static str,
    kind: &'static str,
    status: &'static str,
    from: String,
    to: String,
    amount: u64,
    fee: u64,
    total: u64,
    currency: &'static str,
    scale: u8,
    sender_label: String,
    receiver_label: String,
    reference: &'static str,
    metadata: [(); 0],
    date: &'static str,
    created_at: &'static str,
    ended_at: &'static str,
    captured: u64,
    remaining: u64,
    reason: Option<&'static str>,
    refusal: Option<&'static str>,
    hold: Option<&'static str>,
    original: Option<&'static str>,
    position: u64,
}

/// Serves until the process ends.
///
/// # Errors
/// [`CliError::Machine`] if it cannot listen.
pub(crate) fn serve() -> Result<(), CliError> {
    let failed = |error: std::io::Error| CliError::Machine(format!("cannot serve the bare handler: {error}"));
    actix_web::rt::System::new().block_on(async {
        let server = HttpServer::new(|| App::new().route("/", web::post().to(answer)));
        let server = server.bind("127.0.0.1:0").map_err(failed)?;
        for address in server.addrs() {
            println_address(address);
        }
        server.run().await.map_err(failed)
    })
}

fn println_address(address: std::net::SocketAddr) {
    use std::io::Write;
    let mut output = std::io::stdout();
    // The parent process reads it; without a reader there is nothing to measure.
    let _ = writeln!(output, "listening on http://{address}").and_then(|()| output.flush());
}

async fn answer(Json(request): Json<Request>) -> HttpResponse {
    HttpResponse::Created().json(Answer {
        id: "01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c",
        kind: "transfer",
        status: "posted",
        from: request.from,
        to: request.to,
        amount: request.amount,
        fee: 0,
        total: request.amount,
        currency: "KRW",
        scale: 0,
        sender_label: request.sender_label,
        receiver_label: request.receiver_label,
        reference: "",
        metadata: [],
        date: "2026-01-01",
        created_at: "2026-01-01T00:00:00.000000000Z",
        ended_at: "2026-01-01T00:00:00.000000000Z",
        captured: 0,
        remaining: 0,
        reason: None,
        refusal: None,
        hold: None,
        original: None,
        position: 1,
    })
}
