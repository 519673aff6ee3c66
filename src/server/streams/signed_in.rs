//! Ends a stream with the session or token that opened it.

use std::time::Duration;

use actix_web::web::Data;
use futures::{Stream, StreamExt};
use tokio::time::interval;

use crate::server::http::Problem;
use crate::server::principal::Principal;
use crate::server::service::Service;

/// How often sessions and tokens are checked for expiry. Other endings are reported at once.
const CHECK_INTERVAL: Duration = Duration::from_secs(15);

/// Ends a stream of pieces when the caller is no longer signed in.
///
/// # Errors
/// 401 if the session or token has ended meanwhile.
pub(crate) fn while_signed_in<T>(
    service: &Data<Service>,
    caller: Principal,
    pieces: impl Stream<Item = T> + 'static,
) -> Result<impl Stream<Item = T> + 'static, Problem> {
    let service = service.clone();
    let mut endings = service.members.endings_of(caller.id());
    // Endings before the subscription are not reported.
    if !service.members.still_is(&caller) {
        return Err(Problem::unauthorised());
    }
    let over = async move {
        let mut checks = interval(CHECK_INTERVAL);
        while service.members.still_is(&caller) {
            tokio::select! {
                // The service outlives the stream, and with it the sender of endings.
                _ = endings.changed() => {}
                _ = checks.tick() => {}
            }
        }
    };
    // Checked before each piece: nothing is sent after the session has ended.
    Ok(pieces.take_until(Box::pin(over)))
}
