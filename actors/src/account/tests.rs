//! The account at message level: what it answers, and what it keeps for itself while debits are undecided.

use actix::{Actor, AsyncContext, Context, Handler};

use super::{
    Accept, Accepted, AccountActor, AccountContext, Collect, Conclude, Credit, Debit, Decided, Decline, DrawHold,
    Outbox, Refund, Reply, Save, SeatIndex, Ticket, Vary,
};
use crate::clock::SteppedClock;
use crate::ledger::{
    Account, AccountId, AccountNumber, AccountOpened, Amount, Balance, BusinessDate, Change, CommandId, Currency, Draw,
    Freeze, HoldId, HoldTerms, OwnerId, Refusal, Role, Terms, Timestamp, TypeCode,
};
use crate::views::WatchedMessage;

/// Stands for the supervisor; nobody runs it.
pub(super) struct Nobody;

impl Actor for Nobody {
    type Context = Context<Self>;
}

impl Handler<Collect> for Nobody {
    type Result = ();
    fn handle(&mut self, _: Collect, _: &mut Context<Self>) {}
}

/// One account, spoken to by hand.
pub(super) struct Desk {
    actor: AccountActor,
    outbox: Outbox,
    context: AccountContext,
    _supervisor: Context<Nobody>,
}

pub(super) fn won(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

pub(super) fn ticket(place: u32) -> Ticket {
    Ticket { place, generation: 0 }
}

pub(super) fn hold_id(place: u32) -> HoldId {
    CommandId::derived(&place.to_be_bytes()).into()
}

/// Terms of a transfer without limit and fee on day 100.
pub(super) fn terms(amount: u64) -> Terms {
    Terms {
        amount: won(amount),
        at_most: false,
        most_fee: None,
        fee: Amount::ZERO,
        free_transfers_per_day: 0,
        exempt: false,
        limited: true,
        limit_per_transfer: None,
        limit_per_day: None,
        date: BusinessDate::from_days(100),
    }
}

pub(super) fn account(posted: i64) -> Account {
    let opened = AccountOpened {
        account: AccountId::new(1),
        number: AccountNumber::new("A").unwrap(),
        owner: OwnerId::new("ann").unwrap(),
        kind: TypeCode::basic(),
        currency: Currency::krw(),
        role: Role::Customer,
        overdraft: Amount::ZERO,
        opened_at: Timestamp::default(),
    };
    Account { posted: Balance::new(posted).unwrap(), ..Account::open(&opened) }
}

impl Desk {
    pub(super) fn new(account: Account) -> Desk {
        let supervisor = Context::<Nobody>::new();
        let outbox = Outbox::new(0, supervisor.address().recipient());
        let actor = AccountActor::new(SeatIndex(0), account, Vec::new());
        let context = AccountContext::new(outbox.clone(), std::sync::Arc::default());
        Desk { actor, outbox, context, _supervisor: supervisor }
    }

    fn replies(&mut self) -> Vec<Reply> {
        self.context.tell();
        let mut replies = Vec::new();
        self.outbox.swap(&mut replies);
        replies
    }

    /// What the account has answered since it was last looked at, in short.
    pub(super) fn answers(&mut self) -> Vec<String> {
        let replies = self.replies();
        let places = |tickets: Vec<Ticket>| tickets.iter().map(|ticket| ticket.place).collect::<Vec<_>>();
        let word = |reply| match reply {
            Reply::Debited { ticket, debited } if debited.fee.is_zero() => format!("debited {}", ticket.place),
            Reply::Debited { ticket, debited } => format!("debited {} fee {}", ticket.place, debited.fee),
            Reply::Credited { ticket } => format!("credited {}", ticket.place),
            Reply::Refused { ticket, step, refusal } => {
                let step = match step {
                    Decline::Debit => "",
                    Decline::Hold => "hold ",
                    Decline::Credit | Decline::Change => "credit ",
                };
                format!("{step}{} {}", refusal.code(), ticket.place)
            }
            Reply::Changed { ticket } => format!("changed {}", ticket.place),
            Reply::Drawn { ticket, drawn } => {
                format!("drew {} for {}, back {}", drawn.amount, ticket.place, drawn.released)
            }
            Reply::HoldGone { ticket } => format!("no hold for {}", ticket.place),
            Reply::Amended { ticket, amended } => format!("raised by {} for {}", amended.raised, ticket.place),
            Reply::Waiting { undecided, .. } => format!("waiting for {:?}", places(undecided)),
            Reply::Review { undecided, .. } => format!("review {:?}", places(undecided)),
            Reply::Resumed { .. } => "resumed".into(),
            Reply::Retired { account, .. } => format!("retired at {}", account.posted),
            Reply::Broken { what } => format!("broken: {what}"),
        };
        replies.into_iter().map(word).collect()
    }

    #[track_caller]
    pub(super) fn says(&mut self, expected: &[&str]) {
        assert_eq!(self.answers(), expected);
    }

    pub(super) fn debit(&mut self, place: u32, terms: Terms) {
        self.actor.handle(Debit { ticket: ticket(place), terms, all_decided: false, hold: None }, &mut self.context);
    }

    pub(super) fn debit_when_idle(&mut self, place: u32, terms: Terms) {
        self.actor.handle(Debit { ticket: ticket(place), terms, all_decided: true, hold: None }, &mut self.context);
    }

    pub(super) fn credit(&mut self, place: u32, amount: u64) {
        self.actor.handle(Credit { ticket: ticket(place), amount: won(amount), expected: false }, &mut self.context);
    }

    pub(super) fn fee(&mut self, fee: u64) {
        self.accept(Accepted::Credited(won(fee)));
    }

    pub(super) fn accept(&mut self, event: Accepted) {
        self.actor.handle(Accept { event }, &mut self.context);
    }

    /// Places the hold of the command at `place`.
    pub(super) fn hold(&mut self, place: u32, terms: Terms) {
        let hold = HoldTerms {
            id: hold_id(place),
            to: AccountId::new(2),
            placed_at: Timestamp::from_ns(1),
            expires_at: Some(Timestamp::from_ns(100)),
            requires_verification: false,
        };
        let hold = Some(Box::new(hold));
        self.actor.handle(Debit { ticket: ticket(place), terms, all_decided: false, hold }, &mut self.context);
    }

    /// Asks something of the hold that was placed at `hold`, at the moment `now`.
    pub(super) fn draw(&mut self, place: u32, hold: u32, draw: Draw, now: i64) {
        let (ticket, hold, now) = (ticket(place), hold_id(hold), Timestamp::from_ns(now));
        self.actor.handle(DrawHold { ticket, hold, draw, now, all_decided: false }, &mut self.context);
    }

    /// The messages that were noted, which go on being noted until a moment of that clock.
    pub(super) fn watch(&mut self, clock: &std::sync::Arc<SteppedClock>, until: Timestamp) -> Vec<WatchedMessage> {
        let (reply, mut told) = tokio::sync::oneshot::channel();
        let clock = std::sync::Arc::<SteppedClock>::clone(clock);
        self.actor.handle(super::Watch { clock, until, reply }, &mut self.context);
        told.try_recv().unwrap()
    }

    pub(super) fn save(&mut self) {
        self.actor.handle(Save, &mut self.context);
    }

    pub(super) fn conclude(&mut self, keep: bool) {
        self.actor.handle(Conclude { keep }, &mut self.context);
    }

    pub(super) fn refund(&mut self, place: u32) {
        self.actor.handle(Refund { ticket: ticket(place) }, &mut self.context);
    }

    pub(super) fn decided(&mut self, places: &[u32]) {
        let tickets = places.iter().map(|place| ticket(*place)).collect();
        self.actor.handle(Decided { tickets }, &mut self.context);
    }

    pub(super) fn change(&mut self, place: u32, change: Change, objection: Option<Refusal>) {
        let objection = objection.map(Box::new);
        self.actor.handle(Vary { ticket: ticket(place), change, objection }, &mut self.context);
    }

    /// The state that the account hands over.
    pub(super) fn state(&mut self) -> Account {
        self.answers();
        self.actor.handle(super::Retire, &mut self.context);
        match self.replies().pop() {
            Some(Reply::Retired { account, .. }) => *account,
            other => panic!("expected the state, got {other:?}"),
        }
    }
}

#[test]
fn a_debit_is_applied_at_once_and_a_refund_undoes_it_to_the_last_figure() {
    let mut desk = Desk::new(account(100));
    let before = desk.state();
    desk.debit(1, Terms { fee: won(5), ..terms(60) });
    desk.says(&["debited 1 fee 5"]);
    assert_eq!(desk.state().posted.minor_units(), 35);
    desk.refund(1);
    desk.says(&[]);
    assert_eq!(desk.state(), before);
    desk.refund(1);
    desk.says(&["broken: account A: a refund for a debit that it does not have"]);
}

#[test]
fn credits_and_fees_come_in_while_debits_wait() {
    let mut desk = Desk::new(account(100));
    desk.debit(1, terms(80));
    desk.debit(2, terms(90));
    desk.credit(3, 10);
    desk.fee(1);
    desk.says(&["debited 1", "waiting for [1]", "credited 3"]);
    desk.decided(&[1]);
    desk.says(&["insufficient_funds 2", "resumed"]);
    assert_eq!(desk.state().posted.minor_units(), 31);
}

#[test]
fn a_change_finds_everything_decided_and_hears_objections_last() {
    let mut desk = Desk::new(account(100));
    desk.debit(1, terms(100));
    desk.answers();
    let unknown = || Some(Refusal::TypeUnknown { code: TypeCode::new("none").unwrap() });
    desk.change(2, Change::Type(TypeCode::new("none").unwrap()), unknown());
    desk.change(3, Change::Close, None);
    desk.change(4, Change::Type(TypeCode::new("none").unwrap()), unknown());
    desk.change(5, Change::Freeze(Freeze::default()), None);
    desk.says(&["credit type_unknown 2", "changed 3", "credit account_closed 4", "credit account_closed 5"]);
    desk.credit(6, 1);
    desk.debit(7, terms(1));
    desk.says(&["credit account_closed 6", "account_closed 7"]);
}
