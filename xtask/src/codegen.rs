//! Generated files, and the check that they are what the code would write now.
//!
//! Two steps: the routes write `openapi.json`, and that writes the dashboard's types. The first is a test of
//! `argus-api` that compares, or with `ARGUS_UPDATE` set writes. Both results are committed, so that a change of the
//! contract is seen in review.

use std::fs;
use std::process::Command;

use crate::workspace::Checkout;
use crate::{Result, build, program};

const CONTRACT: &str = "crates/argus-api/openapi.json";
const CONTRACT_TEST: &str = "the_committed_openapi_json_is_up_to_date";
const TYPES: &str = "ui/src/api/schema.ts";

/// Writes the contract and the types anew.
pub(crate) fn write(checkout: &Checkout) -> Result<()> {
    run_contract_test(contract_test(checkout)?.env("ARGUS_UPDATE", "1"))?;
    write_types(checkout)?;
    println!("wrote {CONTRACT} and {TYPES}");
    Ok(())
}

/// Fails when a committed file is stale, and leaves it as it was.
pub(crate) fn check(checkout: &Checkout) -> Result<()> {
    run_contract_test(&mut contract_test(checkout)?)?;
    let types = checkout.root().join(TYPES);
    let committed = fs::read(&types).map_err(|cause| format!("{TYPES}: {cause}"))?;
    write_types(checkout)?;
    let fresh = fs::read(&types)?;
    if fresh == committed {
        return Ok(());
    }
    fs::write(&types, committed)?;
    Err(format!("{TYPES} is stale: run `cargo xtask codegen` and look at the difference").into())
}

fn contract_test(checkout: &Checkout) -> Result<Command> {
    let mut test = checkout.cargo();
    checkout.scratch_environment(&mut test)?;
    test.args(["test", "-p", "argus-api", "--test", "http", CONTRACT_TEST]);
    Ok(test)
}

/// A filter that matches no test passes too: a renamed test must not pass for a fresh contract.
fn run_contract_test(test: &mut Command) -> Result<()> {
    let report =
        program::capture(test).map_err(|failure| format!("{CONTRACT} is stale or the test broke ({failure})"))?;
    if report.contains("1 passed") { Ok(()) } else { Err(format!("argus-api has no test {CONTRACT_TEST}").into()) }
}

fn write_types(checkout: &Checkout) -> Result<()> {
    let folder = checkout.ui().join("codegen");
    build::packages(&folder)?;
    program::run(Checkout::npm(&folder).args(["run", "--silent", "generate"]))
}
