//! Bugs are planted one by one, and each is caught: the test of the rule that it breaks passes without it and fails
//! with it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod bounds;
mod crashes;
mod earlier;
mod flows;
mod hooked_disk;
mod memory;
mod rules;
mod storage;
mod threads;
mod town;
mod turns;

use std::panic::{AssertUnwindSafe, catch_unwind};

use jangbu_actors::plant::{Bug, plant};

/// For a bug that shows in different ways.
const ANY: &str = "";

/// Checks that `test` passes without `bug` and fails with it, and that the failure contains `word`.
#[track_caller]
fn catches(bug: Bug, word: &str, test: impl Fn()) {
    {
        let _sound = plant(None);
        test();
    }
    let planted = plant(Some(bug));
    let caught = catch_unwind(AssertUnwindSafe(&test)).err();
    drop(planted);
    let panic = caught.unwrap_or_else(|| panic!("{bug:?} was planted, and nothing failed"));
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
    let said = said.unwrap_or_default();
    assert!(said.contains(word), "{bug:?} was planted, and something else failed: {said}");
}
