//! Commands about what accounts share: types, owners, currencies. They are decided at once.

use super::effects::Effects;
use super::flights::{Flow, Request};
use super::next::{Next, Rest};
use super::opening::add_currency;
use super::tables::Tables;
use crate::command::Command;
use crate::ledger::{AccountType, Body, Currency, Links, OwnerId, Refusal, TypeCode};

/// Decides what needs no account's word.
pub(super) fn decide(request: &mut Request, _: &mut Flow, tables: &mut Tables, effects: &mut Effects) -> Next {
    match &request.command {
        Command::SetType { account_type, .. } => set_type(account_type, request, tables),
        Command::SetOwner { owner, free_transfers_per_day, .. } => {
            set_owner(**owner, *free_transfers_per_day, request, tables)
        }
        Command::AddCurrency { currency, scale, .. } => ask_for_currency(*currency, *scale, request, tables, effects),
        _ => Next::Broken("a command about an account was decided without it"),
    }
}

fn set_type(account_type: &AccountType, request: &Request, tables: &mut Tables) -> Next {
    let (code, currency) = (account_type.code, account_type.currency);
    let current = tables.registry.type_of(&code);
    if code == TypeCode::basic() || current.is_some_and(|now| now.currency != currency) {
        return Next::refused(Refusal::TypeFixed { code });
    }
    if let Some(currency) = currency
        && currency.iso_scale().is_none()
        && tables.registry.currency_index(currency).is_none()
    {
        return Next::refused(Refusal::CurrencyUnknown { currency });
    }
    if current.is_none() && !tables.registry.has_room_for_types() {
        return Next::refused(Refusal::TooMany { most: u32::from(u16::MAX) });
    }
    tables.registry.set_type(account_type.clone());
    tables.append(request, Body::TypeSet(Box::new(account_type.clone())), Links::new());
    Next::Landed(Rest::Nothing)
}

fn set_owner(owner: OwnerId, free_transfers_per_day: u32, request: &Request, tables: &mut Tables) -> Next {
    if let Some(index) = tables.registry.set_owner(owner, free_transfers_per_day) {
        for occupant in tables.seats.all_active_mut().filter(|occupant| occupant.owner == index) {
            occupant.free_transfers_per_day = free_transfers_per_day;
        }
    }
    tables.append(request, Body::OwnerSet { owner, free_transfers_per_day }, Links::new());
    Next::Landed(Rest::Nothing)
}

fn ask_for_currency(
    currency: Currency,
    scale: u8,
    request: &Request,
    tables: &mut Tables,
    effects: &mut Effects,
) -> Next {
    let existing = tables.registry.currency_index(currency).and_then(|index| tables.registry.currency(index));
    let fixed = existing.map(|entry| entry.scale).or_else(|| currency.iso_scale());
    if existing.is_some() || fixed.is_some_and(|fixed| fixed != scale) {
        let scale = fixed.unwrap_or(scale);
        return Next::refused(Refusal::CurrencyFixed { currency, scale });
    }
    match add_currency(currency, scale, Some(request), tables, effects) {
        Ok(seats) => Next::Landed(Rest::Seats(seats)),
        Err(refusal) => Next::refused(refusal),
    }
}
