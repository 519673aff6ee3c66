//! The record of a group whose steps are all done.

use crate::account::{Accept, Accepted, SeatIndex, Ticket};
use crate::command::{Command, Outcome, Receipt};
use crate::ledger::{
    AccountId, Amended, Amount, Balance, Body, CommandId, Debited, Drawn, HoldAmended, HoldDrawn, HoldId, HoldPlaced,
    Link, LinkedMovement, LinkedStep, Links, Position, Posted,
};
use crate::plant::{Bug, is_planted};

use super::appender::Draft;
use super::core::Core;
use super::groups::{Done, Effect, Group};
use super::open_holds::OpenHold;
use super::plans::{Action, Planned};
use super::reversals::undone;

/// Links being made for one record, in which an account can have several legs.
#[derive(Default)]
struct Ties {
    links: Links,
    /// The record before this one of each account that has a leg by now.
    previous: Vec<(SeatIndex, Position)>,
}

impl Core {
    /// Records a group, lets its effects stand, and lets go of its accounts.
    pub(super) fn conclude_group(&mut self, ticket: Ticket) {
        let Some((mut group, seats)) = self.take_group(ticket) else { return };
        let Some(flight) = self.flights.remove(ticket) else { return self.broken("a group has no command") };
        let position = self.appender.next();
        let mut ties = Ties::default();
        let Some(body) = self.body_of(&flight.command, &mut group, &mut ties) else {
            return self.broken("a recorded balance would leave its bounds");
        };
        let date = match (&body, group.done.first()) {
            (
                Body::Posted(_) | Body::Reversed(_) | Body::ReversalsRepaired(_),
                Some(Done { effect: Effect::Moved(debited), .. }),
            ) => debited.date,
            _ => self.registry.day.date_of(self.now),
        };
        let id = flight.command.id();
        let balance = |leg: usize| ties.links.get(leg).map(|link: &Link| link.balance).unwrap_or_default();
        let (sender_balance, receiver_balance) = (balance(0), balance(1));
        let moved = match &body {
            Body::Posted(posted) => Some((posted.amount, posted.fee)),
            Body::Reversed(reversed) => Some((reversed.posted.amount, reversed.posted.fee)),
            Body::ReversalsRepaired(repaired) => repaired.posted.as_ref().map(|posted| (posted.amount, posted.fee)),
            _ => None,
        };
        body.for_each_reference(|id| {
            // What a draw ended is noted with its end below; this is for what was reversed.
            self.referred.note(id, super::referred::LastWord { position, end: None });
        });
        let links = std::mem::take(&mut ties.links);
        let draft = Draft { decided_at: flight.decided_at, date, id, content: flight.content, body, links };
        let recorded_at = self.appender.push(self.now, draft);
        self.open_holds.give_places_up(group.hold_places);
        self.follow_up(id, &group, position);
        let outcome = match moved {
            Some((amount, fee)) => Outcome::Posted(Receipt {
                id,
                position,
                recorded_at,
                date,
                amount,
                fee,
                sender_balance,
                receiver_balance,
            }),
            None => Outcome::Recorded { position },
        };
        let undone = undone(&flight.command);
        self.land(flight, Ok(outcome));
        self.conclude(&seats, true);
        self.unlock(&seats);
        self.end_turns(&undone, ticket);
    }

    /// What the record says, with the legs tied to their accounts' histories in its order.
    fn body_of(&mut self, command: &Command, group: &mut Group, ties: &mut Ties) -> Option<Body> {
        let steps = std::mem::take(&mut group.steps);
        let today = self.registry.day.date_of(self.now);
        let mut movements = Vec::new();
        for (at, (step, done)) in steps.iter().zip(&group.done).enumerate() {
            movements.push(match &done.effect {
                Effect::Moved(debited) => {
                    let posted = self.posted(step, done, debited, ties)?;
                    let movement = match group.reversing(at) {
                        None => LinkedMovement::Posted(posted),
                        Some(reversing) => LinkedMovement::Reversed(Box::new(reversing.recorded(posted)?)),
                    };
                    LinkedStep { date: debited.date, movement }
                }
                Effect::Held(debited) => {
                    let placed = self.held(step, done, debited, ties)?;
                    LinkedStep { date: debited.date, movement: LinkedMovement::Held(Box::new(placed)) }
                }
                Effect::Drawn(drawn, open) => {
                    let Action::Draw { hold, .. } = step.action else { return None };
                    let (from, to, fees) = self.tie_step_draw(done, drawn, ties)?;
                    let placed = open.placed;
                    let drawn = HoldDrawn { hold, placed, from, to, fees, drawn: *drawn, reason: None };
                    LinkedStep { date: today, movement: LinkedMovement::Drawn(drawn) }
                }
                Effect::Amended(amended, open) => {
                    let Action::Amend { hold, .. } = step.action else { return None };
                    let body = self.amendment(hold, done, *amended, *open, ties)?;
                    group.steps = steps;
                    return Some(body);
                }
            });
        }
        group.steps = steps;
        if matches!(command, Command::Linked(_)) {
            if is_planted(Bug::HalfLink) {
                movements.pop();
            }
            return Some(Body::Linked(movements));
        }
        Some(match (movements.pop()?.movement, &group.repairing) {
            (LinkedMovement::Reversed(reversed), _) => Body::Reversed(reversed),
            (LinkedMovement::Posted(posted), Some(repairing)) => repairing.body(Some(posted)),
            (LinkedMovement::Posted(posted), None) => Body::Posted(posted),
            (LinkedMovement::Drawn(_) | LinkedMovement::Held(_), _) => return None,
        })
    }

    fn posted(&mut self, step: &Planned, done: &Done, debited: &Debited, ties: &mut Ties) -> Option<Posted> {
        let Action::Move { kind, details, .. } = &step.action else { return None };
        let total = debited.total()?;
        let from = self.tie_step(done.from, ties, |balance| balance.debit(total))?;
        let to = self.tie_step(done.to, ties, |balance| balance.credit(debited.amount))?;
        let mut fees = AccountId::new(0);
        if !debited.fee.is_zero() {
            let currency = self.seats.active(done.to)?.currency;
            let entry = self.registry.currency_mut(currency)?;
            entry.fees_under_way = entry.fees_under_way.saturating_sub(debited.fee);
            let seat = entry.fees;
            fees = self.tie_step(seat, ties, |balance| balance.credit(debited.fee))?;
            self.send(seat, Accept { event: Accepted::Credited(debited.fee) });
        }
        let Debited { amount, fee, limited, counted, .. } = *debited;
        Some(Posted { kind: *kind, from, to, amount, fee, fees, limited, counted, details: details.clone() })
    }

    fn held(&mut self, step: &Planned, done: &Done, debited: &Debited, ties: &mut Ties) -> Option<HoldPlaced> {
        let Action::Hold { expires_at, details, .. } = &step.action else { return None };
        let from = self.tie_step(done.from, ties, Some)?;
        let to = self.tie_step(done.to, ties, Some)?;
        let mut fees = AccountId::new(0);
        if !debited.fee.is_zero() {
            let currency = self.seats.active(done.to)?.currency;
            let entry = self.registry.currency_mut(currency)?;
            entry.fees_under_way = entry.fees_under_way.saturating_sub(debited.fee);
            entry.fees_held = entry.fees_held.saturating_add(debited.fee);
            let seat = entry.fees;
            fees = self.tie_step(seat, ties, Some)?;
            self.send(seat, Accept { event: Accepted::Expected(debited.fee) });
        }
        let Debited { amount, fee, limited, counted, .. } = *debited;
        let (expires_at, details) = (*expires_at, details.clone());
        Some(HoldPlaced { from, to, amount, fee, fees, limited, counted, expires_at, verified: false, details })
    }

    fn tie_step_draw(
        &mut self,
        done: &Done,
        drawn: &Drawn,
        ties: &mut Ties,
    ) -> Option<(AccountId, AccountId, AccountId)> {
        let taken = drawn.amount.checked_add(drawn.fee)?;
        let from = self.tie_step(done.from, ties, |balance| balance.debit(taken))?;
        let to = self.tie_step(done.to, ties, |balance| balance.credit(drawn.amount))?;
        let mut fees = AccountId::new(0);
        if !drawn.fee.is_zero() || !drawn.fee_released.is_zero() {
            let currency = self.seats.active(done.to)?.currency;
            let seat = self.registry.currency(currency)?.fees;
            fees = self.tie_step(seat, ties, |balance| balance.credit(drawn.fee))?;
            self.hand_over_fee(currency, drawn.fee, drawn.fee_released);
        }
        Some((from, to, fees))
    }

    fn amendment(
        &mut self,
        hold: HoldId,
        done: &Done,
        amended: Amended,
        open: OpenHold,
        ties: &mut Ties,
    ) -> Option<Body> {
        let from = self.tie_step(done.from, ties, Some)?;
        let to = match amended.raised {
            Amount::ZERO => self.seats.active(done.to)?.id,
            _ => self.tie_step(done.to, ties, Some)?,
        };
        Some(Body::Amended(Box::new(HoldAmended { hold, placed: open.placed, from, to, amended })))
    }

    /// Ties one more leg. However many legs an account has in a record, each names the account's record before it.
    fn tie_step(
        &mut self,
        index: SeatIndex,
        ties: &mut Ties,
        after: impl FnOnce(Balance) -> Option<Balance>,
    ) -> Option<AccountId> {
        let earlier = ties.previous.iter().find(|(seat, _)| *seat == index).map(|(_, previous)| *previous);
        let (account, mut link) = self.tie(index, after)?;
        match earlier {
            Some(previous) => link.previous = previous,
            None => ties.previous.push((index, link.previous)),
        }
        ties.links.push(link);
        Some(account)
    }

    /// Notes what the record of `command`, at `position`, did to holds.
    fn follow_up(&mut self, command: CommandId, group: &Group, position: Position) {
        for ((step, done), number) in group.steps.iter().zip(&group.done).zip(0..) {
            match (&step.action, &done.effect) {
                (Action::Hold { expires_at, .. }, Effect::Held(debited)) => {
                    let (from, to, amount, expires_at) = (step.from, step.to, debited.amount, *expires_at);
                    let open = OpenHold { from, to, amount, placed: position, expires_at, verified: false };
                    self.open_hold(HoldId::of_step(command, number), open);
                }
                (Action::Draw { hold, .. }, Effect::Drawn(drawn, _)) => self.hold_drawn(*hold, drawn.end, position),
                (Action::Amend { hold, .. }, Effect::Amended(amended, _)) => {
                    self.hold_amended(*hold, amended);
                }
                _ => {}
            }
        }
    }
}
