//! Generated files, and the check that they are what the code would write now.
//!
//! Two steps: the routes write `openapi.json`, and that writes the dashboard's types. The first is a test of
//! `argus-api` (`openapi_json_is_what_the_routes_say`) that compares, or with `ARGUS_WRITE_OPENAPI` set writes. Both
//! results are committed, so that a change of the contract is seen in review.

use std::fs;
use std::process::Command;

use crate::workspace::Checkout;
use crate::{Result, build, program};

const CONTRACT: &str = "crates/argus-api/openapi.json";
const TYPES: &str = "ui/src/api/schema.ts";

/// Writes the contract and the types anew.
pub(crate) fn write(checkout: &Checkout) -> Result<()> {
    program::run(contract_test(checkout)?.env("ARGUS_WRITE_OPENAPI", "1"))?;
    write_types(checkout)?;
    println!("wrote {CONTRACT} and {TYPES}");
    Ok(())
}

/// Fails when a committed file is stale, and leaves it as it was.
pub(crate) fn check(checkout: &Checkout) -> Result<()> {
    program::run(&mut contract_test(checkout)?)?;
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
    test.args(["test", "--quiet", "-p", "argus-api", "openapi_json_is_what_the_routes_say"]);
    Ok(test)
}

fn write_types(checkout: &Checkout) -> Result<()> {
    let folder = checkout.ui().join("codegen");
    build::packages(&folder)?;
    program::run(Checkout::npm(&folder).args(["run", "--silent", "generate"]))
}
