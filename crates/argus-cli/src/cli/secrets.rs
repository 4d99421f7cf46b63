//! Arguments of `argus secrets`.

use clap::Args;

/// `argus secrets`.
#[derive(Debug, Args)]
pub(crate) struct SecretsArgs {
    /// The secret whose places are wanted, by the fingerprint of its mark
    #[arg(value_name = "FINGERPRINT", conflicts_with = "session")]
    pub(crate) fingerprint: Option<String>,
    /// Only those of this session, by id or the beginning of one
    #[arg(long, value_name = "SESSION")]
    pub(crate) session: Option<String>,
}
