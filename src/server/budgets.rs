//! What each operation that changes something is charged to, and the one place where it is charged.
//!
//! The journal keeps everything for ever, so whatever writes to it has a budget by member, by address and in total
//! (`rates.rs`). The charge comes before the route: what is refused has begun nothing. An operation that [`CHARGES`] does not
//! name is charged as a change of what is one's own, so a new route cannot be without a budget; a test compares the table
//! with the document of the API.
//!
//! While little of the disk is left (`storage.rs`), what members would write is refused here too.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, ResponseError};

use super::edge::{ClientAddress, Served};
use super::http::Problem;
use super::identity;
use super::members::KnownCaller;
use super::rates::{Class, Payer};
use super::service::Service;

/// To which budget an operation is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charge {
    /// Sign-ins of the address, by the route: whom it knows by more than the address is told only by what is asked.
    SignIn,
    /// Sign-ups of the address.
    SignUp,
    /// One of a member's.
    Of(Class),
    /// By what is in it, once that is read: a batch.
    ByContent,
}

/// The operations that change something.
const CHARGES: &[(&str, &str, Charge)] = &[
    ("POST", "/session", Charge::SignIn),
    ("POST", "/setup", Charge::SignIn),
    ("POST", "/members", Charge::SignUp),
    ("PATCH", "/me", Charge::Of(Class::Changes)),
    ("POST", "/accounts", Charge::Of(Class::Changes)),
    ("POST", "/me/tokens", Charge::Of(Class::Changes)),
    ("POST", "/me/schedules", Charge::Of(Class::Changes)),
    ("POST", "/me/schedules/{id}/{change}", Charge::Of(Class::Endings)),
    ("POST", "/me/password", Charge::Of(Class::Credentials)),
    ("POST", "/me/totp", Charge::Of(Class::Credentials)),
    ("POST", "/session/proof", Charge::Of(Class::Credentials)),
    ("DELETE", "/session", Charge::Of(Class::Endings)),
    ("DELETE", "/sessions/{id}", Charge::Of(Class::Endings)),
    ("DELETE", "/me/tokens/{id}", Charge::Of(Class::Endings)),
    ("POST", "/transfers/{id}/cancel", Charge::Of(Class::Endings)),
    ("POST", "/transfers", Charge::Of(Class::Transfers)),
    ("POST", "/quotes", Charge::Of(Class::Transfers)),
    ("POST", "/transfers/batch", Charge::ByContent),
    ("POST", "/holds", Charge::Of(Class::Staff)),
    ("POST", "/transfers/{id}/settle", Charge::Of(Class::Staff)),
    ("POST", "/transfers/{id}/amend", Charge::Of(Class::Staff)),
    ("POST", "/transfers/{id}/void", Charge::Of(Class::Staff)),
    ("POST", "/transfers/{id}/reverse", Charge::Of(Class::Staff)),
    ("POST", "/deposits", Charge::Of(Class::Staff)),
    ("POST", "/withdrawals", Charge::Of(Class::Staff)),
    ("POST", "/sweeps", Charge::Of(Class::Staff)),
    ("POST", "/linked", Charge::Of(Class::Staff)),
    ("POST", "/admin/engine/check", Charge::Of(Class::Staff)),
    ("POST", "/admin/transfers/{id}/cancel", Charge::Of(Class::Staff)),
    ("POST", "/admin/transfers/{id}/retry", Charge::Of(Class::Staff)),
    ("POST", "/admin/schedules/{id}/{change}", Charge::Of(Class::Staff)),
    ("DELETE", "/admin/tokens/{id}", Charge::Of(Class::Staff)),
    ("POST", "/admin/members", Charge::Of(Class::Staff)),
    ("POST", "/admin/members/bulk", Charge::Of(Class::Staff)),
    ("PATCH", "/admin/members/{id}", Charge::Of(Class::Staff)),
    ("POST", "/admin/members/{id}/password", Charge::Of(Class::Staff)),
    ("POST", "/admin/members/{id}/totp", Charge::Of(Class::Staff)),
    ("POST", "/admin/members/{id}/erase", Charge::Of(Class::Staff)),
    ("POST", "/admin/accounts", Charge::Of(Class::Staff)),
    ("POST", "/admin/accounts/bulk", Charge::Of(Class::Staff)),
    ("PATCH", "/admin/accounts/{number}", Charge::Of(Class::Staff)),
    ("POST", "/admin/account-types", Charge::Of(Class::Staff)),
    ("PATCH", "/admin/account-types/{code}", Charge::Of(Class::Staff)),
];

impl Charge {
    /// What an operation of the document is charged to: `path` is its pattern below `/api/v1`.
    pub(crate) fn of(method: &str, path: &str) -> Charge {
        let named = CHARGES.iter().find(|(of, pattern, _)| *of == method && *pattern == path);
        named.map_or(Charge::Of(Class::Changes), |(_, _, charge)| *charge)
    }

    /// Whether it goes on while storage is low: staff must be able to sign in and to act, and ending things stops what
    /// writes.
    const fn goes_on_when_storage_is_low(self) -> bool {
        matches!(self, Charge::SignIn | Charge::Of(Class::Endings | Class::Staff))
    }
}

/// Charges an operation to its budgets before the route sees it.
pub(crate) async fn charge(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match charged(&request) {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(problem) => Ok(request.into_response(problem.error_response())),
    }
}

/// Who a request is known to come from, before its route looks closer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownPayer(pub(crate) Payer);

fn charged(request: &ServiceRequest) -> Result<(), Problem> {
    let Some(service) = request.app_data::<Data<Service>>().filter(|_| request.path().starts_with("/api/")) else {
        return Ok(());
    };
    let caller = service.members.known_caller(request.request());
    let address = ClientAddress::of(request.request());
    let payer = caller.map(|KnownCaller { member, means, .. }| Payer { member, means, address });
    if let Some(payer) = payer {
        request.extensions_mut().insert(KnownPayer(payer));
    }
    let is_staff = caller.is_some_and(|caller| caller.role.is_staff());
    let served = request.app_data::<Data<Served>>();
    let charge = match *request.method() {
        // The audit log keeps what staff reads.
        Method::GET | Method::HEAD => is_staff.then_some(Charge::Of(Class::Staff)),
        _ => served.and_then(|served| served.charge_of(request.method().as_str(), request.path())),
    };
    let Some(charge) = charge else { return Ok(()) };
    if let (Charge::Of(_) | Charge::ByContent, Some(payer)) = (charge, payer) {
        // Before anything is refused: the audit log says whose request that was.
        identity::confirm(request.request(), payer.member)?;
    }
    if !charge.goes_on_when_storage_is_low() && !is_staff {
        service.storage.check()?;
    }
    match (charge, payer) {
        (Charge::SignUp, _) => service.rates.check_sign_up(address),
        (Charge::Of(class), Some(payer)) => service.rates.charge(class, payer, 1),
        // Who is nobody is turned away by the route, which writes nothing.
        (Charge::Of(_), None) | (Charge::ByContent | Charge::SignIn, _) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::server::matrix_tests::operations;
    use crate::server::principal::Permission;
    use crate::server::testing::Town;

    #[actix_web::test]
    async fn every_operation_that_changes_something_has_a_budget() {
        let town = Town::new().await;
        let operations = operations(&town).await;
        let mut unused: BTreeSet<_> = CHARGES.iter().map(|(method, path, _)| (*method, *path)).collect();
        assert_eq!(unused.len(), CHARGES.len(), "an operation is there twice");
        for operation in operations.iter().filter(|operation| !operation.method.is_safe()) {
            let (method, path) = (operation.method.as_str(), operation.path.as_str());
            let Some((_, _, charge)) = CHARGES.iter().find(|(of, pattern, _)| *of == method && *pattern == path) else {
                panic!("say in CHARGES to which budget {method} {path} is charged");
            };
            unused.remove(&(method, path));
            let expects = match operation.permission {
                None => matches!(charge, Charge::SignIn | Charge::SignUp),
                Some(Permission::Batch) => *charge == Charge::ByContent,
                Some(Permission::ManageOwn | Permission::MoveOwn) => {
                    matches!(charge, Charge::Of(class) if *class != Class::Staff)
                }
                Some(_) => *charge == Charge::Of(Class::Staff),
            };
            assert!(expects, "{method} {path} takes {:?} and is charged as {charge:?}", operation.permission);
        }
        assert!(unused.is_empty(), "nobody serves {unused:?}");
    }

    #[test]
    fn an_operation_that_nobody_thought_of_is_charged_as_a_change() {
        assert_eq!(Charge::of("POST", "/new"), Charge::Of(Class::Changes));
    }
}
