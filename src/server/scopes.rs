//! What a token may be used for, and what it is bound to.

use std::net::IpAddr;

use ipnet::IpNet;
use jangbu::{AccountNumber, Amount, Currency};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::principal::{Permission, Role};

/// A scope of a token. It never allows more than the owner's role, and no scope allows changes of credentials,
/// sessions, tokens or members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scope {
    /// Read the owner's accounts, transfers, holds and schedules.
    Read,
    /// Make transfers one at a time, quote and cancel them.
    Transfer,
    /// Make batches of transfers.
    Batch,
    /// Work at the counter: deposits, withdrawals, sweeps, linked transfers, reversals.
    Counter,
    /// Administer accounts, account types and the pending queue; check the books.
    Admin,
    /// Place, amend, settle and void holds, also among linked steps.
    Hold,
    /// Make, pause, resume and cancel schedules.
    Schedule,
    /// Follow events of accounts.
    Events,
    /// Follow the audit log.
    Audit,
    /// Read everybody's accounts, transfers and members, and whatever `read` allows.
    AdminRead,
}

impl Scope {
    /// Every scope, in the order in which people are shown them.
    pub(crate) const ALL: [Scope; 10] = [
        Scope::Read,
        Scope::Transfer,
        Scope::Batch,
        Scope::Hold,
        Scope::Schedule,
        Scope::Counter,
        Scope::Events,
        Scope::Audit,
        Scope::AdminRead,
        Scope::Admin,
    ];

    /// The name, as clients write it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Transfer => "transfer",
            Scope::Batch => "batch",
            Scope::Counter => "counter",
            Scope::Admin => "admin",
            Scope::Hold => "hold",
            Scope::Schedule => "schedule",
            Scope::Events => "events",
            Scope::Audit => "audit",
            Scope::AdminRead => "admin_read",
        }
    }

    /// Whether a token with this scope may do what `wanted` is for.
    pub(crate) fn covers(self, wanted: Scope) -> bool {
        self == wanted || matches!((self, wanted), (Scope::AdminRead, Scope::Read))
    }

    /// The scope that lets a token use what the permission adds within a route: to see more, or to act for others.
    pub(crate) const fn of(permission: Permission) -> Option<Scope> {
        match permission {
            Permission::ReadOwn => Some(Scope::Read),
            Permission::MoveOwn => Some(Scope::Transfer),
            Permission::Batch => Some(Scope::Batch),
            Permission::ReadAny => Some(Scope::AdminRead),
            Permission::Counter | Permission::Reverse => Some(Scope::Counter),
            Permission::ReadAudit => Some(Scope::Audit),
            Permission::Administer => Some(Scope::Admin),
            Permission::ManageOwn => None,
        }
    }

    /// Whether a role allows anything that the scope is for.
    pub(crate) const fn fits(self, role: Role) -> bool {
        match self {
            Scope::Read | Scope::Events => role.allows(Permission::ReadOwn),
            Scope::Transfer | Scope::Schedule => role.allows(Permission::MoveOwn),
            Scope::Batch => role.allows(Permission::Batch),
            Scope::Counter | Scope::Hold => role.allows(Permission::Counter),
            Scope::Audit => role.allows(Permission::ReadAudit),
            Scope::AdminRead => role.allows(Permission::ReadAny),
            Scope::Admin => role.allows(Permission::Administer),
        }
    }

    /// Whether the scope is about the owner's own accounts alone, so that a token can be bound to some of them.
    const fn is_personal(self) -> bool {
        matches!(self, Scope::Read | Scope::Transfer | Scope::Batch | Scope::Schedule | Scope::Events)
    }
}

/// A daily total in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DailyTotal {
    /// The currency.
    #[schema(value_type = String, example = "KRW")]
    pub(crate) currency: Currency,
    /// The most that receivers may get per day of the bank's time zone, in minor units, fees excluded.
    #[schema(value_type = u64, maximum = 9007199254740991_u64)]
    pub(crate) amount: Amount,
}

/// The restrictions of a token. An empty field does not restrict it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bounds {
    /// The only accounts of the owner that the token can read and pay from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, max_items = 50)]
    pub(crate) accounts: Vec<AccountNumber>,
    /// The only accounts that the token can pay to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, max_items = 50)]
    pub(crate) payees: Vec<AccountNumber>,
    /// The only addresses and networks that the token can be used from, as `192.0.2.7` or `192.0.2.0/24`.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "networks")]
    #[schema(value_type = Vec<String>, max_items = 50)]
    pub(crate) addresses: Vec<IpNet>,
    /// The most that can be paid per day, one total per currency; other currencies cannot be paid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 16)]
    pub(crate) per_day: Vec<DailyTotal>,
}

/// Networks as people write them.
mod networks {
    use std::net::IpAddr;

    use ipnet::IpNet;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(networks: &[IpNet], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(networks.iter().map(ToString::to_string))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let network = |text: &String| {
            let address = || text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
            let network = text.parse::<IpNet>().map(|network| network.trunc()).or_else(|_| address());
            network.map_err(|_| D::Error::custom(format!("{text:?} is neither an address nor a network")))
        };
        texts.iter().map(network).collect()
    }
}

impl Bounds {
    /// Whether the token is bound to nothing.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Bounds::default()
    }

    /// The first bound that does not go with the scope: what moves other people's money is not bound to own accounts, and
    /// what a schedule pays later does not count in the total of a day.
    pub(crate) fn unfit_for(&self, scope: Scope) -> Option<&'static str> {
        let is_bound = |is_bound: bool, fits: bool, name| (is_bound && !fits).then_some(name);
        is_bound(!self.accounts.is_empty(), scope.is_personal(), "accounts")
            .or_else(|| is_bound(!self.payees.is_empty(), scope.is_personal(), "payees"))
            .or_else(|| {
                let counts = scope.is_personal() && !matches!(scope, Scope::Schedule);
                is_bound(!self.per_day.is_empty(), counts, "per_day")
            })
    }

    /// Whether the token may be used from there.
    pub(crate) fn admit_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.addresses.is_empty() || self.addresses.iter().any(|network| network.contains(&address))
    }

    /// Whether the token reads and pays from that account.
    pub(crate) fn admit_account(&self, number: AccountNumber) -> bool {
        self.accounts.is_empty() || self.accounts.contains(&number)
    }

    /// Whether the token pays to that account.
    pub(crate) fn admit_payee(&self, number: AccountNumber) -> bool {
        self.payees.is_empty() || self.payees.contains(&number)
    }
}

/// What a token grants.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grant {
    /// The scopes.
    pub(crate) scopes: Vec<Scope>,
    /// The restrictions of the token.
    pub(crate) bounds: Bounds,
}

impl Grant {
    /// Whether one of the scopes covers the wanted one.
    pub(crate) fn covers(&self, wanted: Scope) -> bool {
        self.scopes.iter().any(|scope| scope.covers(wanted))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_scope_is_named_as_clients_write_it_and_covers_itself() {
        for scope in Scope::ALL {
            assert_eq!(serde_json::to_value(scope).unwrap(), json!(scope.name()));
            for wanted in Scope::ALL {
                let more = (scope, wanted) == (Scope::AdminRead, Scope::Read);
                assert_eq!(scope.covers(wanted), scope == wanted || more, "{scope:?} {wanted:?}");
            }
        }
    }

    #[test]
    fn bounds_are_read_as_people_write_them() {
        let bounds: Bounds =
            serde_json::from_value(json!({ "addresses": ["192.0.2.7", "198.51.100.9/24", "2001:db8::/32"] })).unwrap();
        for (address, admitted) in [
            ("192.0.2.7", true),
            ("192.0.2.8", false),
            ("::ffff:192.0.2.7", true),
            ("198.51.100.200", true),
            ("2001:db8:1::1", true),
            ("2001:db9::1", false),
        ] {
            assert_eq!(bounds.admit_address(address.parse().unwrap()), admitted, "{address}");
        }
        let written = serde_json::to_value(&bounds).unwrap();
        assert_eq!(written, json!({ "addresses": ["192.0.2.7/32", "198.51.100.0/24", "2001:db8::/32"] }));
        assert!(serde_json::from_value::<Bounds>(json!({ "addresses": ["here"] })).is_err());
        assert!(serde_json::from_value::<Bounds>(json!({ "acounts": [] })).is_err());
    }

    #[test]
    fn what_acts_for_others_is_bound_to_addresses_alone() {
        let one = AccountNumber::generated(1);
        let per_day = vec![DailyTotal { currency: Currency::krw(), amount: Amount::new(1).unwrap() }];
        for (bounds, name, unfit) in [
            (
                Bounds { accounts: vec![one], ..Bounds::default() },
                "accounts",
                &["hold", "counter", "audit", "admin_read", "admin"][..],
            ),
            (
                Bounds { payees: vec![one], ..Bounds::default() },
                "payees",
                &["hold", "counter", "audit", "admin_read", "admin"],
            ),
            (
                Bounds { per_day, ..Bounds::default() },
                "per_day",
                &["hold", "schedule", "counter", "audit", "admin_read", "admin"],
            ),
            (Bounds { addresses: vec!["::/0".parse().unwrap()], ..Bounds::default() }, "addresses", &[]),
        ] {
            for scope in Scope::ALL {
                let expected = unfit.contains(&scope.name()).then_some(name);
                assert_eq!(bounds.unfit_for(scope), expected, "{name} {scope:?}");
            }
        }
    }
}
