//! Backups of a running bank, restoring and archiving: nothing is lost, and nothing damaged passes for sound.
//!
//! | file | what is tested |
//! | --- | --- |
//! | `copies` | what a backup contains, copies and refuses |
//! | `damage` | that every changed byte is detected |
//! | `faults` | interrupted backups and restores |
//! | `archive` | a bank without its oldest segments |
//! | `archived` | its answers about archived records |
//! | `archive_faults` | interrupted archiving |

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod archive;
mod archive_faults;
mod archived;
mod copies;
mod damage;
mod faults;
mod support;
