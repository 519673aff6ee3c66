//! Accounts, types, currencies and application records of the naive bank.

use jangbu_actors::command::OpenAccount;
use jangbu_actors::ledger::{
    AccountNumber, AccountType, Change, Currency, Freeze, LimitException, OwnerId, Position, RecordPut, Refusal,
    TypeCode,
};

use super::{Expected, Holder, Model, epoch, own};
use crate::support::{amount, balance, units};

impl Model {
    pub(super) fn open(&mut self, open: &OpenAccount) -> Result<Expected, Refusal> {
        let number = open.number.expect("the model generates no numbers");
        if self.accounts.contains_key(&number) {
            return Err(Refusal::AccountExists { number });
        }
        if number.as_str().starts_with("CASH-") || number.as_str().starts_with("FEES-") {
            return Err(Refusal::NumberReserved { number });
        }
        let code = open.kind.unwrap_or_else(TypeCode::basic);
        let of_type = self.types.get(&code).ok_or(Refusal::TypeUnknown { code })?.currency;
        let currency = open.currency.or(of_type).unwrap_or_else(Currency::krw);
        if of_type.is_some() && of_type != Some(currency) {
            return Err(Refusal::TypeCurrency { code, currency });
        }
        if !self.currencies.contains_key(&currency) {
            let scale = currency.iso_scale().ok_or(Refusal::CurrencyUnknown { currency })?;
            self.make_currency(currency, scale);
            self.next_record();
        }
        self.seat(number, open.owner, code, currency, units(open.overdraft), false);
        Ok(Expected::Opened { position: self.position, number })
    }

    fn make_currency(&mut self, currency: Currency, scale: u8) {
        self.currencies.insert(currency, scale);
        self.seat(own("CASH", currency), OwnerId::bank(), TypeCode::basic(), currency, 0, true);
        self.seat(own("FEES", currency), OwnerId::bank(), TypeCode::basic(), currency, 0, true);
    }

    fn seat(
        &mut self,
        number: AccountNumber,
        owner: OwnerId,
        kind: TypeCode,
        currency: Currency,
        overdraft: i128,
        system: bool,
    ) {
        let holder = Holder {
            owner,
            kind,
            currency,
            system,
            posted: 0,
            held: 0,
            pending_in: 0,
            overdraft,
            frozen: Freeze::default(),
            closed: false,
            per_transfer: LimitException::Inherit,
            per_day: LimitException::Inherit,
            date: epoch(),
            sent: 0,
            counted: 0,
            version: 1,
            last: self.position,
        };
        self.accounts.insert(number, holder);
    }

    pub(super) fn change(&mut self, number: AccountNumber, change: Change) -> Result<Expected, Refusal> {
        let holder = self.customer(number)?.clone();
        if holder.closed {
            return Err(Refusal::AccountClosed { number });
        }
        let mut after = holder.clone();
        let parts = match change {
            Change::Several(changes) => changes.parts().collect(),
            one => vec![one],
        };
        for change in parts {
            self.change_part(&holder, &mut after, change)?;
        }
        let answer = self.recorded();
        (after.version, after.last) = (holder.version + 1, self.position);
        let closes = after.closed;
        self.accounts.insert(number, after);
        if closes {
            self.end_schedules_of(number);
        }
        Ok(answer)
    }

    fn change_part(&self, holder: &Holder, after: &mut Holder, change: Change) -> Result<(), Refusal> {
        match change {
            Change::Freeze(frozen) => after.frozen = frozen,
            Change::Close if holder.posted != 0 => return Err(Refusal::NotEmpty { posted: balance(holder.posted) }),
            Change::Close if holder.held > 0 || holder.pending_in > 0 => {
                return Err(Refusal::HoldsOpen { held: amount(holder.held), pending_in: amount(holder.pending_in) });
            }
            Change::Close => after.closed = true,
            Change::Overdraft(overdraft) if holder.posted - holder.held < -units(overdraft) => {
                return Err(Refusal::OverdraftInUse { posted: balance(holder.posted), overdraft });
            }
            Change::Overdraft(overdraft) => after.overdraft = units(overdraft),
            Change::LimitPerTransfer(limit) => after.per_transfer = limit,
            Change::LimitPerDay(limit) => after.per_day = limit,
            Change::Type(code) => {
                let of_type = self.types.get(&code).ok_or(Refusal::TypeUnknown { code })?.currency;
                if of_type.is_some() && of_type != Some(holder.currency) {
                    return Err(Refusal::TypeCurrency { code, currency: holder.currency });
                }
                after.kind = code;
            }
            other => panic!("the model has no {other:?}"),
        }
        Ok(())
    }

    pub(super) fn set_type(&mut self, account_type: &AccountType) -> Result<Expected, Refusal> {
        let code = account_type.code;
        let other_currency = self.types.get(&code).is_some_and(|now| now.currency != account_type.currency);
        if code == TypeCode::basic() || other_currency {
            return Err(Refusal::TypeFixed { code });
        }
        let currency = account_type.currency.unwrap();
        if currency.iso_scale().is_none() && !self.currencies.contains_key(&currency) {
            return Err(Refusal::CurrencyUnknown { currency });
        }
        self.types.insert(code, account_type.clone());
        Ok(self.recorded())
    }

    pub(super) fn add_currency(&mut self, currency: Currency, scale: u8) -> Result<Expected, Refusal> {
        let fixed = self.currencies.get(&currency).copied().or(currency.iso_scale());
        if self.currencies.contains_key(&currency) || fixed.is_some_and(|fixed| fixed != scale) {
            return Err(Refusal::CurrencyFixed { currency, scale: fixed.unwrap() });
        }
        self.make_currency(currency, scale);
        Ok(Expected::Recorded { position: self.position })
    }

    pub(super) fn put(&mut self, puts: &[RecordPut]) -> Result<Expected, Refusal> {
        let version = |put: &RecordPut| self.records.get(&(put.kind.clone(), put.key.clone())).copied().unwrap_or(0);
        for put in puts {
            if put.expected.is_some_and(|expected| expected.get() != version(put)) {
                return Err(Refusal::RecordConflict { found: Position::new(version(put)) });
            }
        }
        let answer = self.recorded();
        for put in puts {
            let key = (put.kind.clone(), put.key.clone());
            match put.value {
                Some(_) => self.records.insert(key, self.position),
                None => self.records.remove(&key),
            };
        }
        Ok(answer)
    }
}
