//! The bank's settings, by the seed: beside those that the simulator draws by itself, the ones that clients notice.

use jangbu_actors::Builder;

/// The fewest commands that a bank of these has room for at a time.
pub(crate) const LEAST_IN_FLIGHT: usize = 8;

/// The fewest holds that a bank of these keeps open at a time.
const FEWEST_HOLDS: usize = 4;

pub(crate) fn drawn(seed: u64, builder: Builder) -> Builder {
    let builder = builder.time_zone(["Asia/Seoul", "UTC", "America/New_York"][usize::try_from(seed % 3).unwrap()]);
    let builder = match seed % 5 {
        0 => builder.max_in_flight(LEAST_IN_FLIGHT),
        1 => builder.max_in_flight(3 * LEAST_IN_FLIGHT),
        _ => builder,
    };
    let builder = if seed % 7 == 1 { builder.max_open_holds(FEWEST_HOLDS) } else { builder };
    // Schedules stay due until somebody else opens the bank, and nobody does.
    builder.run_schedules(seed % 16 != 2)
}
