//! What can be asked of movements, and how it is written in a query string.

use std::collections::BTreeMap;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use jangbu::{AccountNumber, Amount, Currency, Direction, HoldId, When};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::{Error as Unknown, StrDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer};
use utoipa::{IntoParams, ToSchema};

use crate::server::http::{Cursor, Form, Problem, Typed, query};
use crate::server::members::MemberId;
use crate::server::service::Service;
use crate::server::shapes::{DayOrMoment, Texts, TransferKind, TransferStatus};

/// As many kinds can be asked for at once: there are no more.
const MOST_KINDS: usize = 8;

/// In which order to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Sequence {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// The largest amount first, in minor units of whatever currency.
    Largest,
    /// The smallest amount first, in minor units of whatever currency.
    Smallest,
}

/// Which way money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Way {
    /// To the account or member that is listed.
    In,
    /// From the account or member that is listed.
    Out,
}

impl Way {
    pub(super) const fn of_bank(self) -> Direction {
        match self {
            Way::In => Direction::In,
            Way::Out => Direction::Out,
        }
    }
}

/// Which movements to list: those that fit everything that is given.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::server::routes) struct Listed {
    /// A transfer's id, the number of an account that sent or received, or a text as in `text`.
    #[param(max_length = 140)]
    pub(super) q: Option<String>,
    /// Sent or received by this account: one's own, for staff anybody's.
    #[param(value_type = Option<String>)]
    pub(super) account: Option<Typed>,
    /// Sent or received by this member, for staff.
    #[param(value_type = Option<String>, format = Uuid)]
    pub(in crate::server::routes) member: Option<MemberId>,
    /// Standing so. Refused ones are found only when they are asked for.
    #[param(inline)]
    pub(super) status: Option<TransferStatus>,
    /// Of this kind, or of one of several: `deposit,withdrawal`.
    #[serde(default, deserialize_with = "several")]
    #[param(value_type = Option<String>, example = "deposit,withdrawal")]
    pub(super) kind: Vec<TransferKind>,
    /// Coming in or going out, as seen from the account or member that is listed.
    #[param(inline)]
    pub(super) direction: Option<Way>,
    /// Of this hold: its settlements and its release; or the verified transfer of this id.
    #[param(value_type = Option<String>)]
    pub(super) hold: Option<HoldId>,
    /// The first day (`2026-11-22`, in the bank's time zone), or moment (RFC 3339). A verified transfer counts when it ended.
    #[param(value_type = Option<DayOrMoment>)]
    pub(super) from: Option<When>,
    /// The last day, or the first moment that is out; `9999-12-31` for no end.
    #[param(value_type = Option<DayOrMoment>)]
    pub(super) to: Option<When>,
    /// Of at least so many minor units.
    #[param(value_type = Option<u64>)]
    pub(super) least: Option<Amount>,
    /// Of at most so many minor units.
    #[param(value_type = Option<u64>)]
    pub(super) most: Option<Amount>,
    /// In this currency, such as `KRW`. `least` and `most` are in its minor units then.
    #[param(value_type = Option<String>)]
    pub(super) currency: Option<Currency>,
    /// With this text in a label, in the reference, in the end-to-end id or in a reason that the caller may see, in upper or
    /// lower case, composed or not.
    #[param(max_length = 140)]
    pub(super) text: Option<String>,
    /// With these pairs among the metadata that the caller may see: `metadata[order]=4711`.
    #[serde(default)]
    #[param(value_type = Option<BTreeMap<String, String>>, style = DeepObject, explode)]
    pub(super) metadata: BTreeMap<String, String>,
    /// In which order; the newest first if not given. By amount, what fits has to be at most 100,000 movements.
    #[param(inline)]
    pub(super) order: Option<Sequence>,
    /// `next` or `previous` of another page.
    #[param(value_type = Option<String>)]
    pub(super) cursor: Option<Cursor>,
    /// How many, 1 to 200; 50 if not given. Linked movements stay together, so that there can be up to 63 more.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<u32>,
    /// `json` for a page, `csv` or `xlsx` for everything as a file; else the header `Accept` decides.
    #[param(inline)]
    pub(super) format: Option<Form>,
    /// Whether a CSV file begins with a byte order mark, by which spreadsheet programs know that it is UTF-8; true if not given.
    pub(super) bom: Option<bool>,
}

impl Listed {
    /// Finds out which account is meant by the number that was typed. Before anything else: who may read it depends on that.
    ///
    /// # Errors
    /// As the bank's.
    pub(in crate::server::routes) async fn find_account(
        &mut self,
        service: &Service,
    ) -> Result<Option<AccountNumber>, Problem> {
        let Some(Typed(typed)) = &mut self.account else { return Ok(None) };
        *typed = service.meant(*typed).await?;
        Ok(Some(*typed))
    }
}

/// Reads names with commas between them.
fn several<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let each = text.split(',').map(|name| {
        let name: StrDeserializer<'_, Unknown> = name.into_deserializer();
        T::deserialize(name).map_err(D::Error::custom)
    });
    let found: Vec<T> = each.collect::<Result<_, _>>()?;
    if found.len() > MOST_KINDS { Err(D::Error::custom("there are not so many")) } else { Ok(found) }
}

impl FromRequest for Listed {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(read(request.query_string()))
    }
}

fn read(text: &str) -> Result<Listed, Problem> {
    let mut metadata = BTreeMap::new();
    let mut rest = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        match name.strip_prefix("metadata[").and_then(|name| name.strip_suffix(']')) {
            None => drop(rest.append_pair(&name, &value)),
            Some(key) => {
                if metadata.insert(key.to_owned(), value.into_owned()).is_some() {
                    return Err(Problem::invalid_field(name, "repeated", "it is there twice"));
                }
            }
        }
    }
    // What no movement can have is a mistake, and what is the service's own is not to be found out.
    Texts { metadata: Some(&metadata), ..Texts::default() }.details()?;
    let listed: Listed = query(&rest.finish())?;
    if !listed.metadata.is_empty() {
        return Err(Problem::invalid_field("metadata", "invalid", "write metadata[key]=value"));
    }
    Ok(Listed { metadata, ..listed })
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
        assert_eq!(listed.direction, Some(Way::In));
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
