//! `jangbu completions` and `jangbu man`: what shells and `man` know of the command line.

use std::io::Write;
use std::path::PathBuf;

use clap_complete::Shell;

use super::error::CliError;
use super::output::stdout;

/// Print shell completions
#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Print the man page, or write the pages of all subcommands into a directory
#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// Where to write the pages: jangbu.1, jangbu-transfer.1 and so on
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

/// Prints completions.
pub(super) fn completions(args: &CompletionsArgs) -> Result<(), CliError> {
    let mut output = stdout();
    // Into memory first: the generator panics where its writer fails, as it does when the reader is gone.
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut super::command_line(), "jangbu", &mut text);
    output.write_all(&text)?;
    Ok(output.flush()?)
}

/// Prints or writes man pages.
pub(super) fn man(args: &ManArgs) -> Result<(), CliError> {
    let command = super::command_line();
    match &args.directory {
        None => {
            let mut output = stdout();
            clap_mangen::Man::new(command).render(&mut output)?;
            Ok(output.flush()?)
        }
        Some(directory) => {
            let written =
                std::fs::create_dir_all(directory).and_then(|()| clap_mangen::generate_to(command, directory));
            written.map_err(|source| CliError::File { operation: "write", path: directory.clone(), source })
        }
    }
}
