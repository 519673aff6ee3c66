//! Closed accounts, and the schedules that pay from or to them.

use jangbu_actors::EventKind;
use jangbu_actors::blocking::Bank;
use jangbu_actors::command::{CashPosting, ChangeAccount, ChangeSchedule, OpenAccount, SetSchedule};
use jangbu_actors::ledger::{
    Body, Change, CommandId, OwnerId, Position, Refusal, Schedule, ScheduleChange, ScheduleStatus,
};

use crate::prefixes::write;
use crate::support::{
    Scene, change, daily, number, open_later, records, refusal, runs, set, sound, standing, time, won,
};

/// An account without money, which can be closed.
fn empty(bank: &Bank, text: &str) {
    bank.open_account(OpenAccount::new(OwnerId::new("joon").unwrap()).with_number(number(text))).unwrap();
}

fn close(bank: &Bank, text: &str) -> Position {
    let change = ChangeAccount { id: CommandId::random(), account: number(text), change: Change::Close };
    bank.change_account(change).unwrap()
}

fn between(from: &str, to: &str) -> Schedule {
    Schedule { from: number(from), to: number(to), ..daily() }
}

#[test]
fn a_schedule_of_a_closed_account_is_refused() {
    let (scene, bank) = Scene::new();
    empty(&bank, "P");
    let before = set(&bank, between("A", "P"));
    close(&bank, "P");
    for schedule in [between("A", "P"), between("P", "A")] {
        let told = refusal(bank.schedule(SetSchedule::new(schedule)));
        assert_eq!(told, Refusal::AccountClosed { number: number("P") });
    }
    bank.close().unwrap();
    let bank = scene.open();
    let told = refusal(bank.schedule(SetSchedule::new(between("A", "P"))));
    assert_eq!(told, Refusal::AccountClosed { number: number("P") }, "also after a restart");
    assert_eq!(standing(&bank, before).progress.status, ScheduleStatus::AccountClosed);
    scene.end(bank);
}

#[test]
fn the_schedules_of_an_account_end_when_it_is_closed_and_say_so() {
    let (scene, bank) = Scene::new();
    for text in ["P", "Q"] {
        empty(&bank, text);
    }
    let (paying, paid) = (set(&bank, between("P", "A")), set(&bank, between("A", "P")));
    let (paused, cancelled) = (set(&bank, between("A", "P")), set(&bank, between("A", "P")));
    change(&bank, paused, ScheduleChange::Pause);
    change(&bank, cancelled, ScheduleChange::Cancel);
    let other = set(&bank, between("A", "Q"));
    let at = close(&bank, "P");
    for id in [paying, paid, paused] {
        let order = standing(&bank, id);
        assert_eq!((order.progress.status, order.progress.pending), (ScheduleStatus::AccountClosed, None));
        let told = refusal(bank.change_schedule(ChangeSchedule::new(id, ScheduleChange::Resume)));
        assert_eq!(told, Refusal::ScheduleEnded { schedule: id });
    }
    assert_eq!(standing(&bank, cancelled).progress.status, ScheduleStatus::Cancelled, "as it was");
    let mut ended: Vec<CommandId> = bank
        .events(at.next(), 100)
        .unwrap()
        .data
        .into_iter()
        .filter_map(|event| match event.what {
            EventKind::ScheduleChanged { schedule, change: ScheduleChange::AccountClosed, .. } => Some(schedule),
            _ => None,
        })
        .collect();
    ended.sort_unstable();
    let mut all = vec![paying, paid, paused];
    all.sort_unstable();
    assert_eq!(ended, all);
    scene.go_to(&bank, "2026-11-03T09:00+09:00");
    assert!(runs(&bank, paid).is_empty() && !runs(&bank, other).is_empty());
    bank.close().unwrap();
    let bank = scene.open();
    assert_eq!(standing(&bank, paid).progress.status, ScheduleStatus::AccountClosed);
    scene.end(bank);
}

/// A crash between the closing and the end of a schedule leaves the schedule; it ends when it would run.
#[test]
fn whatever_is_left_of_the_journal_the_schedule_ends() {
    let (scene, bank) = Scene::new();
    empty(&bank, "P");
    let id = set(&bank, between("A", "P"));
    bank.deposit(CashPosting::new(number("A"), won(5))).unwrap();
    close(&bank, "P");
    bank.close().unwrap();
    let all = records(&scene.path());
    let closed = all.iter().position(|record| matches!(record.body, Body::AccountChanged { .. })).unwrap();
    assert!(matches!(all[closed + 1].body, Body::ScheduleChanged(_)), "{:?}", all[closed + 1]);
    for cut in [closed + 1, closed + 2] {
        let left = tempfile::tempdir().unwrap();
        write(left.path(), &all[..cut]);
        let bank = open_later(left.path(), &scene.clock, scene.zone);
        scene.clock.set(time("2026-11-05T12:00+09:00"));
        bank.run_due().unwrap();
        assert_eq!(standing(&bank, id).progress.status, ScheduleStatus::AccountClosed, "{cut}");
        bank.close().unwrap();
        sound(left.path());
    }
}

#[test]
fn no_command_can_end_a_schedule_as_closed() {
    let (scene, bank) = Scene::new();
    let id = set(&bank, between("A", "B"));
    assert!(bank.change_schedule(ChangeSchedule::new(id, ScheduleChange::AccountClosed)).is_err());
    assert_eq!(standing(&bank, id).progress.status, ScheduleStatus::Active);
    scene.end(bank);
}
