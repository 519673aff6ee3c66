//! The budget that each operation is charged to, and the only place where it is charged.
//!
//! The journal keeps everything for good, so every operation that writes to it has budgets by member, by address and in
//! total (`rates.rs`). The charge precedes the route: a refused request has started nothing. An operation that
//! [`CHARGES`] does not list is charged as a change of one's own data, so a new route cannot be without a budget. A
//! test compares the table with the OpenAPI document.
//!
//! While the disk is nearly full (`storage.rs`), members' writes are refused here, too.

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

/// The budget of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charge {
    /// The sign-ins of the address. The route charges it, because only the body shows whether the client is a known
    /// one.
    SignIn,
    /// The sign-ups of the address.
    SignUp,
    /// A budget of the member.
    Of(Class),
    /// A batch, charged by its content once it is read.
    ByContent,
}

/// The budgets of operations that change something.
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
    /// Returns the budget of an operation; `path` is its pattern below `/api/v1`.
    pub(crate) fn of(method: &str, path: &str) -> Charge {
        let named = CHARGES.iter().find(|(of, pattern, _)| *of == method && *pattern == path);
        named.map_or(Charge::Of(Class::Changes), |(_, _, charge)| *charge)
    }

    /// Returns whether the operation is allowed while storage is low: staff must be able to sign in and act, and ending
    /// things stops what writes.
    const fn is_allowed_when_storage_is_low(self) -> bool {
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

/// The presumed sender of a request, before its route authenticates it.
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
        // Reads by staff are audited, and so write.
        Method::GET | Method::HEAD => is_staff.then_some(Charge::Of(Class::Staff)),
        _ => served.and_then(|served| served.charge_of(request.method().as_str(), request.path())),
    };
    let Some(charge) = charge else { return Ok(()) };
    if let (Charge::Of(_) | Charge::ByContent, Some(payer)) = (charge, payer) {
        // Before anything is refused, so that the audit log names the member.
        identity::confirm(request.request(), payer.member)?;
    }
    if !charge.is_allowed_when_storage_is_low() && !is_staff {
        service.storage.check()?;
    }
    match (charge, payer) {
        (Charge::SignUp, _) => service.rates.check_sign_up(address),
        (Charge::Of(class), Some(payer)) => service.rates.charge(class, payer, 1),
        // An unknown caller is rejected by the route, which writes nothing.
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
        assert_eq!(unused.len(), CHARGES.len(), "an operation is listed twice");
        for operation in operations.iter().filter(|operation| !operation.method.is_safe()) {
            let (method, path) = (operation.method.as_str(), operation.path.as_str());
            let Some((_, _, charge)) = CHARGES.iter().find(|(of, pattern, _)| *of == method && *pattern == path) else {
                panic!("add the budget of {method} {path} to CHARGES");
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
            assert!(expects, "{method} {path} requires {:?} and is charged as {charge:?}", operation.permission);
        }
        assert!(unused.is_empty(), "not served: {unused:?}");
    }

    #[test]
    fn an_unlisted_operation_is_charged_as_a_change() {
        assert_eq!(Charge::of("POST", "/new"), Charge::Of(Class::Changes));
    }
}
