//! The server as its clients meet it: over TCP, byte by byte, with a real database behind it.

#![expect(clippy::unwrap_used, reason = "in helpers of tests, too, a panic is the failure")]

mod alerts;
mod carry;
mod contract;
mod cost;
mod door;
mod limits;
mod live;
mod otlp;
mod records;
mod search;
mod served;
mod settings;
mod sign_in;
mod story;
mod sums;
