//! Black-box tests of the program: only its arguments, its output and its exit status.

mod bench;
mod damage;
mod errors;
mod import;
mod output;
mod program;
mod schedule;
