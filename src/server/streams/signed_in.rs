//! A stream ends with the session or token that opened it.

use std::time::Duration;

use actix_web::web::Data;
use futures::{Stream, StreamExt};
use tokio::time::interval;

use crate::server::members::MemberError;
use crate::server::principal::Principal;
use crate::server::service::Service;

/// How often expiry is checked. Every other end of a session or token is signalled at once.
const LOOKED_EVERY: Duration = Duration::from_secs(15);

/// Returns the pieces of a stream for as long as the caller is signed in.
///
/// # Errors
/// [`MemberError::NotSignedIn`] when the session or token has ended in the meantime.
pub(crate) fn while_signed_in<T>(
    service: &Data<Service>,
    caller: Principal,
    pieces: impl Stream<Item = T> + 'static,
) -> Result<impl Stream<Item = T> + 'static, MemberError> {
    let service = service.clone();
    let mut endings = service.members.endings_of(caller.id());
    // An end before the subscription is not signalled.
    if !service.members.still_is(&caller) {
        return Err(MemberError::NotSignedIn);
    }
    let over = async move {
        let mut looks = interval(LOOKED_EVERY);
        while service.members.still_is(&caller) {
            tokio::select! {
                // The sender lives as long as the service, which outlives the stream.
                _ = endings.changed() => {}
                _ = looks.tick() => {}
            }
        }
    };
    // Checked before each piece, so nothing is sent once the session has ended.
    Ok(pieces.take_until(Box::pin(over)))
}
