//! Streams of events, which end when the service is stopping: nothing else would end them, and a stop waits for every answer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

use crate::server::stopping::Stopping;

/// A body that ends when the service is stopping.
pub(super) struct UntilStopping {
    body: BoxBody,
    stopping: Pin<Box<dyn Future<Output = ()>>>,
}

impl UntilStopping {
    pub(super) fn new(body: BoxBody, stopping: &Stopping) -> UntilStopping {
        metrics::gauge!("jangbu_http_event_streams").increment(1);
        UntilStopping { body, stopping: Box::pin(stopping.wait()) }
    }
}

impl Drop for UntilStopping {
    fn drop(&mut self) {
        metrics::gauge!("jangbu_http_event_streams").decrement(1);
    }
}

impl MessageBody for UntilStopping {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Box<dyn std::error::Error>>>> {
        if self.stopping.as_mut().poll(context).is_ready() {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.body).poll_next(context)
    }
}
