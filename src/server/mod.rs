//! The bank as a service: members, sign-in, transfers, reports and administration over HTTP.
//!
//! | module | what it is | what it must never do |
//! | --- | --- | --- |
//! | `config` | what the operator sets, from flags, environment and `jangbu.toml` | have a default that is unsafe |
//! | `service` | what every request shares | be locked while money is decided |
//! | `http` | problems, JSON, cursors, headers, request ids, rate limits | know of an account |
//! | `principal` | who asks, and what they may do | let a route go unauthorised |
//! | `members` | members, their credentials, sessions and tokens, sealed in the journal | keep a secret in the clear |
//! | `audit` | who did or read what | forget |
//! | `dashboard` | the files of the web dashboard | depend on who asks |
//! | `routes` | one file per resource: reads the request, asks the bank, answers | decide about money |
//!
//! What this module must never do: decide about money. The ledger decides; this is its edge.

mod audit;
mod config;
mod dashboard;
mod http;
mod members;
mod principal;
mod routes;
mod service;
