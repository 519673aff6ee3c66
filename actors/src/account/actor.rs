//! The actor itself: messages in, answers out.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use actix::{Actor, ActorContext, Context, Handler};

use super::{Credit, CreditFee, Debit, Decided, Decline, Outbox, Refund, Reply, Retire, SeatIndex, Ticket, Vary};
use crate::ledger::{
    Account, Debited, Event, Exposure, Refusal, apply, decide_change, decide_credit, decide_debit, refund,
};
use crate::meters::WorkerMeters;
use rustc_hash::FxHashSet;

/// So many debits that may be undecided are no reason to ask.
const REVIEW_AT_LEAST: usize = 1024;

/// One active account.
pub(crate) struct AccountActor {
    seat: SeatIndex,
    /// The state with every granted debit applied, undecided ones included.
    account: Account,
    /// Granted debits that may still be refunded: all that are undecided, and perhaps some that are decided by now.
    undecided: Vec<(Ticket, Debited)>,
    /// What those took together.
    exposure: Exposure,
    /// How many of them there may be before the account asks which are decided by now.
    review_at: usize,
    /// Debits that wait for undecided ones.
    waiting: VecDeque<Debit>,
    outbox: Outbox,
    meters: std::sync::Arc<WorkerMeters>,
}

impl AccountActor {
    pub(crate) fn new(
        seat: SeatIndex,
        account: Account,
        outbox: Outbox,
        meters: std::sync::Arc<WorkerMeters>,
    ) -> AccountActor {
        AccountActor {
            seat,
            account,
            undecided: Vec::new(),
            exposure: Exposure::default(),
            review_at: REVIEW_AT_LEAST,
            waiting: VecDeque::new(),
            outbox,
            meters,
        }
    }

    /// Runs a handler; actix swallows panics, so they are caught here and stop the bank.
    fn guarded(&mut self, handle: impl FnOnce(&mut Self)) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| handle(self))) {
            let what = format!("account {} panicked: {}", self.account.number, crate::fuse::panic_text(&panic));
            self.outbox.push(Reply::Broken { what });
        }
    }

    /// Decides the debit now, or answers `None` when it has to wait for undecided ones.
    fn try_debit(&mut self, debit: &Debit) -> Option<Result<Debited, Refusal>> {
        let decision = decide_debit(&self.account, &debit.terms);
        // With less money, more used of the limits and fewer free transfers left than there would be after any refund,
        // a debit without a fee is granted; then it is in every case.
        let certain = self.undecided.is_empty() || matches!(&decision, Ok(debited) if debited.fee.is_zero());
        if certain {
            return Some(decision);
        }
        let refunded = self.exposure.refunded(&self.account);
        refunded.is_some_and(|account| decide_debit(&account, &debit.terms) == decision).then_some(decision)
    }

    /// Forgets every undecided debit: all of them are decided.
    fn all_decided(&mut self) {
        self.undecided.clear();
        self.exposure = Exposure::default();
        self.review_at = REVIEW_AT_LEAST;
    }

    /// Which debits may still be undecided.
    fn tickets(&self) -> Vec<Ticket> {
        self.undecided.iter().map(|(ticket, _)| *ticket).collect()
    }

    fn debit(&mut self, debit: Debit) {
        if debit.all_decided {
            self.all_decided();
        }
        if self.waiting.is_empty()
            && let Some(decision) = self.try_debit(&debit)
        {
            self.answer_debit(&debit, decision);
            return;
        }
        if self.waiting.is_empty() {
            self.outbox.push(Reply::Waiting { seat: self.seat, undecided: self.tickets() });
        }
        self.waiting.push_back(debit);
    }

    fn answer_debit(&mut self, debit: &Debit, decision: Result<Debited, Refusal>) {
        let ticket = debit.ticket;
        let debited = match decision {
            Ok(debited) => debited,
            Err(refusal) => {
                let refusal = Box::new(refusal);
                return self.outbox.push(Reply::Refused { ticket, step: Decline::Debit, refusal });
            }
        };
        if let Err(fault) = apply(&mut self.account, Event::Debited(debited)) {
            return self.outbox.push(Reply::Broken { what: fault.to_string() });
        }
        self.undecided.push((ticket, debited));
        self.exposure.add(&debited);
        self.outbox.push(Reply::Debited { ticket, debited });
        if self.undecided.len() >= self.review_at {
            // A sender that is never idle: without a review the list would grow for ever.
            self.review_at = self.review_at.saturating_mul(2);
            self.outbox.push(Reply::Review { seat: self.seat, undecided: self.tickets() });
        }
    }

    /// Forgets undecided debits that are decided.
    fn forget(&mut self, decided: &FxHashSet<Ticket>) {
        let exposure = &mut self.exposure;
        self.undecided.retain(|(ticket, debited)| {
            let keep = !decided.contains(ticket);
            if !keep {
                exposure.remove(debited);
            }
            keep
        });
        self.review_at = self.undecided.len().saturating_mul(2).max(REVIEW_AT_LEAST);
    }

    /// Tries the waiting debits again, in order, after something was decided.
    fn resume(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        while let Some(debit) = self.waiting.pop_front() {
            match self.try_debit(&debit) {
                Some(decision) => self.answer_debit(&debit, decision),
                None => return self.waiting.push_front(debit),
            }
        }
        self.outbox.push(Reply::Resumed { seat: self.seat });
    }

    fn credit(&mut self, ticket: Ticket, amount: crate::ledger::Amount) {
        let decision = decide_credit(&self.account, amount);
        match decision {
            Ok(()) => match apply(&mut self.account, Event::Credited(amount)) {
                Ok(()) => self.outbox.push(Reply::Credited { ticket }),
                Err(fault) => self.outbox.push(Reply::Broken { what: fault.to_string() }),
            },
            Err(refusal) => {
                let refusal = Box::new(refusal);
                self.outbox.push(Reply::Refused { ticket, step: Decline::Credit, refusal });
            }
        }
    }

    fn refund(&mut self, ticket: Ticket) {
        let found = self.undecided.iter().position(|(undecided, _)| *undecided == ticket);
        let refunded = found.map(|at| self.undecided.swap_remove(at)).and_then(|(_, debited)| {
            self.exposure.remove(&debited);
            refund(&mut self.account, &debited)
        });
        if refunded.is_none() {
            let what = format!("account {}: a refund for a debit that it does not have", self.account.number);
            return self.outbox.push(Reply::Broken { what });
        }
        self.resume();
    }

    fn vary(&mut self, Vary { ticket, change, objection }: Vary) {
        // Nothing of this account is in flight: what was granted has been decided.
        self.all_decided();
        let decision = decide_change(&self.account, &change).map_err(Box::new);
        if let Err(refusal) = decision.and_then(|()| objection.map_or(Ok(()), Err)) {
            return self.outbox.push(Reply::Refused { ticket, step: Decline::Change, refusal });
        }
        match apply(&mut self.account, Event::Changed(&change)) {
            Ok(()) => self.outbox.push(Reply::Changed { ticket }),
            Err(fault) => self.outbox.push(Reply::Broken { what: fault.to_string() }),
        }
    }
}

impl Actor for AccountActor {
    type Context = Context<Self>;
}

impl Handler<Debit> for AccountActor {
    type Result = ();
    fn handle(&mut self, debit: Debit, _: &mut Context<Self>) {
        self.meters.count_debit_message();
        self.guarded(|account| account.debit(debit));
    }
}

impl Handler<Credit> for AccountActor {
    type Result = ();
    fn handle(&mut self, Credit { ticket, amount }: Credit, _: &mut Context<Self>) {
        self.meters.count_credit_message();
        self.guarded(|account| account.credit(ticket, amount));
    }
}

impl Handler<CreditFee> for AccountActor {
    type Result = ();
    fn handle(&mut self, CreditFee { fee }: CreditFee, _: &mut Context<Self>) {
        self.guarded(|account| {
            if let Err(fault) = apply(&mut account.account, Event::Credited(fee)) {
                account.outbox.push(Reply::Broken { what: fault.to_string() });
            }
        });
    }
}

impl Handler<Refund> for AccountActor {
    type Result = ();
    fn handle(&mut self, Refund { ticket }: Refund, _: &mut Context<Self>) {
        self.guarded(|account| account.refund(ticket));
    }
}

impl Handler<Decided> for AccountActor {
    type Result = ();
    fn handle(&mut self, Decided { tickets }: Decided, _: &mut Context<Self>) {
        self.guarded(|account| {
            account.forget(&tickets);
            account.resume();
        });
    }
}

impl Handler<Vary> for AccountActor {
    type Result = ();
    fn handle(&mut self, vary: Vary, _: &mut Context<Self>) {
        self.guarded(|account| account.vary(vary));
    }
}

impl Handler<Retire> for AccountActor {
    type Result = ();
    fn handle(&mut self, _: Retire, context: &mut Context<Self>) {
        let account = Box::new(self.account.clone());
        self.outbox.push(Reply::Retired { seat: self.seat, account });
        context.stop();
    }
}
