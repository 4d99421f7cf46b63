//! Makes sure that the folder of built dashboard files exists (it may be empty), and that a new build of the
//! dashboard is embedded: file names change with their content, so the folder itself is watched.

use std::path::PathBuf;

fn main() {
    // Asked at run time: a target folder may be shared by several checkouts.
    let built = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../ui/dist");
    if let Err(error) = std::fs::create_dir_all(&built) {
        println!("cargo:warning=cannot create ui/dist: {error}");
    }
    println!("cargo:rerun-if-changed=../../ui/dist");
}
