//! A stream lasts no longer than the session or token that it was opened with.

use std::time::Duration;

use actix_web::web::Data;
use futures::{Stream, StreamExt};
use tokio::time::interval;

use crate::server::http::Problem;
use crate::server::principal::Principal;
use crate::server::service::Service;

/// How often it is looked whether time has ended a session or token. What else ends them is heard of at once.
const LOOKED_EVERY: Duration = Duration::from_secs(15);

/// The pieces of a stream for as long as the caller is signed in.
///
/// # Errors
/// 401 when the session or token has ended meanwhile.
pub(crate) fn while_signed_in<T>(
    service: &Data<Service>,
    caller: Principal,
    pieces: impl Stream<Item = T> + 'static,
) -> Result<impl Stream<Item = T> + 'static, Problem> {
    let service = service.clone();
    let mut endings = service.members.endings_of(caller.id());
    // What ended before that is not heard of.
    if !service.members.still_is(&caller) {
        return Err(Problem::unauthorised());
    }
    let over = async move {
        let mut looks = interval(LOOKED_EVERY);
        while service.members.still_is(&caller) {
            tokio::select! {
                // The service outlives the stream, and with it who tells of endings.
                _ = endings.changed() => {}
                _ = looks.tick() => {}
            }
        }
    };
    // It is looked at before each piece: nothing is told to whose session has ended.
    Ok(pieces.take_until(Box::pin(over)))
}
