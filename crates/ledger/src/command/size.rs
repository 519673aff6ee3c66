//! The size limit of commands, which keeps every record far below the journal's own limit.

use super::{Command, InvalidCommand};
use crate::codec;
use jangbu_plant::{Bug, is_planted};

/// The maximum size of an encoded command in bytes.
///
/// A record contains the data of its command, or the command itself if it was refused, so bounding commands bounds
/// records. 72 KiB is enough for the largest command that writes application records (16 values of 4,096 bytes with
/// their keys), and for 64 linked transfers with 1,000 bytes of labels, reference and metadata each.
pub const MAX_COMMAND_BYTES: usize = 72 * 1024;

/// The maximum number of bytes by which a record exceeds its command. Linked steps need the most: up to 200 bytes for
/// each of 64 steps, for accounts, fees, dates and links. A refusal and the head of a record need about 200 bytes.
const MOST_ADDED_BYTES: usize = 16 * 1024;

const _: () = assert!(MAX_COMMAND_BYTES + MOST_ADDED_BYTES <= codec::MAX_RECORD_BYTES * 3 / 4);

/// Checks that the encoding of `command` is within [`MAX_COMMAND_BYTES`].
pub(super) fn check(command: &Command) -> Result<(), InvalidCommand> {
    if has_small_bounds(command) || is_planted(Bug::CommandsUnbounded) {
        return Ok(());
    }
    let bytes = codec::encoded_bytes(command);
    if bytes > MAX_COMMAND_BYTES { Err(InvalidCommand::TooLarge(bytes)) } else { Ok(()) }
}

/// Returns whether the limits of its texts keep the command below 4 KiB, so that its size need not be computed.
const fn has_small_bounds(command: &Command) -> bool {
    match command {
        Command::Linked(_) | Command::PutRecords { .. } => false,
        Command::Transfer(_)
        | Command::Deposit(_)
        | Command::Withdrawal(_)
        | Command::OpenAccount(_)
        | Command::ChangeAccount(_)
        | Command::SetType { .. }
        | Command::SetOwner { .. }
        | Command::AddCurrency { .. }
        | Command::PlaceHold(_)
        | Command::SettleHold(_)
        | Command::VoidHold(_)
        | Command::AmendHold(_)
        | Command::ExpireHold { .. }
        | Command::Reverse(_)
        | Command::RepairReversals(_)
        | Command::Sweep(_)
        | Command::SetSchedule(_)
        | Command::ChangeSchedule(_) => true,
    }
}

#[cfg(test)]
mod tests;
