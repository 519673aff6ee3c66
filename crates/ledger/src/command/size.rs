//! The bound on a command's encoding, which keeps every record far below what the journal can write.

use super::{Command, InvalidCommand};
use crate::codec;
use jangbu_plant::{Bug, is_planted};

/// The most bytes of a command's encoding.
///
/// A record holds what its command holds, or the command itself when that is refused, so a bound on commands is one on
/// records. 72 KiB are room for the largest command that writes application records (16 values of 4,096 bytes with their
/// keys), and for 64 linked transfers with 1,000 bytes of labels, reference and metadata each.
pub const MAX_COMMAND_BYTES: usize = 72 * 1024;

/// The most bytes by which a record is larger than its command. Most of that are linked steps: 64 of up to 200 bytes for
/// accounts, fees, dates and the links of their legs. A refusal and the head of a record take some 200 bytes.
const MOST_ADDED_BYTES: usize = 16 * 1024;

const _: () = assert!(MAX_COMMAND_BYTES + MOST_ADDED_BYTES <= codec::MAX_RECORD_BYTES * 3 / 4);

/// Sees that the encoding of `command` is within [`MAX_COMMAND_BYTES`].
///
/// # Errors
/// [`InvalidCommand::TooLarge`] when it is not.
pub(super) fn check(command: &Command) -> Result<(), InvalidCommand> {
    if has_small_bounds(command) || is_planted(Bug::CommandsUnbounded) {
        return Ok(());
    }
    let bytes = codec::encoded_bytes(command);
    if bytes > MAX_COMMAND_BYTES { Err(InvalidCommand::TooLarge(bytes)) } else { Ok(()) }
}

/// Whether the bounds of its texts keep a command below 4 KiB, so that it need not be measured.
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
