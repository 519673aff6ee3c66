//! Balances at a moment in the past: of one account, and of the whole bank.

use actix_web::web::Data;
use actix_web::{Responder, get, web};
use jangbu::{Position, Timestamp, queries::Moment as Past, time::When};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{Archived, PathAccount, Problem, Query};
use crate::server::principal::Principal;
use crate::server::service::Service;
use crate::server::shapes::{DayOrMoment, as_of};

/// The last position that programs without unsigned integers can represent.
const LAST_POSITION: u64 = i64::MAX.cast_unsigned();

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(get_balance).service(get_trial_balance);
}

/// The query for a moment.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MomentQuery {
    /// Include everything recorded at or before this moment (RFC 3339), or until the end of this day (`2026-11-22`) in
    /// the bank's time zone.
    #[param(value_type = Option<DayOrMoment>)]
    at: Option<When>,
    /// The balance right after the record at this journal position.
    #[param(minimum = 1, maximum = 9223372036854775807_u64)]
    position: Option<u64>,
}

impl MomentQuery {
    /// Returns the moment. Default: now.
    ///
    /// # Errors
    /// 400 for two moments, and for a day that has no end.
    fn moment(&self, service: &Service) -> Result<Past, Problem> {
        match (self.at, self.position) {
            (Some(_), Some(_)) => {
                Err(Problem::invalid_field("position", "invalid", "send `at` or `position`, not both"))
            }
            (None, Some(position)) if !(1..=LAST_POSITION).contains(&position) => {
                let detail = format!("positions are 1 to {LAST_POSITION}");
                Err(Problem::invalid_field("position", "out_of_range", detail))
            }
            (None, Some(position)) => Ok(Past::Position(Position::new(position))),
            (None, None) => Ok(Past::Position(Position::new(u64::MAX))),
            (Some(when), None) => {
                let last = as_of("at", when, service.time_zone())?;
                Ok(Past::Time(last.unwrap_or(Timestamp::MAX)))
            }
        }
    }
}

/// The balance of an account at a moment.
#[derive(Debug, Serialize, ToSchema)]
struct PastBalance {
    /// The account.
    #[schema(value_type = String)]
    number: jangbu::AccountNumber,
    /// The balance in minor units; null before the account was opened.
    posted: Option<i64>,
    /// The currency.
    #[schema(value_type = String)]
    currency: jangbu::Currency,
    /// The number of decimals of the currency.
    scale: u8,
}

/// Returns the balance of an account at a moment in the past. Default: now.
///
/// Members read their own accounts. Staff can read any account, which is audited.
#[utoipa::path(
    tag = "accounts",
    params(PathAccount, MomentQuery),
    responses((status = 200, description = "The balance.", body = PastBalance), Archived),
)]
#[get("/accounts/{number}/balance")]
async fn get_balance(
    service: Data<Service>,
    caller: Principal,
    PathAccount(number): PathAccount,
    Query(at): Query<MomentQuery>,
) -> Result<impl Responder, Problem> {
    let account = service.readable_account(&caller, number).await?;
    let balance = service.bank.balance_at(number, at.moment(&service)?).await?;
    let posted = balance.map(|balance| balance.minor_units());
    Ok(web::Json(PastBalance { number, posted, currency: account.currency, scale: account.scale }))
}

/// The trial balance at a moment.
#[derive(Debug, Serialize, ToSchema)]
struct TrialBalance {
    /// The last journal position included.
    position: u64,
    /// The sums of each currency, in the order of their codes.
    currencies: Vec<PastSums>,
}

/// The sums of a currency in minor units, which add up to zero. A sum beyond 2^63 is a string.
#[derive(Debug, Serialize, ToSchema)]
struct PastSums {
    /// The currency.
    #[schema(value_type = String)]
    currency: jangbu::Currency,
    /// The number of decimals of the currency.
    scale: u8,
    /// The balances of all customers.
    #[schema(value_type = i64)]
    customers: Value,
    /// The balance of the bank's cash account.
    #[schema(value_type = i64)]
    cash: Value,
    /// The balance of the bank's fee account.
    #[schema(value_type = i64)]
    fees: Value,
}

/// Returns the trial balance, the sums of all balances, at a moment in the past. Default: now.
///
/// For staff. Audited. The time it takes grows with the number of records between that moment and the nearer end of the
/// journal.
#[utoipa::path(
    tag = "admin",
    params(MomentQuery),
    responses((status = 200, description = "The trial balance.", body = TrialBalance), Archived),
)]
#[get("/admin/trial-balance")]
async fn get_trial_balance(
    service: Data<Service>,
    caller: Principal,
    Query(at): Query<MomentQuery>,
) -> Result<impl Responder, Problem> {
    let moment = at.moment(&service)?;
    service.audit.read(&caller, "bank", "trial_balance").await?;
    let trial = service.bank.trial_balance_at(moment).await?;
    let sum = |sum: i128| i64::try_from(sum).map_or_else(|_| Value::from(sum.to_string()), Value::from);
    let currencies = trial.currencies.iter().map(|total| PastSums {
        currency: total.currency,
        scale: total.scale,
        customers: sum(total.customers),
        cash: sum(total.cash),
        fees: sum(total.fees),
    });
    Ok(web::Json(TrialBalance { position: trial.position.get(), currencies: currencies.collect() }))
}
