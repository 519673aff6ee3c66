//! Runs that are put off because other payments count towards the same rate limit.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jangbu_actors::Pace;
use jangbu_actors::ledger::{CatchUp, OwnerId, ScheduleChange, Timestamp};

use crate::support::{Scene, balance, change, daily, open_paced, set, standing, time, told};

const MINUTE_NS: i64 = 60_000_000_000;

/// Three transfers per owner and minute, by hand or by schedule.
#[derive(Default)]
struct ThreeAMinute {
    made: Mutex<HashMap<(OwnerId, i64), u32>>,
}

impl ThreeAMinute {
    fn allows(&self, owner: &OwnerId, now: Timestamp) -> bool {
        let mut made = self.made.lock().unwrap();
        let made = made.entry((*owner, now.as_ns() / MINUTE_NS)).or_default();
        let is_allowed = *made < 3;
        *made += u32::from(is_allowed);
        is_allowed
    }
}

impl Pace for ThreeAMinute {
    fn put_off(&self, owner: &OwnerId, now: Timestamp) -> Option<Duration> {
        let left_ns = MINUTE_NS - now.as_ns() % MINUTE_NS;
        (!self.allows(owner, now)).then(|| Duration::from_nanos(u64::try_from(left_ns).unwrap()))
    }
}

#[test]
fn missed_runs_follow_the_pace_and_none_is_lost() {
    let (scene, bank) = Scene::new();
    let id = set(&bank, daily().with_catch_up(CatchUp::All));
    bank.close().unwrap();
    scene.clock.set(time("2026-12-01T12:00+09:00"));
    let pace = Arc::new(ThreeAMinute::default());
    let open = || open_paced(&scene.path(), &scene.clock, pace.clone());

    let mina = OwnerId::new("mina").unwrap();
    assert!(pace.allows(&mina, time("2026-12-01T12:00+09:00")), "one is made by hand");
    let bank = open();
    bank.run_due().unwrap();
    assert_eq!(told(&bank, id), ["11-02 09:00 posted 1", "11-03 09:00 posted 1"]);
    assert!(!pace.allows(&mina, time("2026-12-01T12:00:59+09:00")), "and none can be made by hand");
    scene.go_to(&bank, "2026-12-01T12:00:59+09:00");
    assert_eq!(balance(&bank, "B"), 2_000, "it is not yet time");

    // A restart forgets that they wait, but neither loses nor repeats one.
    bank.close().unwrap();
    let bank = open();
    bank.run_due().unwrap();
    assert_eq!((balance(&bank, "B"), told(&bank, id).len()), (2_000, 2));
    assert_eq!(standing(&bank, id).progress.pending.unwrap().occurrence, time("2026-11-04T09:00+09:00"));
    for minute in 1..=9 {
        scene.go_to(&bank, &format!("2026-12-01T12:{minute:02}+09:00"));
        assert_eq!(told(&bank, id).len(), 2 + 3 * minute);
    }
    scene.go_to(&bank, "2026-12-01T12:10+09:00");
    let all = told(&bank, id);
    assert_eq!(all.len(), 30, "from 2 November to 1 December");
    assert!(all.iter().all(|run| run.ends_with("09:00 posted 1")), "{all:?}");
    assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), 30);
    scene.go_to(&bank, "2026-12-02T09:00+09:00");
    assert_eq!(balance(&bank, "B"), 31_000, "it goes on");
    scene.end(bank);
}

#[test]
fn a_run_that_is_put_off_can_be_paused_and_cancelled() {
    let (scene, bank) = Scene::new();
    let [first, second] = [CatchUp::All, CatchUp::All].map(|policy| set(&bank, daily().with_catch_up(policy)));
    bank.close().unwrap();
    scene.clock.set(time("2026-11-04T12:00+09:00"));
    let bank = open_paced(&scene.path(), &scene.clock, Arc::new(ThreeAMinute::default()));
    bank.run_due().unwrap();
    assert_eq!(balance(&bank, "B"), 3_000);
    let made = [first, second].map(|id| told(&bank, id).len());
    change(&bank, first, ScheduleChange::Pause);
    change(&bank, second, ScheduleChange::Cancel);
    scene.go_to(&bank, "2026-11-04T12:01+09:00");
    assert_eq!([first, second].map(|id| told(&bank, id).len()), made, "neither goes on");
    change(&bank, first, ScheduleChange::Resume);
    scene.go_to(&bank, "2026-11-05T09:00+09:00");
    assert_eq!(told(&bank, first).last().unwrap(), "11-05 09:00 posted 1");
    assert_eq!(balance(&bank, "B"), 4_000);
    scene.end(bank);
}
