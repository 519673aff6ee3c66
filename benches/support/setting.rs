//! The sizes of a benchmark and how long it measures.

use std::time::Duration;

use criterion::Criterion;

/// Returns a size: the environment variable `name`, or else `usual`; a hundredth of it in a trial run by `cargo test`
/// or `cargo bench -- --test`.
pub(crate) fn size(name: &str, usual: usize) -> usize {
    let given = std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")));
    let asked = |option: &str| std::env::args().any(|argument| argument == option);
    // Detected the same way as Criterion does.
    let tried_only = asked("--test") || !asked("--bench");
    given.unwrap_or(if tried_only { usual.div_ceil(100) } else { usual })
}

/// Ten samples in about two seconds. The machine's noise makes longer measurements pointless.
pub(crate) fn brief() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1_500))
        .configure_from_args()
}
