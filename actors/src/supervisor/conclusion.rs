//! The record of a group whose steps are all done.

use super::draw::{end_hold, hand_over_fee};
use super::effects::Effects;
use super::flights::Request;
use super::next::Next;
use super::open_holds::OpenHold;
use super::plans::{Action, Planned};
use super::referred::LastWord;
use super::running::{Done, Effect, Running};
use super::tables::Tables;
use super::transfer::take_fee;
use crate::account::SeatIndex;
use crate::command::Command;
use crate::ledger::{
    AccountId, Amended, Amount, Balance, Body, CommandId, Debited, Drawn, HoldAmended, HoldDrawn, HoldId, HoldPlaced,
    LinkedMovement, LinkedStep, Links, Position, Posted,
};
use crate::plant::{Bug, is_planted};

/// Links being made for one record, in which an account can have several legs.
#[derive(Default)]
struct Ties {
    links: Links,
    /// The record before this one of each account that has a leg by now.
    previous: Vec<(SeatIndex, Position)>,
}

impl Running {
    /// Records a group, lets its effects stand, and lets go of its accounts.
    pub(super) fn conclude(&mut self, request: &Request, tables: &mut Tables, effects: &mut Effects) -> Next {
        let position = tables.appender.next();
        let mut ties = Ties::default();
        let Some(body) = self.body(&request.command, &mut ties, tables, effects) else {
            return Next::Broken("a recorded balance would leave its bounds");
        };
        let date = match (&body, self.done.first()) {
            (
                Body::Posted(_) | Body::Reversed(_) | Body::ReversalsRepaired(_),
                Some(Done { effect: Effect::Moved(debited), .. }),
            ) => debited.date,
            _ => tables.today(),
        };
        let id = request.command.id();
        body.for_each_reference(|id| {
            // What a draw ended is noted with its end below; this is for what was reversed.
            tables.referred.note(id, LastWord { position, end: None });
        });
        tables.push(request, date, body, ties.links);
        self.give_places_up(tables);
        self.follow_up(id, position, tables, effects);
        let rest = self.release(true, tables, effects);
        Next::Landed(rest)
    }

    /// What the record says, with the legs tied to their accounts' histories in its order.
    fn body(&self, command: &Command, ties: &mut Ties, tables: &mut Tables, effects: &mut Effects) -> Option<Body> {
        let today = tables.today();
        let mut movements = Vec::new();
        for (at, (step, done)) in self.group.steps.iter().zip(&self.done).enumerate() {
            movements.push(match &done.effect {
                Effect::Moved(debited) => {
                    let posted = posted(step, done, debited, ties, tables, effects)?;
                    let movement = match self.group.reversing(at) {
                        None => LinkedMovement::Posted(posted),
                        Some(reversing) => LinkedMovement::Reversed(Box::new(reversing.recorded(posted)?)),
                    };
                    LinkedStep { date: debited.date, movement }
                }
                Effect::Held(debited) => {
                    let placed = held(step, done, debited, ties, tables, effects)?;
                    LinkedStep { date: debited.date, movement: LinkedMovement::Held(Box::new(placed)) }
                }
                Effect::Drawn(drawn, open) => {
                    let Action::Draw { hold, .. } = step.action else { return None };
                    let (from, to, fees) = tie_draw(done, drawn, ties, tables, effects)?;
                    let placed = open.placed;
                    let drawn = HoldDrawn { hold, placed, from, to, fees, drawn: *drawn, reason: None };
                    LinkedStep { date: today, movement: LinkedMovement::Drawn(drawn) }
                }
                Effect::Amended(amended, open) => {
                    let Action::Amend { hold, .. } = step.action else { return None };
                    return amendment(hold, done, *amended, *open, ties, tables);
                }
            });
        }
        if matches!(command, Command::Linked(_)) {
            if is_planted(Bug::HalfLink) {
                movements.pop();
            }
            return Some(Body::Linked(movements));
        }
        Some(match (movements.pop()?.movement, &self.group.repairing) {
            (LinkedMovement::Reversed(reversed), _) => Body::Reversed(reversed),
            (LinkedMovement::Posted(posted), Some(repairing)) => repairing.body(Some(posted)),
            (LinkedMovement::Posted(posted), None) => Body::Posted(posted),
            (LinkedMovement::Drawn(_) | LinkedMovement::Held(_), _) => return None,
        })
    }

    /// Notes what the record of `command`, at `position`, did to holds.
    fn follow_up(&self, command: CommandId, position: Position, tables: &mut Tables, effects: &mut Effects) {
        for ((step, done), number) in self.group.steps.iter().zip(&self.done).zip(0..) {
            match (&step.action, &done.effect) {
                (Action::Hold { expires_at, .. }, Effect::Held(debited)) => {
                    let (from, to, amount, expires_at) = (step.from, step.to, debited.amount, *expires_at);
                    let open =
                        OpenHold { from, to, amount, placed: position, expires_at, requires_verification: false };
                    tables.open_hold(HoldId::of_step(command, number), open);
                }
                (Action::Draw { hold, .. }, Effect::Drawn(drawn, _)) => {
                    if let Some(end) = drawn.end {
                        end_hold(*hold, end, position, tables, effects);
                    }
                }
                (Action::Amend { hold, .. }, Effect::Amended(amended, _)) => tables.hold_amended(*hold, amended),
                _ => {}
            }
        }
    }
}

fn posted(
    step: &Planned,
    done: &Done,
    debited: &Debited,
    ties: &mut Ties,
    tables: &mut Tables,
    effects: &mut Effects,
) -> Option<Posted> {
    let Action::Move { kind, details, .. } = &step.action else { return None };
    let total = debited.total()?;
    let from = ties.tie(done.route.from, |balance| balance.debit(total), tables)?;
    let to = ties.tie(done.route.to, |balance| balance.credit(debited.amount), tables)?;
    let mut fees = AccountId::new(0);
    if !debited.fee.is_zero() {
        let seat = take_fee(done.route.to, debited.fee, false, tables, effects)?;
        fees = ties.tie(seat, |balance| balance.credit(debited.fee), tables)?;
    }
    let Debited { amount, fee, limited, counted, .. } = *debited;
    Some(Posted { kind: *kind, from, to, amount, fee, fees, limited, counted, details: details.clone() })
}

fn held(
    step: &Planned,
    done: &Done,
    debited: &Debited,
    ties: &mut Ties,
    tables: &mut Tables,
    effects: &mut Effects,
) -> Option<HoldPlaced> {
    let Action::Hold { expires_at, details, .. } = &step.action else { return None };
    let from = ties.tie(done.route.from, Some, tables)?;
    let to = ties.tie(done.route.to, Some, tables)?;
    let mut fees = AccountId::new(0);
    if !debited.fee.is_zero() {
        let seat = take_fee(done.route.to, debited.fee, true, tables, effects)?;
        fees = ties.tie(seat, Some, tables)?;
    }
    let Debited { amount, fee, limited, counted, .. } = *debited;
    let (expires_at, details) = (*expires_at, details.clone());
    Some(HoldPlaced {
        from,
        to,
        amount,
        fee,
        fees,
        limited,
        counted,
        expires_at,
        requires_verification: false,
        details,
    })
}

fn tie_draw(
    done: &Done,
    drawn: &Drawn,
    ties: &mut Ties,
    tables: &mut Tables,
    effects: &mut Effects,
) -> Option<(AccountId, AccountId, AccountId)> {
    let taken = drawn.amount.checked_add(drawn.fee)?;
    let from = ties.tie(done.route.from, |balance| balance.debit(taken), tables)?;
    let to = ties.tie(done.route.to, |balance| balance.credit(drawn.amount), tables)?;
    let mut fees = AccountId::new(0);
    if !drawn.fee.is_zero() || !drawn.fee_released.is_zero() {
        let currency = tables.currency_of(done.route.to)?;
        let seat = tables.registry.currency(currency)?.fees;
        fees = ties.tie(seat, |balance| balance.credit(drawn.fee), tables)?;
        hand_over_fee(currency, drawn.fee, drawn.fee_released, tables, effects);
    }
    Some((from, to, fees))
}

fn amendment(
    hold: HoldId,
    done: &Done,
    amended: Amended,
    open: OpenHold,
    ties: &mut Ties,
    tables: &mut Tables,
) -> Option<Body> {
    let from = ties.tie(done.route.from, Some, tables)?;
    let to = match amended.raised {
        Amount::ZERO => tables.seats.active(done.route.to)?.id,
        _ => ties.tie(done.route.to, Some, tables)?,
    };
    Some(Body::Amended(Box::new(HoldAmended { hold, placed: open.placed, from, to, amended })))
}

impl Ties {
    /// Ties one more leg. However many legs an account has in a record, each names the account's record before it.
    fn tie(
        &mut self,
        index: SeatIndex,
        after: impl FnOnce(Balance) -> Option<Balance>,
        tables: &mut Tables,
    ) -> Option<AccountId> {
        let earlier = self.previous.iter().find(|(seat, _)| *seat == index).map(|(_, previous)| *previous);
        let (account, mut link) = tables.tie(index, after)?;
        match earlier {
            Some(previous) => link.previous = previous,
            None => self.previous.push((index, link.previous)),
        }
        self.links.push(link);
        Some(account)
    }
}
