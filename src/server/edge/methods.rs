//! Answers `HEAD` like `GET`, without the body.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::web::Bytes;

/// Routes a `HEAD` request to the route of `GET`. Returns whether it was one.
pub(super) fn as_get(request: &mut ServiceRequest) -> bool {
    let is_head = *request.method() == Method::HEAD;
    if is_head {
        request.head_mut().method = Method::GET;
    }
    is_head
}

/// Returns the answer to `HEAD`: with the headers of the body, without the body.
pub(super) fn without_body(response: HttpResponse) -> HttpResponse {
    response.map_body(|_, body| BoxBody::new(LengthOnly { size: body.size() }))
}

/// A body reduced to its length.
struct LengthOnly {
    size: BodySize,
}

impl MessageBody for LengthOnly {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Box<dyn std::error::Error>>>> {
        Poll::Ready(None)
    }
}
