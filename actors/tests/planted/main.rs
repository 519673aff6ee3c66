//! Bugs are planted one by one, and each is caught: the test of the rule that it breaks passes without it and fails with
//! it.
#![expect(clippy::unwrap_used, reason = "tests")]

mod crashes;
mod rules;
mod slow_disk;
mod town;

use std::panic::{AssertUnwindSafe, catch_unwind};

use jangbu_actors::plant::{Bug, plant};

/// Sees that `test` passes as things are, and fails with `bug`.
#[track_caller]
fn catches(bug: Bug, test: impl Fn()) {
    {
        let _sound = plant(None);
        test();
    }
    let planted = plant(Some(bug));
    let caught = catch_unwind(AssertUnwindSafe(&test)).is_err();
    drop(planted);
    assert!(caught, "{bug:?} was planted, and nothing failed");
}
