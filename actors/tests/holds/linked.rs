//! Holds in linked steps: placed together with other steps, and from then on like any other hold.

use jangbu_actors::command::{
    AmendHold, Command, InvalidCommand, Linked, PlaceHold, Reverse, SettleHold, Step, VoidHold,
};
use jangbu_actors::ledger::{Change, CommandId, Freeze, HoldEnd, HoldId, Refusal};
use jangbu_actors::preview::Preview;
use jangbu_actors::{
    EntryKind, Error, EventKind, HistoryQuery, HoldStatus, MovementKind, MovementStatus, TransferQuery,
};

use crate::support::{Town, moment, noon, number, refused, won};

fn hold(from: &str, to: &str, amount: u64) -> Step {
    Step::hold(number(from), number(to), won(amount))
}

fn pay(from: &str, to: &str, amount: u64) -> Step {
    Step::transfer(number(from), number(to), won(amount))
}

/// Carries out the steps. Returns the id of the hold that each would have.
fn link(town: &Town, steps: Vec<Step>) -> Vec<HoldId> {
    let linked = Linked::new(steps);
    let holds = (0..).take(linked.steps.len()).map(|step| HoldId::of_step(linked.id, step)).collect();
    town.bank.linked(linked).unwrap();
    holds
}

/// Returns why the steps are refused, and which of them.
fn why(town: &Town, steps: Vec<Step>) -> (u8, &'static str) {
    let linked = Linked::new(steps);
    let previewed = town.bank.preview(&Command::Linked(linked.clone())).unwrap();
    let refusal = refused(town.bank.linked(linked));
    let Preview::Refused(objection) = previewed else { panic!("{refusal} and {previewed:?}") };
    assert_eq!(objection.refusal, refusal, "what a dry run says");
    match refusal {
        Refusal::Linked { step, refusal } => (step, refusal.code()),
        other => panic!("{other:?}"),
    }
}

/// Figures of A, B, C and of the bank's fees.
fn all(town: &Town) -> [(i64, u64, u64); 4] {
    ["A", "B", "C", "FEES-KRW"].map(|text| town.figures(text))
}

#[test]
fn several_holds_of_one_account_are_placed_together_and_end_separately() {
    let directory = tempfile::tempdir().unwrap();
    let mut town = Town::kept(5, directory.path());
    town.deposit("A", 1_000);
    let holds = link(&town, vec![hold("A", "B", 100), pay("A", "C", 50), hold("A", "C", 200), hold("C", "A", 30)]);
    assert_eq!(all(&town), [(945, 310, 30), (0, 0, 100), (50, 35, 200), (5, 0, 15)]);
    let open =
        |town: &Town, text| town.bank.holds(number(text)).unwrap().into_iter().map(|it| it.id).collect::<Vec<_>>();
    assert_eq!((open(&town, "A"), open(&town, "C")), (vec![holds[0], holds[2]], vec![holds[3]]));
    assert_eq!(town.bank.hold(holds[1]).unwrap(), None, "a transfer");
    assert_eq!(town.bank.hold(holds[0].command()).unwrap(), None, "none of them has the command to itself");
    let snapshot = town.bank.snapshot(number("A")).unwrap();
    assert_eq!(snapshot.available, won(635), "at once");
    assert_eq!(snapshot.holds.iter().map(|it| it.id).collect::<Vec<_>>(), [holds[0], holds[2]]);
    let settled = town.bank.settle_hold(SettleHold::part(holds[2], won(150)).keeping_rest()).unwrap();
    assert_eq!((settled.hold, settled.fee, settled.remaining), (holds[2], won(5), won(50)));
    // Stored with the accounts, and read back.
    town = town.reopened(directory.path());
    assert_eq!(all(&town), [(790, 155, 30), (0, 0, 100), (200, 35, 50), (10, 0, 10)]);
    assert_eq!((open(&town, "A"), open(&town, "C")), (vec![holds[0], holds[2]], vec![holds[3]]));
    town.bank.void_hold(VoidHold::new(holds[0]).because("no rooms left")).unwrap();
    town.bank.amend_hold(AmendHold::raise(holds[2], won(260))).unwrap();
    town.bank.linked(Linked::new(vec![Step::settle(holds[2]), Step::void(holds[3])])).unwrap();
    assert_eq!(all(&town), [(680, 0, 0), (0, 0, 0), (310, 0, 0), (10, 0, 0)]);
    for (hold, end) in [(holds[0], HoldStatus::Voided), (holds[2], HoldStatus::Settled), (holds[3], HoldStatus::Voided)]
    {
        assert_eq!(town.bank.hold(hold).unwrap().unwrap().status, end);
    }
    // From the journal alone: an ended hold stays ended, whoever asks.
    town.bank.close().unwrap();
    std::fs::remove_dir_all(directory.path().join("state")).unwrap();
    let town = Town { bank: crate::support::builder(&town.clock).open(directory.path()).unwrap().into(), ..town };
    let gone = |hold| refused(town.bank.settle_hold(SettleHold::all(hold)));
    assert_eq!(gone(holds[0]), Refusal::HoldVoided { hold: holds[0] });
    assert_eq!(gone(holds[2]), Refusal::HoldSettled { hold: holds[2] });
    assert_eq!(gone(holds[1]), Refusal::HoldUnknown { hold: holds[1] });
    let beyond = HoldId::of_step(holds[0].command(), 9);
    assert_eq!(gone(beyond), Refusal::HoldUnknown { hold: beyond });
    let report = {
        town.bank.close().unwrap();
        jangbu_actors::check::check(directory.path(), Default::default()).unwrap()
    };
    assert_eq!((report.holds_placed, report.holds_open), (3, 0));
}

#[test]
fn a_step_sees_the_holds_of_earlier_steps() {
    let town = Town::new(5);
    town.deposit("A", 100);
    assert_eq!(why(&town, vec![hold("A", "B", 60), pay("A", "C", 31)]), (1, "insufficient_funds"));
    assert_eq!(why(&town, vec![hold("A", "B", 60), hold("A", "C", 31)]), (1, "insufficient_funds"));
    assert_eq!(all(&town), [(100, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0)], "nothing of it");
    // The second step holds what the first brings.
    link(&town, vec![pay("A", "B", 90), hold("B", "C", 85)]);
    assert_eq!(all(&town), [(5, 0, 0), (90, 90, 0), (0, 0, 85), (5, 0, 5)]);
}

#[test]
fn a_hold_step_is_refused_for_the_reasons_of_a_single_hold() {
    let town = Town::with(5, |settings| settings.max_open_holds(2));
    town.deposit("A", 900);
    let over = noon();
    let cases = [
        (hold("A", "B", 0), "amount_zero"),
        (hold("A", "A", 10), "same_account"),
        (hold("A", "B", 10).with_expiry(over), "expiry_passed"),
        (hold("A", "NONE", 10), "account_unknown"),
        (hold("A", "CASH-KRW", 10), "system_account"),
        (hold("A", "B", 10).with_most_fee(won(4)), "fee_too_high"),
        (hold("A", "B", 1_001), "limit_per_day"),
        (hold("A", "B", 896), "insufficient_funds"),
    ];
    for (step, code) in cases {
        assert_eq!(why(&town, vec![pay("A", "C", 1), step.clone()]), (1, code), "{step:?}");
    }
    let too_many = vec![hold("A", "B", 1), pay("A", "B", 1), hold("A", "B", 1), hold("A", "B", 1)];
    assert_eq!(why(&town, too_many.clone()), (3, "too_many"), "as many as the bank has room for");
    let freeze = |text, frozen| {
        town.bank.change_account(jangbu_actors::command::ChangeAccount::new(number(text), Change::Freeze(frozen)))
    };
    freeze("B", Freeze { debits: false, credits: true }).unwrap();
    assert_eq!(why(&town, vec![hold("A", "C", 1), hold("A", "B", 1)]), (1, "account_frozen"), "the receiver");
    freeze("A", Freeze { debits: true, credits: false }).unwrap();
    assert_eq!(why(&town, vec![hold("A", "C", 1)]), (0, "account_frozen"), "the sender");
    freeze("A", Freeze::default()).unwrap();
    freeze("B", Freeze::default()).unwrap();
    // Refused steps occupy no slots.
    link(&town, too_many[..3].to_vec());
    assert_eq!(why(&town, vec![hold("A", "B", 1)]), (0, "too_many"));
    assert_eq!(town.figures("A"), (894, 12, 0));
}

#[test]
fn no_step_draws_on_a_hold_of_the_same_command() {
    let town = Town::new(0);
    town.deposit("A", 100);
    let id = CommandId::random();
    for step in [Step::settle(HoldId::of_step(id, 0)), Step::void(HoldId::of_step(id, 0))] {
        let linked = Linked::new(vec![hold("A", "B", 10), step]).with_id(id);
        let error = town.bank.linked(linked).unwrap_err();
        assert!(matches!(error, Error::Invalid(InvalidCommand::OwnHold)), "{error}");
    }
    // A malformed command consumes no id.
    town.bank.linked(Linked::new(vec![hold("A", "B", 10)]).with_id(id)).unwrap();
    let reserved = PlaceHold::new(number("A"), number("B"), won(1)).with_id(HoldId::of_step(id, 0).key());
    let error = town.bank.place_hold(reserved).unwrap_err();
    assert!(matches!(error, Error::Invalid(InvalidCommand::ReservedId)), "{error}");
}

#[test]
fn commands_draw_on_holds_placed_earlier_in_their_batch() {
    let town = Town::new(0);
    town.deposit("A", 100);
    let placing = Linked::new(vec![hold("A", "B", 10), hold("A", "B", 20)]);
    let (first, second) = (HoldId::of_step(placing.id, 0), HoldId::of_step(placing.id, 1));
    let batch = vec![
        Command::Linked(placing),
        Command::SettleHold(SettleHold::all(first)),
        Command::Linked(Linked::new(vec![Step::void(second), pay("A", "B", 1)])),
    ];
    let answers = town.bank.submit(batch.clone()).unwrap();
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(town.figures("A"), (89, 0, 0));
    assert_eq!(town.bank.submit(batch).unwrap(), answers, "the same ids, the same answers");
    assert_eq!(town.figures("A"), (89, 0, 0));
}

#[test]
fn commands_that_place_and_draw_on_each_others_holds_are_all_answered() {
    let town = Town::new(0);
    town.deposit("A", 100);
    let (one, two) = (CommandId::random(), CommandId::random());
    let entangled = |id, other| {
        Command::Linked(Linked::new(vec![hold("A", "B", 10), Step::settle(HoldId::of_step(other, 0))]).with_id(id))
    };
    let answers = town.bank.submit(vec![entangled(one, two), entangled(two, one)]).unwrap();
    for (answer, other) in answers.iter().zip([two, one]) {
        let unknown = Refusal::HoldUnknown { hold: HoldId::of_step(other, 0) };
        assert_eq!(*answer, Err(Refusal::Linked { step: 1, refusal: Box::new(unknown) }));
    }
    assert_eq!(town.figures("A"), (100, 0, 0));
}

#[test]
fn a_linked_hold_expires_and_is_extended_like_others() {
    let town = Town::new(5);
    town.deposit("A", 500);
    let (at, later) = (moment("2026-11-22T04:00:00Z"), moment("2026-11-22T05:00:00Z"));
    let holds = link(&town, vec![hold("A", "B", 100).with_expiry(at), hold("A", "B", 50).with_expiry(at)]);
    town.bank.amend_hold(AmendHold::extend(holds[1], later)).unwrap();
    town.wait_until(at, |town| town.figures("A") == (500, 55, 0));
    let ended = |hold| town.bank.hold(hold).unwrap().unwrap();
    assert_eq!((ended(holds[0]).status, ended(holds[1]).status), (HoldStatus::Expired, HoldStatus::Open));
    assert_eq!(refused(town.bank.settle_hold(SettleHold::all(holds[0]))), Refusal::HoldExpired { hold: holds[0] });
    town.wait_until(later, |town| town.figures("A") == (500, 0, 0));
    assert_eq!(ended(holds[1]).expires_at, Some(later), "as at the end");
    assert_eq!(town.left_today("A"), 1_000);
}

#[test]
fn an_account_in_a_linked_hold_is_not_closed() {
    let town = Town::new(0);
    town.deposit("A", 100);
    let holds = link(&town, vec![pay("A", "C", 40), hold("C", "B", 40)]);
    let close =
        |text| town.bank.change_account(jangbu_actors::command::ChangeAccount::new(number(text), Change::Close));
    assert_eq!(refused(close("B")), Refusal::HoldsOpen { held: won(0), pending_in: won(40) });
    town.bank.void_hold(VoidHold::new(holds[1])).unwrap();
    close("B").unwrap();
    assert_eq!(refused(close("C")).code(), "not_empty");
}

#[test]
fn lists_statements_and_events_show_a_linked_hold_with_its_id_and_texts() {
    let town = Town::new(0);
    town.deposit("A", 500);
    let texts = |step: Step, label: &str| step.with_labels(label, "from A").with_reference(label);
    let holds =
        link(&town, vec![texts(hold("A", "B", 100), "first"), pay("A", "B", 1), texts(hold("A", "B", 200), "third")]);
    let part = town.bank.settle_hold(SettleHold::part(holds[2], won(150)).keeping_rest()).unwrap().id;
    let rest = VoidHold::new(holds[2]).telling("Sold out");
    let void = rest.id;
    town.bank.void_hold(rest).unwrap();
    let placed = town.bank.movements_of(holds[0].command()).unwrap();
    let told: Vec<_> = placed.iter().map(|it| (it.kind, it.status, it.amount, it.captured)).collect();
    assert_eq!(
        told,
        [
            (MovementKind::Hold, MovementStatus::Held, won(100), won(0)),
            (MovementKind::Transfer, MovementStatus::Posted, won(1), won(0)),
            (MovementKind::Hold, MovementStatus::PartlySettled, won(200), won(150)),
        ]
    );
    assert_eq!((placed[0].as_hold(), placed[2].as_hold()), (holds[0], holds[2]));
    let query = TransferQuery { hold: Some(holds[2]), ..TransferQuery::default() };
    let of_hold = town.bank.transfers(query).unwrap().data;
    assert_eq!(of_hold.iter().map(|it| it.id).collect::<Vec<_>>(), [void, part]);
    assert!(of_hold.iter().all(|it| it.hold == Some(holds[2]) && it.details.reference == "third"), "{of_hold:?}");
    let query = TransferQuery { hold: Some(holds[0]), ..TransferQuery::default() };
    assert_eq!(town.bank.transfers(query).unwrap().data, []);
    let statement = town.bank.history(number("A"), HistoryQuery::default()).unwrap().data;
    let lines: Vec<_> = statement.iter().map(|it| (it.what, it.step, it.hold, it.label.as_str())).collect();
    assert_eq!(
        lines[..5],
        [
            (EntryKind::Released, None, Some(holds[2]), "third"),
            (EntryKind::SettledOut, None, Some(holds[2]), "third"),
            (EntryKind::HoldOut, Some(2), None, "third"),
            (EntryKind::TransferOut, Some(1), None, ""),
            (EntryKind::HoldOut, Some(0), None, "first"),
        ]
    );
    let events = town.bank.events(placed[0].position, 3).unwrap().data;
    let EventKind::Linked { steps } = &events[0].what else { panic!("{events:?}") };
    for (step, id) in steps.iter().zip(&holds) {
        assert!(matches!(step, EventKind::Posted { .. }) || matches!(step, EventKind::Held { hold, .. } if hold == id));
    }
    let EventKind::Settled { hold, placed, .. } = &events[1].what else { panic!("{events:?}") };
    assert_eq!((*hold, placed.as_ref().unwrap().details.reference.as_str()), (holds[2], "third"));
    // A captured part is reversed by its capture; the hold itself cannot be reversed.
    let original = holds[2].command();
    let reverse = Reverse::all(original).with_step(2);
    assert_eq!(refused(town.bank.reverse(reverse)), Refusal::NotReversible { original });
    town.bank.reverse(Reverse::part(part, won(50))).unwrap();
    // Looking up a step's reversal skips the ends of the command's holds.
    town.bank.void_hold(VoidHold::new(holds[0])).unwrap();
    town.bank.reverse(Reverse::all(original).with_step(1)).unwrap();
    let again = refused(town.bank.reverse(Reverse::all(original).with_step(1)));
    assert_eq!(again, Refusal::ReversalTooLarge { left: won(0), requested: won(1) });
    assert_eq!(town.bank.hold(holds[0]).unwrap().unwrap().status, HoldStatus::Voided);
    assert_eq!(town.figures("A"), (400, 0, 0));
}

#[test]
fn a_page_of_holds_keeps_those_of_one_record_together() {
    let town = Town::new(0);
    town.deposit("A", 500);
    let mut placed = link(&town, vec![hold("A", "B", 1)]);
    placed.extend(link(&town, vec![hold("A", "B", 1), hold("A", "B", 1), hold("A", "B", 1)]));
    placed.extend(link(&town, vec![hold("A", "B", 1), hold("A", "B", 1)]));
    for limit in 1..8 {
        let (mut found, mut after, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = town.bank.holds_after(number("A"), after, limit).unwrap();
            found.extend(page.data.iter().map(|it| it.id));
            (after, pages) = (page.next, pages + 1);
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, placed, "by {limit}");
        assert!(pages <= 3, "{pages} pages by {limit}");
    }
}

#[test]
fn a_single_hold_and_a_first_step_hold_are_distinct() {
    let town = Town::new(0);
    town.deposit("A", 100);
    let single = town.bank.place_hold(PlaceHold::new(number("A"), number("B"), won(10))).unwrap().id;
    let step = HoldId::of_step(single, 0);
    assert_eq!(town.bank.hold(step).unwrap(), None);
    assert_eq!(refused(town.bank.settle_hold(SettleHold::all(step))), Refusal::HoldUnknown { hold: step });
    assert_eq!(town.bank.settle_hold(SettleHold::all(single)).unwrap().end, Some(HoldEnd::Settled));
    assert_eq!(refused(town.bank.settle_hold(SettleHold::all(step))), Refusal::HoldUnknown { hold: step });
}
