//! Arguments of `argus webhooks`.

use clap::Subcommand;

/// `argus webhooks`.
#[derive(Debug, Subcommand)]
pub(crate) enum WebhooksCommand {
    /// List them, and why the last message to one did not arrive
    List,
    /// Send a test message
    Test {
        /// Only to this one
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
}
