//! `jangbu completions` and `jangbu man`: descriptions of the command line for shells and for `man`.

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
    /// The directory for the pages jangbu.1, jangbu-transfer.1 and so on; without it, jangbu.1 is printed
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

pub(super) fn completions(args: &CompletionsArgs) -> Result<(), CliError> {
    let mut output = stdout();
    // Generated into memory first, because the generator panics if its writer fails, as a closed pipe does.
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut super::command_line(), "jangbu", &mut text);
    output.write_all(&text)?;
    Ok(output.flush()?)
}

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
