//! `argus export`: what is stored, row by row, in a file for other programs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportWhat {
    /// Model requests: tokens, money and its basis, where each belongs
    Requests,
    /// Events: prompts, tool calls, agents, errors; masked lines, no contents
    Events,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Columns with types, compressed; money as exact decimals
    Parquet,
    /// Comma-separated values, safe to open in a spreadsheet
    Csv,
    /// One JSON object a line
    Jsonl,
}

/// `argus export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// What to export
    #[arg(value_enum, value_name = "WHAT")]
    pub(crate) what: ExportWhat,
    /// How to write it
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: ExportFormat,
    /// The file, for its owner alone; one that is there already is replaced when all is written. `-` is the standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Only from then on: 2026-11-22, 2026-11-22T14:00:00Z, 2h, 7d, today
    #[arg(long, value_name = "T")]
    pub(crate) since: Option<String>,
    /// Only before then
    #[arg(long, value_name = "T")]
    pub(crate) until: Option<String>,
    /// Only this project: its path or its folder's name
    #[arg(long, value_name = "P")]
    pub(crate) project: Option<String>,
    /// Only this session: its id, or the beginning of it
    #[arg(long, value_name = "SESSION")]
    pub(crate) session: Option<String>,
}
