//! An account type, as staff sees it.

use jangbu::{Amount, accounts::AccountType};
use serde::Serialize;
use utoipa::ToSchema;

use crate::server::http::Problem;
use crate::server::listing::{Column, Row, Value};
use crate::server::service::Service;

/// An account type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AccountType)]
pub(crate) struct TypeAnswer {
    /// The code of the account type.
    code: String,
    /// The name.
    name: String,
    /// The currency of its accounts; null for the built-in type, which allows any.
    currency: Option<String>,
    /// The number of decimals of the currency.
    scale: Option<u8>,
    /// The limit per transfer, in minor units; null for no limit, 0 for no transfers.
    limit_per_transfer: Option<u64>,
    /// The limit per day, in minor units; null for no limit.
    limit_per_day: Option<u64>,
    /// The fee of a transfer after the day's free ones, in minor units.
    fee: u64,
    /// The version that a change must name.
    version: u64,
}

impl TypeAnswer {
    pub(in crate::server) async fn of(service: &Service, kind: &AccountType) -> Result<TypeAnswer, Problem> {
        let scale = match kind.currency {
            Some(currency) => service.bank.currency_scale(currency).await?,
            None => None,
        };
        Ok(TypeAnswer {
            code: kind.code.to_string(),
            name: kind.name.clone(),
            currency: kind.currency.map(|currency| currency.to_string()),
            scale,
            limit_per_transfer: kind.limit_per_transfer.map(Amount::minor_units),
            limit_per_day: kind.limit_per_day.map(Amount::minor_units),
            fee: kind.fee.minor_units(),
            version: version(kind),
        })
    }
}

impl TypeAnswer {
    /// Returns an amount in the type's currency; for the type without a currency, a plain number of minor units.
    fn money(&self, units: u64) -> Value<'_> {
        let currency = self.currency.as_ref().and_then(|code| code.parse().ok());
        match (currency, self.scale, i64::try_from(units)) {
            (Some(currency), Some(scale), Ok(units)) => Value::Money { units, scale, currency },
            _ => Value::number(units),
        }
    }
}

/// Returns a hash of everything about a type that can be changed: at most 53 bits.
pub(super) fn version(kind: &AccountType) -> u64 {
    let bytes = serde_json::to_vec(kind).unwrap_or_default();
    blake3::hash(&bytes).as_bytes().first_chunk::<8>().map_or(0, |first| u64::from_le_bytes(*first)) >> 11
}

impl Row for TypeAnswer {
    const COLUMNS: &'static [Column<TypeAnswer>] = &[
        Column::<TypeAnswer>::new("code", |row| Value::text(&row.code)).searched(),
        Column::<TypeAnswer>::new("name", |row| Value::text(&row.name)).searched(),
        Column::<TypeAnswer>::new("currency", |row| row.currency.as_ref().map_or(Value::Missing, Value::text))
            .counted(),
        Column::<TypeAnswer>::new("limit_per_transfer", |row| {
            row.limit_per_transfer.map_or(Value::Missing, |units| row.money(units))
        }),
        Column::<TypeAnswer>::new("limit_per_day", |row| {
            row.limit_per_day.map_or(Value::Missing, |units| row.money(units))
        }),
        Column::<TypeAnswer>::new("fee", |row| row.money(row.fee)),
    ];
    const USUAL_ORDER: &'static str = "code";

    fn key(&self) -> String {
        self.code.clone()
    }
}
