//! The bank's settings, by the seed: in addition to those that the simulator draws, the ones that clients notice.

use jangbu_actors::Builder;

/// The lowest limit of commands in flight.
pub(crate) const LEAST_IN_FLIGHT: usize = 8;

/// The lowest limit of open holds.
const FEWEST_HOLDS: usize = 4;

pub(crate) fn drawn(seed: u64, builder: Builder) -> Builder {
    let builder = builder.time_zone(["Asia/Seoul", "UTC", "America/New_York"][usize::try_from(seed % 3).unwrap()]);
    let builder = match seed % 5 {
        0 => builder.max_in_flight(LEAST_IN_FLIGHT),
        1 => builder.max_in_flight(3 * LEAST_IN_FLIGHT),
        _ => builder,
    };
    let builder = if seed % 7 == 1 { builder.max_open_holds(FEWEST_HOLDS) } else { builder };
    // Schedules stay due until another program opens the bank, which never happens here.
    builder.run_schedules(seed % 16 != 2)
}
