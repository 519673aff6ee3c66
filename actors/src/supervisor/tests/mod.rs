//! The flows, without threads: scripts of inputs, and what the core wants done after each.

mod commands;
mod script;
mod transfers;
mod words;
