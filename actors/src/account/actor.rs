//! The actor itself: messages in, answers out.

use std::collections::VecDeque;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};

use actix::{Actor, ActorContext, Handler};

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::watched::{Ring, Told};
use super::{
    Accept, Accepted, AccountContext, Amend, Conclude, Credit, Debit, Decided, Decline, DrawHold, Refund, Reply,
    Retire, Save, SeatIndex, Ticket, Vary,
};
use crate::ledger::{
    Account, Debited, Event, Exposure, Hold, HoldId, Refusal, apply, decide_change, decide_credit, decide_debit,
    decide_hold,
};
use crate::plant::{Bug, is_planted};

/// So many debits that may be undecided are no reason to ask.
const REVIEW_AT_LEAST: u32 = 1024;

/// A debit or a hold that was granted and may still be refunded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Granted {
    pub(super) ticket: Ticket,
    pub(super) debited: Debited,
    /// The hold that it is.
    pub(super) hold: Option<HoldId>,
}

/// Something that undecided debits could make come out otherwise, or that could them.
enum Waiting {
    Debit(Debit),
    Draw(DrawHold),
}

/// The state as it was before a group's first step.
pub(super) struct Saved {
    pub(super) account: Account,
    pub(super) holds: FxHashMap<HoldId, Hold>,
}

/// What a message is handled by.
pub(super) type Handle<M> = fn(&mut AccountActor, M, &mut AccountContext);

/// What few accounts ever have.
#[derive(Default)]
struct Rare {
    /// What waits for undecided debits.
    waiting: VecDeque<Waiting>,
    /// Credits for which there is room or not, as undecided debits are refunded or not. They wait until it is known
    /// which are decided by now, and not until all are: accounts that waited for each other's credits could wait for ever.
    doubtful: Vec<Credit>,
}

/// One active account.
///
/// A message finds the account's memory cold, and each line of the cache that it looks at is one more to be fetched: what a
/// transfer needs stands in six of them.
#[repr(C)]
pub(crate) struct AccountActor {
    pub(super) seat: SeatIndex,
    /// How many undecided debits there may be before the account asks which are decided by now.
    review_at: u32,
    /// The last messages, while somebody watches.
    pub(super) watched: Option<Box<Ring>>,
    /// What a group's steps are taken back to.
    pub(super) saved: Option<Box<Saved>>,
    /// The state with every granted debit applied, undecided ones included.
    pub(super) account: Account,
    /// Once it had any of it.
    rare: Option<Box<Rare>>,
    /// Granted debits that may still be refunded: all that are undecided, and perhaps some that are decided by now. Most
    /// accounts have one at a time.
    pub(super) undecided: SmallVec<[Granted; 1]>,
    /// What those took together.
    pub(super) exposure: Exposure,
    /// The open holds, undecided ones included.
    pub(super) holds: FxHashMap<HoldId, Hold>,
}

impl AccountActor {
    pub(crate) fn new(seat: SeatIndex, account: Account, holds: Vec<Hold>) -> AccountActor {
        let exposure = Exposure::none(&account);
        AccountActor {
            seat,
            review_at: REVIEW_AT_LEAST,
            watched: None,
            saved: None,
            account,
            rare: None,
            undecided: SmallVec::new(),
            exposure,
            holds: holds.into_iter().map(|hold| (hold.id, hold)).collect(),
        }
    }

    /// Asks for the memory that a message needs: looks at a word in each line of the cache or so.
    pub(super) fn look_at(&self, hold: Option<HoldId>) {
        black_box(self.review_at);
        black_box(self.account.version);
        black_box(self.account.open_holds);
        black_box(self.undecided.len());
        black_box(self.exposure.is_none());
        if let Some(hold) = hold {
            black_box(self.holds.get(&hold).map(|hold| (hold.captured, hold.limit_used)));
        }
    }

    /// How many messages wait for what is undecided.
    pub(super) fn waiting(&self) -> usize {
        self.rare.as_ref().map_or(0, |rare| rare.waiting.len().saturating_add(rare.doubtful.len()))
    }

    /// Takes a message: straight on, but for one look whether somebody watches.
    #[inline]
    fn take<M: Told>(&mut self, message: M, context: &mut AccountContext, handle: Handle<M>) {
        self.guarded(context, |account, context| match account.watched {
            None => handle(account, message, context),
            Some(_) => account.handle_watched(message, context, handle),
        });
    }

    /// Runs a handler; actix swallows panics, so they are caught here and stop the bank.
    fn guarded(&mut self, context: &mut AccountContext, handle: impl FnOnce(&mut Self, &mut AccountContext)) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| handle(self, context))) {
            let what = format!("account {} panicked: {}", self.account.number, crate::journal::panic_text(&panic));
            context.answer(Reply::Broken { what });
        }
    }

    /// Decides the debit now, or answers `None` when it has to wait for undecided ones.
    fn try_debit(&mut self, debit: &Debit) -> Option<Result<Debited, Refusal>> {
        let decide = |account: &Account| match debit.hold {
            Some(_) => decide_hold(account, &debit.terms),
            None => decide_debit(account, &debit.terms),
        };
        let decision = decide(&self.account);
        if self.undecided.is_empty() {
            return Some(decision);
        }
        if !self.exposure.is_day_certain(&self.account, debit.terms.date) {
            return None;
        }
        // With less money, more used of the limits and fewer free transfers left than there would be after any refund,
        // a debit without a fee is granted; then it is in every case.
        if matches!(&decision, Ok(debited) if debited.fee.is_zero() && debited.amount == debit.terms.amount) {
            return Some(decision);
        }
        let refunded = self.exposure.refunded(&self.account);
        refunded.is_some_and(|account| decide(&account) == decision).then_some(decision)
    }

    /// Forgets every undecided debit: all of them are decided.
    pub(super) fn all_decided(&mut self) {
        self.undecided.clear();
        self.exposure = Exposure::none(&self.account);
        self.review_at = REVIEW_AT_LEAST;
    }

    /// Which debits may still be undecided.
    fn tickets(&self) -> Vec<Ticket> {
        self.undecided.iter().map(|granted| granted.ticket).collect()
    }

    fn debit(&mut self, debit: Debit, context: &mut AccountContext) {
        if debit.all_decided {
            self.all_decided();
        }
        if !self.has_waiting()
            && let Some(decision) = self.try_debit(&debit)
        {
            self.answer_debit(&debit, decision, context);
            return;
        }
        self.wait(Waiting::Debit(debit), context);
    }

    fn wait(&mut self, waiting: Waiting, context: &mut AccountContext) {
        if !self.has_waiting() {
            context.answer(Reply::Waiting { seat: self.seat, undecided: self.tickets() });
        }
        self.rare().waiting.push_back(waiting);
    }

    fn has_waiting(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| !rare.waiting.is_empty())
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    fn draw(&mut self, draw: DrawHold, context: &mut AccountContext) {
        if draw.all_decided {
            self.all_decided();
        }
        match self.try_draw(&draw, context) {
            // What came back may be what a waiting debit needs.
            Some(()) => self.resume(context),
            None => self.wait(Waiting::Draw(draw), context),
        }
    }

    fn answer_debit(&mut self, debit: &Debit, decision: Result<Debited, Refusal>, context: &mut AccountContext) {
        let ticket = debit.ticket;
        let debited = match decision {
            Ok(debited) => debited,
            Err(refusal) => {
                let refusal = Box::new(refusal);
                return context.answer(Reply::Refused { ticket, step: Decline::Debit, refusal });
            }
        };
        let event = if debit.hold.is_some() { Event::Held(debited) } else { Event::Debited(debited) };
        if let Err(fault) = apply(&mut self.account, event) {
            return context.answer(Reply::Broken { what: fault.to_string() });
        }
        let hold = debit.hold.as_ref().map(|terms| terms.id);
        if let Some(terms) = &debit.hold {
            self.holds.insert(terms.id, Hold::placed(terms, &debited));
        }
        self.undecided.push(Granted { ticket, debited, hold });
        self.exposure.add(&debited, hold.is_some());
        context.answer(Reply::Debited { ticket, debited });
        if self.undecided.len() >= self.review_at as usize {
            // A sender that is never idle: without a review the list would grow for ever.
            self.review_at = self.review_at.saturating_mul(2);
            context.answer(Reply::Review { seat: self.seat, undecided: self.tickets() });
        }
    }

    /// Forgets undecided debits that are decided.
    fn forget(&mut self, decided: &FxHashSet<Ticket>) {
        let exposure = &mut self.exposure;
        self.undecided.retain(|granted| {
            let keep = !decided.contains(&granted.ticket);
            if !keep {
                exposure.settle(&granted.debited, granted.hold.is_some());
            }
            keep
        });
        self.review_at = u32::try_from(self.undecided.len()).unwrap_or(u32::MAX).saturating_mul(2).max(REVIEW_AT_LEAST);
    }

    /// Tries what waits again, in order, after something was decided.
    fn resume(&mut self, context: &mut AccountContext) {
        if !self.has_waiting() {
            return;
        }
        while let Some(waiting) = self.rare().waiting.pop_front() {
            let done = match &waiting {
                Waiting::Debit(debit) => {
                    self.try_debit(debit).map(|decision| self.answer_debit(debit, decision, context))
                }
                Waiting::Draw(draw) => self.try_draw(draw, context),
            };
            if done.is_none() {
                return self.rare().waiting.push_front(waiting);
            }
        }
        context.answer(Reply::Resumed { seat: self.seat });
    }

    fn credit(&mut self, credit: Credit, context: &mut AccountContext) {
        if self.saved.is_some() {
            // In a group, what the steps before took is decided for this one.
            self.all_decided();
        }
        let amount = credit.amount;
        let decision = decide_credit(&self.account, amount);
        let open = matches!(decision, Ok(()) | Err(Refusal::BalanceLimit { .. } | Refusal::CurrencyLimit { .. }));
        if !self.undecided.is_empty() && open && !self.exposure.is_room_certain(&self.account, amount) {
            self.rare().doubtful.push(credit);
            return context.answer(Reply::Review { seat: self.seat, undecided: self.tickets() });
        }
        self.answer_credit(&credit, decision, context);
    }

    fn answer_credit(&mut self, credit: &Credit, decision: Result<(), Refusal>, context: &mut AccountContext) {
        let Credit { ticket, amount, expected } = *credit;
        let event = if expected { Event::Expected(amount) } else { Event::Credited(amount) };
        match decision {
            Ok(()) => match apply(&mut self.account, event) {
                Ok(()) if is_planted(Bug::DoubleCredit) && apply(&mut self.account, event).is_err() => {}
                Ok(()) => context.answer(Reply::Credited { ticket }),
                Err(fault) => context.answer(Reply::Broken { what: fault.to_string() }),
            },
            Err(refusal) => {
                let refusal = Box::new(refusal);
                context.answer(Reply::Refused { ticket, step: Decline::Credit, refusal });
            }
        }
    }

    /// Decides the credits in doubt as if every debit that is undecided even now were refunded: there must be room for
    /// the refunds, which are never refused.
    fn settle_doubtful(&mut self, context: &mut AccountContext) {
        let Some(rare) = &mut self.rare else { return };
        for credit in std::mem::take(&mut rare.doubtful) {
            match self.exposure.refunded(&self.account) {
                Some(refunded) => self.answer_credit(&credit, decide_credit(&refunded, credit.amount), context),
                None => {
                    let what = format!("account {}: no room for its refunds", self.account.number);
                    context.answer(Reply::Broken { what });
                }
            }
        }
    }

    fn refund(&mut self, ticket: Ticket, context: &mut AccountContext) {
        if is_planted(Bug::LostRefund) {
            return;
        }
        let found = self.undecided.iter().position(|granted| granted.ticket == ticket);
        let refunded = found.map(|at| self.undecided.swap_remove(at)).and_then(|granted| {
            if let Some(hold) = granted.hold {
                self.holds.remove(&hold);
            }
            let others = self.undecided.iter().map(|other| &other.debited);
            self.exposure.refund(&mut self.account, &granted.debited, granted.hold.is_some(), others)
        });
        if refunded.is_none() {
            let what = format!("account {}: a refund for a debit that it does not have", self.account.number);
            return context.answer(Reply::Broken { what });
        }
        self.resume(context);
    }

    fn vary(&mut self, Vary { ticket, change, objection }: Vary, context: &mut AccountContext) {
        // Nothing of this account is in flight: what was granted has been decided.
        self.all_decided();
        let decision = decide_change(&self.account, &change).map_err(Box::new);
        if let Err(refusal) = decision.and_then(|()| objection.map_or(Ok(()), Err)) {
            return context.answer(Reply::Refused { ticket, step: Decline::Change, refusal });
        }
        match apply(&mut self.account, Event::Changed(&change)) {
            Ok(()) => context.answer(Reply::Changed { ticket }),
            Err(fault) => context.answer(Reply::Broken { what: fault.to_string() }),
        }
    }
}

impl Actor for AccountActor {
    type Context = AccountContext;
}

impl Handler<Debit> for AccountActor {
    type Result = ();
    fn handle(&mut self, debit: Debit, context: &mut AccountContext) {
        context.meters.count_debit_message();
        self.take(debit, context, AccountActor::debit);
    }
}

impl Handler<Credit> for AccountActor {
    type Result = ();
    fn handle(&mut self, credit: Credit, context: &mut AccountContext) {
        context.meters.count_credit_message();
        self.take(credit, context, AccountActor::credit);
    }
}

impl Handler<Accept> for AccountActor {
    type Result = ();
    fn handle(&mut self, accept: Accept, context: &mut AccountContext) {
        self.take(accept, context, |account, Accept { event }, context| {
            let event = match event {
                Accepted::Credited(amount) => Event::Credited(amount),
                Accepted::Expected(amount) => Event::Expected(amount),
                Accepted::Brought { amount, released } => Event::Brought { amount, released },
            };
            if let Err(fault) = apply(&mut account.account, event) {
                context.answer(Reply::Broken { what: fault.to_string() });
            }
        });
    }
}

impl Handler<DrawHold> for AccountActor {
    type Result = ();
    fn handle(&mut self, draw: DrawHold, context: &mut AccountContext) {
        self.take(draw, context, AccountActor::draw);
    }
}

impl Handler<Amend> for AccountActor {
    type Result = ();
    fn handle(&mut self, amend: Amend, context: &mut AccountContext) {
        self.take(amend, context, |account, amend, context| account.amend(&amend, context));
    }
}

impl Handler<Save> for AccountActor {
    type Result = ();
    fn handle(&mut self, save: Save, context: &mut AccountContext) {
        self.take(save, context, |account, Save, _| account.save());
    }
}

impl Handler<Conclude> for AccountActor {
    type Result = ();
    fn handle(&mut self, conclude: Conclude, context: &mut AccountContext) {
        self.take(conclude, context, |account, Conclude { keep }, context| account.conclude(keep, context));
    }
}

impl Handler<Refund> for AccountActor {
    type Result = ();
    fn handle(&mut self, refund: Refund, context: &mut AccountContext) {
        self.take(refund, context, |account, Refund { ticket }, context| account.refund(ticket, context));
    }
}

impl Handler<Decided> for AccountActor {
    type Result = ();
    fn handle(&mut self, decided: Decided, context: &mut AccountContext) {
        self.take(decided, context, |account, Decided { tickets }, context| {
            account.forget(&tickets);
            account.settle_doubtful(context);
            account.resume(context);
        });
    }
}

impl Handler<Vary> for AccountActor {
    type Result = ();
    fn handle(&mut self, vary: Vary, context: &mut AccountContext) {
        self.take(vary, context, AccountActor::vary);
    }
}

impl Handler<Retire> for AccountActor {
    type Result = ();
    fn handle(&mut self, _: Retire, context: &mut AccountContext) {
        let account = Box::new(self.account.clone());
        context.answer(Reply::Retired { seat: self.seat, account });
        context.stop();
    }
}
