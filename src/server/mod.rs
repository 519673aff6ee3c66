//! The bank as a service: members, sign-in, transfers, reports and administration over HTTP.
//!
//! | module | what it is | what it must never do |
//! | --- | --- | --- |
//! | `config` | what the operator sets, from flags, environment and `jangbu.toml` | have a default that is unsafe |
//! | `service` | what every request shares | be locked while money is decided |
//! | `http` | problems, JSON, cursors, keys against repetition | know of an account |
//! | `edge` | what stands around every route: request ids, headers, limits, other sites | know of a member |
//! | `app`, `run` | the service put together, started and stopped | lose what was acknowledged |
//! | `networks` | the networks that an address belongs to | ask anybody |
//! | `rates` | how often is too often, by member, by address and in total | grow without bound |
//! | `pace` | runs of standing orders, counted among their owner's transfers | lose a run |
//! | `budgets` | what each operation is charged to, and the one place where it is | let an operation go without |
//! | `acquaintance` | accounts of others that members name | show which numbers exist to who tries them all |
//! | `bodies` | the memory of bodies under way | give one caller everybody's |
//! | `descriptors` | open files, shared between connections and the bank | leave the bank none |
//! | `storage` | what is left of the disk | stop staff before the disk does |
//! | `principal` | who asks, and what they may do | let a route go unauthorised |
//! | `access` | who may call each route, and what else it needs: permission, scope, proof, in one table | miss a route |
//! | `scopes` | what a token may be used for, and what it is bound to | allow more than a role does |
//! | `allowances` | what tokens with a total per day have paid | let a restart forget it |
//! | `interests` | what staff does not do, since it is their own or their household's | know a role |
//! | `proof` | what is shown of a person who calls | take a token for a person |
//! | `unproven` | limits above which money needs a proof, and what was moved within a day without one | let a restart forget it |
//! | `identity` | names the member in every answer; refuses what was meant for another | change what a route answers |
//! | `networks` | the networks that an address belongs to | ask anybody |
//! | `members` | members, their credentials, sessions and tokens, sealed in the journal | keep a secret in the clear |
//! | `turns` | requests about the same thing, one after the other | let anybody else wait |
//! | `answers` | first answers, kept for who repeats a request | answer a request twice as if it were two |
//! | `audit` | who did or read what | forget |
//! | `facts` | whose accounts are | keep what can change |
//! | `finishing` | changes under way, which end whoever goes away | begin more of them than there are places |
//! | `shapes` | what the API tells and takes of money, one file a shape | ask the bank |
//! | `streams` | events on their way to who follows them | show anybody what is another's |
//! | `metric_table` | every metric that the service exports, with its meaning | measure anything |
//! | `gauges` | what the engine is doing, second by second | slow it down |
//! | `listing` | lists for administration: search, filters, order, pages, CSV | know a resource |
//! | `dashboard` | the files of the web dashboard | depend on who asks |
//! | `routes` | one file per resource: reads the request, asks the bank, answers | decide about money |
//!
//! What this module must never do: decide about money. The ledger decides; this is its edge.

#[cfg(test)]
mod abuse_tests;
mod access;
mod acquaintance;
mod allowances;
mod answers;
mod app;
mod audit;
mod bodies;
mod budgets;
pub(crate) mod config;
mod dashboard;
mod demo;
mod descriptors;
#[cfg(test)]
mod dropped_tests;
mod edge;
mod exposition;
mod exposure;
mod facts;
mod finishing;
mod founding;
mod gauges;
mod http;
mod identity;
mod interests;
mod listing;
pub(crate) mod local;
#[cfg(test)]
mod matrix_tests;
mod members;
mod metric_table;
mod networks;
pub(crate) mod openapi;
mod pace;
pub(crate) mod principal;
mod proof;
#[cfg(test)]
mod proof_tests;
mod rates;
mod routes;
pub(crate) mod run;
pub(crate) mod scopes;
mod service;
mod setup;
mod shapes;
mod stopping;
mod storage;
mod streams;
#[cfg(test)]
mod strictness_tests;
#[cfg(test)]
mod testing;
mod time;
#[cfg(test)]
mod trespass_tests;
mod turns;
mod unproven;
#[cfg(test)]
mod unproven_tests;
mod verifier_http;

pub(crate) use members::{Keys, KeysError, KeysFound, MEMBER_RECORDS, verify_keys};
