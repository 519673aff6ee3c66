//! The filters of movements, and how a query string writes them.

use std::collections::BTreeMap;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use jangbu::{AccountNumber, Amount, Currency, HoldId, queries::Direction, time::When};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::{Error as Unknown, StrDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer};
use utoipa::{IntoParams, ToSchema};

use crate::server::http::{Cursor, ListFormat, Problem, TypedNumber, query};
use crate::server::members::MemberId;
use crate::server::service::Service;
use crate::server::shapes::{DayOrMoment, Texts, TransferKind, TransferStatus};

/// The most kinds in one query: there are no more.
const MOST_KINDS: usize = 8;

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum MovementOrder {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
    /// Largest amount first, in minor units of whatever currency.
    Largest,
    /// Smallest amount first, in minor units of whatever currency.
    Smallest,
}

/// The direction of a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ListDirection {
    /// To the account or member listed.
    In,
    /// From the account or member listed.
    Out,
}

impl ListDirection {
    pub(super) const fn of_bank(self) -> Direction {
        match self {
            ListDirection::In => Direction::In,
            ListDirection::Out => Direction::Out,
        }
    }
}

/// The query of a list of movements: those that match all filters.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::server::routes) struct MovementsQuery {
    /// A transfer id, the number of an account that sent or received, or a text as in `text`.
    #[param(max_length = 140)]
    pub(super) q: Option<String>,
    /// Only movements from or to this account: one of the caller's own; for staff, any account.
    #[param(value_type = Option<String>)]
    pub(super) account: Option<TypedNumber>,
    /// Only movements from or to accounts of this member, for staff.
    #[param(value_type = Option<String>, format = Uuid)]
    pub(in crate::server::routes) member: Option<MemberId>,
    /// Only movements with this status. Refused movements are returned only if requested here.
    #[param(inline)]
    pub(super) status: Option<TransferStatus>,
    /// Only this kind, or one of several: `deposit,withdrawal`.
    #[serde(default, deserialize_with = "several")]
    #[param(value_type = Option<String>, example = "deposit,withdrawal")]
    pub(super) kind: Vec<TransferKind>,
    /// Only incoming or only outgoing movements, as seen from the account or member listed.
    #[param(inline)]
    pub(super) direction: Option<ListDirection>,
    /// Only movements of this hold: its settlements and its release; or the verified transfer with this id.
    #[param(value_type = Option<String>)]
    pub(super) hold: Option<HoldId>,
    /// From this day (`2026-11-22`, in the bank's time zone) or moment (RFC 3339) on. A verified transfer counts at the
    /// time its verification ended.
    #[param(value_type = Option<DayOrMoment>)]
    pub(super) from: Option<When>,
    /// Until the end of this day, or before this moment; `9999-12-31` for no end.
    #[param(value_type = Option<DayOrMoment>)]
    pub(super) to: Option<When>,
    /// The smallest amount, in minor units.
    #[param(value_type = Option<u64>)]
    pub(super) least: Option<Amount>,
    /// The largest amount, in minor units.
    #[param(value_type = Option<u64>)]
    pub(super) most: Option<Amount>,
    /// Only this currency, for example `KRW`. `least` and `most` are in its minor units.
    #[param(value_type = Option<String>)]
    pub(super) currency: Option<Currency>,
    /// Only movements with this text in a label, the reference, the end-to-end id or a reason visible to the caller,
    /// regardless of case and Unicode composition.
    #[param(max_length = 140)]
    pub(super) text: Option<String>,
    /// Only movements with these pairs in the metadata visible to the caller: `metadata[order]=4711`.
    #[serde(default)]
    #[param(value_type = Option<BTreeMap<String, String>>, style = DeepObject, explode)]
    pub(super) metadata: BTreeMap<String, String>,
    /// The order. Default: newest first. Ordering by amount allows at most 100,000 matching movements.
    #[param(inline)]
    pub(super) order: Option<MovementOrder>,
    /// The `next` or `previous` of another page.
    #[param(value_type = Option<String>)]
    pub(super) cursor: Option<Cursor>,
    /// The page size, 1 to 200. Default: 50. Linked movements stay together, so a page can have up to 63 more.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<u32>,
    /// `json` for one page; `csv` or `xlsx` for everything as a file. Default: by the `Accept` header.
    #[param(inline)]
    pub(super) format: Option<ListFormat>,
    /// Whether a CSV file begins with a byte order mark, from which spreadsheet programs recognise UTF-8. Default:
    /// true.
    pub(super) bom: Option<bool>,
}

impl MovementsQuery {
    /// Resolves the account number that was typed. This comes first, because the permission depends on the account.
    ///
    /// # Errors
    /// As the bank's.
    pub(in crate::server::routes) async fn find_account(
        &mut self,
        service: &Service,
    ) -> Result<Option<AccountNumber>, Problem> {
        let Some(TypedNumber(typed)) = &mut self.account else { return Ok(None) };
        *typed = service.resolve_account(*typed).await?;
        Ok(Some(*typed))
    }
}

/// Reads names separated by commas.
fn several<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let each = text.split(',').map(|name| {
        let name: StrDeserializer<'_, Unknown> = name.into_deserializer();
        T::deserialize(name).map_err(D::Error::custom)
    });
    let found: Vec<T> = each.collect::<Result<_, _>>()?;
    if found.len() > MOST_KINDS { Err(D::Error::custom("there are not so many")) } else { Ok(found) }
}

impl FromRequest for MovementsQuery {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(read(request.query_string()))
    }
}

fn read(text: &str) -> Result<MovementsQuery, Problem> {
    let mut metadata = BTreeMap::new();
    let mut rest = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        match name.strip_prefix("metadata[").and_then(|name| name.strip_suffix(']')) {
            None => drop(rest.append_pair(&name, &value)),
            Some(key) => {
                if metadata.insert(key.to_owned(), value.into_owned()).is_some() {
                    return Err(Problem::invalid_field(name, "repeated", "send the parameter once"));
                }
            }
        }
    }
    // A key that no movement can have is an error, and the service's own keys cannot be searched.
    Texts { metadata: Some(&metadata), ..Texts::default() }.details()?;
    let listed: MovementsQuery = query(&rest.finish())?;
    if !listed.metadata.is_empty() {
        return Err(Problem::invalid_field("metadata", "invalid", "write metadata[key]=value"));
    }
    Ok(MovementsQuery { metadata, ..listed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_kinds_and_pairs_of_metadata_are_read() {
        let listed = read("kind=deposit,hold&metadata%5Border%5D=4%267&metadata[a%5Db]=x&direction=in").unwrap();
        assert_eq!(listed.kind, [TransferKind::Deposit, TransferKind::Hold]);
        let pairs: Vec<_> = listed.metadata.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("a]b", "x"), ("order", "4&7")]);
        assert_eq!(listed.direction, Some(ListDirection::In));
        for (wrong, field) in [
            ("kind=deposit,", "kind"),
            ("kind=nothing", "kind"),
            ("metadata=x", "metadata"),
            ("metadata[a]=1&metadata[a]=1", "metadata[a]"),
            ("metadata[jangbu.placed_by]=me", "metadata.jangbu.placed_by"),
            ("direction=up", "direction"),
            ("hold=none", "hold"),
            ("order=best", "order"),
        ] {
            let problem = read(wrong).unwrap_err().to_value();
            assert_eq!((&problem["status"], &problem["errors"][0]["field"]), (&400.into(), &field.into()), "{wrong}");
        }
        assert!(read("nothing=1").is_err());
    }
}
