//! Black-box tests of the program through its arguments, output and exit status.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod backup;
mod bench;
mod clock;
mod commands;
mod damage;
mod document_commands;
mod document_links;
mod documents;
mod environment;
mod errors;
mod files;
mod founding;
mod groups;
mod holds;
mod import;
mod import_again;
mod import_files;
mod moments;
mod output;
mod past;
mod preview;
mod program;
mod reading;
mod refusals;
mod repair;
mod schedule;
