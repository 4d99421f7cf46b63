//! Install and uninstall over golden and generated settings (trust.md A12, A13).
mod golden;
mod property;
