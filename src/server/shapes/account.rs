//! An account, as its owner and staff see it.

use jangbu::{
    AccountNumber, Currency,
    accounts::TypeCode,
    queries::{Snapshot, Status},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;

/// An account at one position of the journal. Amounts are in minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Account {
    /// The account number.
    #[schema(value_type = String, max_length = 20)]
    pub(crate) number: AccountNumber,
    /// The owner.
    pub(crate) owner: Owner,
    /// The account type.
    pub(crate) r#type: TypeName,
    /// The currency.
    #[schema(value_type = String)]
    pub(crate) currency: Currency,
    /// The number of decimals of the currency.
    pub(crate) scale: u8,
    /// `open`, `frozen` or `closed`.
    #[schema(value_type = String)]
    pub(crate) status: Status,
    /// What is currently frozen.
    pub(crate) frozen: Frozen,
    /// When the account was opened.
    pub(crate) opened_at: Moment,
    /// The balance.
    pub(crate) posted: i64,
    /// The amount reserved by open holds, fees included.
    pub(crate) held: u64,
    /// The amount that can be spent.
    pub(crate) available: u64,
    /// What holds of other accounts may still bring in; not spendable.
    pub(crate) pending_in: u64,
    /// How far the balance may go below zero.
    pub(crate) overdraft: u64,
    /// The limit per transfer; null for no limit.
    pub(crate) limit_per_transfer: Option<u64>,
    /// The limit per day; null for no limit.
    pub(crate) limit_per_day: Option<u64>,
    /// What can still be transferred today; null for no limit.
    pub(crate) left_today: Option<u64>,
    /// How many free transfers are left today.
    pub(crate) free_transfers_left: u32,
    /// The business date that `left_today` and `free_transfers_left` are for.
    #[schema(format = Date)]
    pub(crate) date: String,
    /// The number of events of the account.
    pub(crate) version: u64,
    /// The position of the account's last record.
    pub(crate) position: u64,
}

/// The owner of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AccountOwner)]
pub(crate) struct Owner {
    /// The member's id.
    pub(crate) id: String,
    /// The username; for staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) username: Option<String>,
    /// The full name; for staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

/// An account type's code and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct TypeName {
    /// The code.
    #[schema(value_type = String)]
    pub(crate) code: TypeCode,
    /// The name.
    pub(crate) name: String,
}

/// What is currently frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Frozen {
    /// Whether debits are refused.
    pub(crate) debits: bool,
    /// Whether credits are refused.
    pub(crate) credits: bool,
}

impl Account {
    /// Makes the answer for a snapshot; `name` is that of the account type.
    pub(crate) fn of(snapshot: &Snapshot, owner: Owner, type_name: String) -> Account {
        Account {
            number: snapshot.number,
            owner,
            r#type: TypeName { code: snapshot.kind, name: type_name },
            currency: snapshot.currency,
            scale: snapshot.scale,
            status: snapshot.status,
            frozen: Frozen { debits: snapshot.frozen.debits, credits: snapshot.frozen.credits },
            opened_at: Moment(snapshot.opened_at),
            posted: snapshot.posted.minor_units(),
            held: snapshot.held.minor_units(),
            available: snapshot.available.minor_units(),
            pending_in: snapshot.pending_in.minor_units(),
            overdraft: snapshot.overdraft.minor_units(),
            limit_per_transfer: snapshot.limit_per_transfer.map(jangbu::Amount::minor_units),
            limit_per_day: snapshot.limit_per_day.map(jangbu::Amount::minor_units),
            left_today: snapshot.left_today.map(jangbu::Amount::minor_units),
            free_transfers_left: snapshot.free_transfers_left,
            date: snapshot.date.to_string(),
            version: snapshot.version,
            position: snapshot.position.get(),
        }
    }
}
