//! Holds, linked steps, reversals and sweeps through the handle.

mod groups;
mod life;
mod support;
