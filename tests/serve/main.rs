//! Black-box tests of `jangbu serve`: the real program, on a port of its own, asked over TCP.

mod administrators;
mod hostile;
mod life;
mod operator;
mod service;
mod settings;
