//! What accounts answered, taken up in the order in which they did: the one place in which an answer finds its flow.

use super::change;
use super::core::Core;
use super::flights::Flow;
use super::next::Next;
use crate::account::{Decline, Reply};

impl Core {
    /// Takes up what an account answered.
    pub(super) fn take_up(&mut self, reply: Reply) {
        match reply {
            Reply::Debited { ticket, debited } => self.step(ticket, |request, flow, tables, effects| match flow {
                Flow::Transfer(transfer) => transfer.on_debited(request, debited, tables, effects),
                Flow::Grouped(running) => running.on_debited(request, debited, tables, effects),
                _ => Next::Broken("a debit was granted for no command"),
            }),
            Reply::Credited { ticket } => self.step(ticket, |request, flow, tables, effects| match flow {
                Flow::Transfer(transfer) => transfer.on_credited(request, tables, effects),
                Flow::Grouped(running) => running.on_credited(request, tables, effects),
                _ => Next::Broken("a credit was taken for no command"),
            }),
            Reply::Drawn { ticket, drawn } => self.step(ticket, |request, flow, tables, effects| match flow {
                Flow::Draw(draw) => draw.on_drawn(request, drawn, tables, effects),
                Flow::Grouped(running) => running.on_drawn(request, drawn, tables, effects),
                _ => Next::Broken("a hold was drawn on for no command"),
            }),
            Reply::HoldGone { ticket } => self.step(ticket, |request, flow, tables, effects| match flow {
                Flow::Draw(draw) => draw.on_gone(tables),
                Flow::Grouped(running) => running.on_hold_gone(request, tables, effects),
                _ => Next::Broken("a hold is gone for no command"),
            }),
            Reply::Amended { ticket, amended } => self.step(ticket, |request, flow, tables, effects| match flow {
                Flow::Grouped(running) => running.on_amended(request, amended, tables, effects),
                _ => Next::Broken("a hold was amended for no command"),
            }),
            Reply::Refused { ticket, step, refusal } => {
                self.step(ticket, |request, flow, tables, effects| match (flow, step) {
                    (Flow::Transfer(transfer), Decline::Debit) => transfer.on_debit_refused(request, *refusal, tables),
                    (Flow::Transfer(transfer), Decline::Credit) => {
                        transfer.on_credit_refused(request, *refusal, tables, effects)
                    }
                    (Flow::Draw(draw), Decline::Hold) => draw.on_refused(*refusal),
                    (Flow::Changing(seat), Decline::Change) => change::on_refused(*seat, *refusal),
                    (Flow::Grouped(running), _) => running.on_refused(request, *refusal, tables, effects),
                    _ => Next::Broken("something was refused that no command asked for"),
                })
            }
            Reply::Changed { ticket } => self.step(ticket, |request, flow, tables, _| match flow {
                Flow::Changing(seat) => change::on_changed(*seat, request, tables),
                _ => Next::Broken("a change was made for no command"),
            }),
            Reply::Waiting { seat, undecided } => self.review(seat, undecided, true),
            Reply::Review { seat, undecided } => self.review(seat, undecided, false),
            Reply::Resumed { seat } => {
                if let Some(occupant) = self.tables.seats.active_mut(seat) {
                    occupant.has_waiting = false;
                }
            }
            Reply::Retired { seat, account } => self.retired(seat, &account),
            Reply::Broken { what } => self.broken(&what),
        }
    }
}
