//! The tables that flows read and write, each behind a narrow interface of its own. None of them has an effect outside.

use smallvec::smallvec;

use super::appender::{Appender, Draft};
use super::due::{Due, DueList};
use super::flights::Request;
use super::open_holds::{OpenHold, OpenHolds};
use super::opening::Numbers;
use super::referred::{LastWord, Referred};
use super::registry::{CurrencyIndex, Registry};
use super::seats::Seats;
use super::verifying::ToVerify;
use crate::account::SeatIndex;
use crate::command::{EarlyChecks, HoldRoom, Linked, Step};
use crate::ledger::{
    AccountId, Amended, Amount, Balance, Body, BusinessDate, Drawn, HoldEnd, HoldId, Link, Links, Position,
    PostingKind, Refusal, Terms, Timestamp,
};

/// What flows share.
pub(super) struct Tables {
    /// The time to go by when the input being handled arrived: what the clock read, where that is believed.
    pub(super) now: Timestamp,
    pub(super) seats: Seats,
    pub(super) registry: Registry,
    pub(super) appender: Appender,
    pub(super) open_holds: OpenHolds,
    /// How many holds may be open.
    pub(super) max_open_holds: usize,
    pub(super) referred: Referred,
    pub(super) due: DueList,
    pub(super) numbers: Numbers,
    pub(super) to_verify: ToVerify,
}

/// The legs of a movement, tied to their accounts' histories.
pub(super) struct Tied {
    pub(super) from: AccountId,
    pub(super) to: AccountId,
    pub(super) fees: AccountId,
    pub(super) links: Links,
}

impl Tables {
    /// The time by which things fall due: the clock's, but never before that of the last record.
    ///
    /// What a record says happened because it was due stays due, also when the clock is set back.
    pub(super) fn schedule_time(&self) -> Timestamp {
        self.now.max(self.appender.last_recorded_at())
    }

    /// The business date of the clock.
    pub(super) fn today(&mut self) -> BusinessDate {
        self.registry.day.date_of(self.now)
    }

    /// The terms of a movement between two active accounts; `None` when one is not.
    pub(super) fn terms(&mut self, kind: PostingKind, from: SeatIndex, to: SeatIndex, amount: Amount) -> Option<Terms> {
        let date = self.today();
        let receiver = self.seats.active(to)?;
        let sender = self.seats.active(from)?;
        Some(self.registry.terms(kind, sender, (receiver.owner, receiver.kind), amount, date))
    }

    /// Makes sure that the fee account can take every fee that is under way: its credit cannot be refused later.
    pub(super) fn reserve_fee(&mut self, index: CurrencyIndex, fee: Amount) -> Result<(), Refusal> {
        let Some(entry) = self.registry.currency(index) else { return Ok(()) };
        let refusal = Refusal::CurrencyLimit { currency: entry.currency };
        let Some(under_way) = entry.fees_under_way.checked_add(fee) else { return Err(refusal) };
        let coming = under_way.checked_add(entry.fees_held);
        let room = self.seats.active(entry.fees).zip(coming).and_then(|(fees, coming)| fees.balance.credit(coming));
        if room.is_none() {
            return Err(refusal);
        }
        if let Some(entry) = self.registry.currency_mut(index) {
            entry.fees_under_way = under_way;
        }
        Ok(())
    }

    /// Gives up room that was kept for a fee.
    pub(super) fn unreserve_fee(&mut self, currency: Option<CurrencyIndex>, fee: Amount) {
        if let Some(entry) = currency.and_then(|currency| self.registry.currency_mut(currency)) {
            entry.fees_under_way = entry.fees_under_way.saturating_sub(fee);
        }
    }

    /// The currency of the account at a seat.
    pub(super) fn currency_of(&self, seat: SeatIndex) -> Option<CurrencyIndex> {
        self.seats.active(seat).map(|occupant| occupant.currency)
    }

    /// Makes the next record the account's last, with the balance that it leads to: what the leg's link has to say.
    pub(super) fn tie(
        &mut self,
        index: SeatIndex,
        after: impl FnOnce(Balance) -> Option<Balance>,
    ) -> Option<(AccountId, Link)> {
        let position = self.appender.next();
        let occupant = self.seats.active_mut(index)?;
        let link = Link { previous: occupant.last, balance: after(occupant.balance)? };
        (occupant.last, occupant.balance, occupant.version) =
            (position, link.balance, occupant.version.saturating_add(1));
        Some((occupant.id, link))
    }

    /// Gives each leg of a draw the account's previous position and its balance after it, in journal order.
    pub(super) fn tie_draw(&mut self, from: SeatIndex, to: SeatIndex, drawn: &Drawn) -> Option<Tied> {
        let taken = drawn.amount.checked_add(drawn.fee)?;
        let (sender, debit) = self.tie(from, |balance| balance.debit(taken))?;
        let (receiver, credit) = self.tie(to, |balance| balance.credit(drawn.amount))?;
        let mut tied = Tied { from: sender, to: receiver, fees: AccountId::new(0), links: smallvec![debit, credit] };
        if !drawn.fee.is_zero() || !drawn.fee_released.is_zero() {
            let fees = self.registry.currency(self.currency_of(to)?)?.fees;
            let (account, link) = self.tie(fees, |balance| balance.credit(drawn.fee))?;
            tied.fees = account;
            tied.links.push(link);
        }
        Some(tied)
    }

    /// Queues the record of a command, which counts for `date`.
    pub(super) fn push(&mut self, request: &Request, date: BusinessDate, body: Body, links: Links) {
        let Request { decided_at, content, .. } = *request;
        let draft = Draft { decided_at, date, id: request.command.id(), content, body, links };
        self.appender.push(self.now, draft);
    }

    /// Queues the record of a command that moved no money, for today.
    pub(super) fn append(&mut self, request: &Request, body: Body, links: Links) -> Position {
        let date = self.today();
        self.push(request, date, body, links);
        self.appender.end()
    }

    /// The checks that need no account.
    pub(super) fn early_checks(&self) -> EarlyChecks {
        EarlyChecks { now: self.schedule_time(), hold_room: self.hold_room() }
    }

    /// What can be said of the holds among linked steps before any account is asked, and of which step. Returns how many there
    /// are.
    pub(super) fn check_linked_holds(&self, linked: &Linked) -> Result<usize, (usize, Refusal)> {
        let (checks, mut count) = (self.early_checks(), 0usize);
        for (number, step) in linked.steps.iter().enumerate() {
            if let Step::Hold { expires_at, .. } = step {
                checks.hold(*expires_at, count).map_err(|refusal| (number, refusal))?;
                count = count.saturating_add(1);
            }
        }
        Ok(count)
    }

    /// How many more holds may be placed.
    pub(super) fn hold_room(&self) -> HoldRoom {
        let left = self.max_open_holds.saturating_sub(self.open_holds.taken());
        HoldRoom { left, most: u32::try_from(self.max_open_holds).unwrap_or(u32::MAX) }
    }

    /// Opens a hold that is recorded, and sees to it that it ends in time.
    pub(super) fn open_hold(&mut self, id: HoldId, hold: OpenHold) {
        if let Some(expires_at) = hold.expires_at {
            self.due.add(expires_at, Due::HoldExpiry(id));
        }
        self.open_holds.insert(id, hold);
    }

    /// Gives a hold another end, or a larger amount.
    pub(super) fn hold_amended(&mut self, id: HoldId, amended: &Amended) {
        let Some(before) = self.open_holds.get(id).copied() else { return };
        let expires_at = amended.expires_at;
        let open = OpenHold { expires_at, amount: before.amount.saturating_add(amended.raised), ..before };
        if before.expires_at == expires_at {
            self.open_holds.insert(id, open);
            return;
        }
        if before.expires_at.is_some() {
            self.due.give_up();
        }
        self.open_hold(id, open);
    }

    /// Closes a hold that the record at `position` ended. Returns what it was.
    pub(super) fn close_hold(&mut self, hold: HoldId, end: HoldEnd, position: Position) -> Option<OpenHold> {
        let open = self.open_holds.remove(hold);
        if open.is_some_and(|open| open.expires_at.is_some()) {
            self.due.give_up();
        }
        self.referred.note(hold.key(), LastWord { position, end: Some(end) });
        open
    }

    /// Whether that is when the hold is over.
    pub(super) fn hold_waits_for(&self, hold: HoldId, at: Timestamp) -> bool {
        self.open_holds.get(hold).is_some_and(|open| open.expires_at == Some(at))
    }

    /// One more leg of an account is under way.
    pub(super) fn begin_leg(&mut self, seat: SeatIndex) {
        if let Some(seat) = self.seats.get_mut(seat) {
            seat.legs = seat.legs.saturating_add(1);
            seat.recently_used = true;
        }
    }
}
