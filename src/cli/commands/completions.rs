//! `completions`: prints the completion script for a shell.

use anyhow::Result;
use clap::ValueEnum as _;
use clap_complete::Shell;

use crate::cli::session::Session;

const EXAMPLES: &str = "\
Examples:
  mkdir -p ~/.local/share/bash-completion/completions ~/.zfunc ~/.config/fish/completions
  specter-token completions bash > ~/.local/share/bash-completion/completions/specter-token
  specter-token completions zsh > ~/.zfunc/_specter-token    # with `fpath+=~/.zfunc` before `compinit`
  specter-token completions fish > ~/.config/fish/completions/specter-token.fish";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// `command` is the whole command line.
pub(crate) fn run(args: &Args, session: &mut Session<'_>, mut command: clap::Command) -> Result<u8> {
    command.build();
    let mut offered = offered(&command).subcommands(command.get_subcommands().map(offered));
    session.print(script(args.shell, &mut offered)?)?;
    Ok(0)
}

/// Returns the command without hidden options, which clap_complete would offer. Its options already include help and
/// version.
fn offered(command: &clap::Command) -> clap::Command {
    let options = command.get_arguments().filter(|option| !option.is_hide_set());
    // clap needs static names, and the process ends after the script.
    let name: &'static str = Box::leak(command.get_name().into());
    clap::Command::new(name)
        .about(command.get_about().cloned().unwrap_or_default())
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .args(options.map(|option| option.clone().global(false)))
}

/// The script for a shell.
fn script(shell: Shell, command: &mut clap::Command) -> Result<String> {
    let mut script = Vec::new();
    clap_complete::generate(shell, command, "specter-token", &mut script);
    let script = String::from_utf8(script)?;
    // Corrections for faults of clap_complete 4.6.11.
    Ok(match shell {
        // A command with a hyphen in its name gets two names, and bash would never find the second.
        Shell::Bash => script.replace("specter__subcmd__token", "specter__token"),
        // After a first token, zsh would no longer know the options.
        Shell::Zsh => script.replace("'*::tokens", "'*:tokens"),
        // clap_complete leaves out the values of positional arguments.
        Shell::Fish => {
            let shells: Vec<String> = Shell::value_variants().iter().map(ToString::to_string).collect();
            let condition = "__fish_specter_token_using_subcommand completions";
            format!("{script}complete -c specter-token -n \"{condition}\" -f -a \"{}\"\n", shells.join(" "))
        }
        _ => script,
    })
}
