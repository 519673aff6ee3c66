//! What an account type is to staff.

use jangbu::{AccountType, Amount};
use serde::Serialize;
use utoipa::ToSchema;

use crate::server::http::Problem;
use crate::server::listing::{Column, Row, Value};
use crate::server::service::Service;

/// An account type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AccountType)]
pub(crate) struct TypeAnswer {
    /// The code by which accounts name their type.
    code: String,
    /// The name.
    name: String,
    /// The currency of every account of the type; null for the built-in type, which has any.
    currency: Option<String>,
    /// The currency's number of decimals.
    scale: Option<u8>,
    /// The most that one transfer may move, in minor units; null for no limit, 0 for no transfers.
    limit_per_transfer: Option<u64>,
    /// The most that a day's transfers may move, in minor units; null for no limit.
    limit_per_day: Option<u64>,
    /// What a transfer costs once the day's free ones are used up, in minor units.
    fee: u64,
    /// What a change must name.
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
    /// An amount of the type's currency; of a type for several currencies it is a number of minor units, whichever that is.
    fn money(&self, units: u64) -> Value<'_> {
        let currency = self.currency.as_ref().and_then(|code| code.parse().ok());
        match (currency, self.scale, i64::try_from(units)) {
            (Some(currency), Some(scale), Ok(units)) => Value::Money { units, scale, currency },
            _ => Value::number(units),
        }
    }
}

/// What stands for everything about a type that can be changed: at most 53 bits.
pub(super) fn version(kind: &AccountType) -> u64 {
    let told = serde_json::to_vec(kind).unwrap_or_default();
    blake3::hash(&told).as_bytes().first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes)) >> 11
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
    const DEFAULT_ORDER: &'static str = "code";

    fn key(&self) -> String {
        self.code.clone()
    }
}
