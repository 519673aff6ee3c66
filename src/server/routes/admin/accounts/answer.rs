//! An account, as staff sees it.

use std::hash::{Hash, Hasher};

use jangbu::{
    accounts::{Freeze, LimitException},
    queries::{Snapshot, Status},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::listing::{Column, Row, Value};
use crate::server::members::{Member, MemberId};
use crate::server::service::Service;

/// An account with its owner and its own limits.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AdminAccount {
    /// The account number.
    pub(super) number: String,
    /// The owner.
    owner: AdminOwner,
    /// The account type.
    r#type: AdminType,
    /// The currency.
    currency: String,
    /// The number of decimals of the currency.
    scale: u8,
    /// `customer`; `cash` or `fees` for the bank's own.
    role: &'static str,
    /// `open`, `frozen` or `closed`.
    status: &'static str,
    /// What is currently frozen.
    frozen: AdminFreeze,
    /// When the account was opened.
    opened_at: String,
    /// The balance, in minor units.
    posted: i64,
    /// The amount reserved by open holds.
    held: u64,
    /// The amount that can be spent.
    available: u64,
    /// What holds of other accounts may still bring in.
    pending_in: u64,
    /// How far the balance may go below zero.
    overdraft: u64,
    /// The limit per transfer in force; null for no limit.
    limit_per_transfer: Option<u64>,
    /// The limit per day in force; null for no limit.
    limit_per_day: Option<u64>,
    /// The account's own limit per transfer: -1 to use the type's, null for no limit, 0 for no transfers.
    own_limit_per_transfer: Option<i64>,
    /// The account's own limit per day: -1 to use the type's, null for no limit, 0 for no transfers.
    own_limit_per_day: Option<i64>,
    /// What can still be transferred today; null for no limit.
    left_today: Option<u64>,
    /// How many free transfers are left today.
    free_transfers_left: u32,
    /// The business date that the two fields above are for.
    date: String,
    /// The version that a change must name. It covers everything that can be changed here, not the balance.
    pub(super) version: u64,
    /// The position of the account's last record.
    position: u64,
}

/// The owner of an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct AdminOwner {
    /// The member's id, or `bank`.
    id: String,
    /// The member's username.
    username: Option<String>,
    /// The member's name.
    name: Option<String>,
}

/// An account type.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct AdminType {
    /// The code.
    code: String,
    /// The name.
    name: String,
}

/// The freeze of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdminFreeze {
    /// Whether debits are refused.
    pub(super) debits: bool,
    /// Whether credits are refused.
    pub(super) credits: bool,
}

impl From<Freeze> for AdminFreeze {
    fn from(Freeze { debits, credits }: Freeze) -> Self {
        AdminFreeze { debits, credits }
    }
}

/// A row of the list.
#[derive(Clone, Debug)]
pub(super) struct AccountRow {
    pub(super) account: Snapshot,
    pub(super) owner: Option<Member>,
    pub(super) type_name: String,
}

impl AccountRow {
    /// Makes the row of an account.
    pub(super) fn of(service: &Service, types: &[jangbu::accounts::AccountType], account: Snapshot) -> AccountRow {
        let owner = MemberId::of_owner(&account.owner).and_then(|id| service.members.find(id));
        let known = types.iter().find(|kind| kind.code == account.kind);
        let type_name = known.map(|kind| kind.name.clone()).unwrap_or_default();
        AccountRow { account, owner, type_name }
    }

    fn has_own_limits(&self) -> bool {
        let own = [self.account.own_limit_per_transfer, self.account.own_limit_per_day];
        own.iter().any(|limit| *limit != LimitException::Inherit)
    }
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Open => "open",
        Status::Frozen => "frozen",
        Status::Closed => "closed",
    }
}

fn own_limit(limit: LimitException) -> Option<i64> {
    match limit {
        LimitException::Inherit => Some(-1),
        LimitException::At(amount) => i64::try_from(amount.minor_units()).ok(),
        LimitException::Unlimited => None,
    }
}

/// Returns a hash of everything about an account that an administrator can change: at most 53 bits, so that every
/// client can represent the number.
pub(super) fn version(account: &Snapshot) -> u64 {
    let terms = (
        account.kind.as_str(),
        (account.frozen.debits, account.frozen.credits, account.status == Status::Closed),
        account.overdraft.minor_units(),
        [own_limit(account.own_limit_per_transfer), own_limit(account.own_limit_per_day)],
    );
    let mut hasher = Terms(blake3::Hasher::new());
    terms.hash(&mut hasher);
    hasher.finish() >> 11
}

/// The hash is the same in every build.
struct Terms(blake3::Hasher);

impl Hasher for Terms {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        self.0.finalize().as_bytes().first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}

impl From<AccountRow> for AdminAccount {
    fn from(row: AccountRow) -> Self {
        let AccountRow { account, owner, type_name } = row;
        let (username, name) = owner.map(|owner| (owner.username, owner.name)).unzip();
        AdminAccount {
            number: account.number.to_string(),
            owner: AdminOwner { id: account.owner.to_string(), username, name },
            r#type: AdminType { code: account.kind.to_string(), name: type_name },
            currency: account.currency.to_string(),
            scale: account.scale,
            role: match account.role {
                jangbu::accounts::Role::Customer => "customer",
                jangbu::accounts::Role::Cash => "cash",
                jangbu::accounts::Role::Fees => "fees",
            },
            status: status(account.status),
            frozen: account.frozen.into(),
            opened_at: account.opened_at.to_string(),
            posted: account.posted.minor_units(),
            held: account.held.minor_units(),
            available: account.available.minor_units(),
            pending_in: account.pending_in.minor_units(),
            overdraft: account.overdraft.minor_units(),
            limit_per_transfer: account.limit_per_transfer.map(jangbu::Amount::minor_units),
            limit_per_day: account.limit_per_day.map(jangbu::Amount::minor_units),
            own_limit_per_transfer: own_limit(account.own_limit_per_transfer),
            own_limit_per_day: own_limit(account.own_limit_per_day),
            left_today: account.left_today.map(jangbu::Amount::minor_units),
            free_transfers_left: account.free_transfers_left,
            date: account.date.to_string(),
            version: version(&account),
            position: account.position.get(),
        }
    }
}

impl AccountRow {
    fn money(&self, units: i64) -> Value<'static> {
        Value::Money { units, scale: self.account.scale, currency: self.account.currency }
    }

    fn amount(&self, amount: jangbu::Amount) -> Value<'static> {
        self.money(jangbu::Balance::from(amount).minor_units())
    }

    fn limit(&self, limit: Option<jangbu::Amount>) -> Value<'static> {
        limit.map_or(Value::Missing, |limit| self.amount(limit))
    }
}

impl Row for AccountRow {
    const COLUMNS: &'static [Column<AccountRow>] = &[
        Column::<AccountRow>::new("number", |row| Value::text(row.account.number.as_str())).searched(),
        Column::<AccountRow>::new("owner", |row| Value::text(row.account.owner.as_str())),
        Column::<AccountRow>::new("username", |row| match &row.owner {
            Some(owner) => Value::text(&owner.username),
            None => Value::Missing,
        })
        .searched(),
        Column::<AccountRow>::new("name", |row| match &row.owner {
            Some(owner) => Value::text(&owner.name),
            None => Value::Missing,
        })
        .searched(),
        Column::<AccountRow>::new("type", |row| Value::text(row.account.kind.as_str())).searched().counted(),
        Column::<AccountRow>::new("type_name", |row| Value::text(&row.type_name)).searched(),
        Column::<AccountRow>::new("currency", |row| Value::text(row.account.currency.to_string())).counted(),
        Column::<AccountRow>::new("status", |row| Value::text(status(row.account.status))).counted(),
        Column::<AccountRow>::new("own_limits", |row| Value::Flag(row.has_own_limits())).counted(),
        Column::<AccountRow>::new("posted", |row| row.money(row.account.posted.minor_units())),
        Column::<AccountRow>::new("held", |row| row.amount(row.account.held)),
        Column::<AccountRow>::new("available", |row| row.amount(row.account.available)),
        Column::<AccountRow>::new("pending_in", |row| row.amount(row.account.pending_in)),
        Column::<AccountRow>::new("overdraft", |row| row.amount(row.account.overdraft)),
        Column::<AccountRow>::new("limit_per_transfer", |row| row.limit(row.account.limit_per_transfer)),
        Column::<AccountRow>::new("limit_per_day", |row| row.limit(row.account.limit_per_day)),
        Column::<AccountRow>::new("opened_at", |row| Value::Time(row.account.opened_at)),
    ];
    const USUAL_ORDER: &'static str = "number";

    fn key(&self) -> String {
        self.account.number.to_string()
    }
}
