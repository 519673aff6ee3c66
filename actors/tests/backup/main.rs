//! Backups beside a running bank, restoring them, and archiving: nothing is lost, and nothing damaged passes for sound.
//!
//! | file | what is asked |
//! | --- | --- |
//! | `copies` | what a backup holds, what it copies, what it refuses |
//! | `damage` | whether every changed byte is found |
//! | `faults` | what an interrupted backup or restore leaves |
//! | `archive` | what a bank does without its oldest segments |
//! | `archived` | what it says of what is in them |
//! | `archive_faults` | what an interrupted archiving leaves |

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod archive;
mod archive_faults;
mod archived;
mod copies;
mod damage;
mod faults;
mod support;
