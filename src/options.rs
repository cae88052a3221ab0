//! The options that every command has.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalOptions {
    /// Specter's data folder, which holds users.json
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, env = "SPECTER_DATA_FOLDER", default_value = "~/.specter")]
    pub(crate) data_folder: PathBuf,
    /// Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder's secret_key
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) secret_file: Option<PathBuf>,
    /// Print JSON; errors too, on standard error
    #[arg(long)]
    pub(crate) json: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// Do not confirm what was done
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}
