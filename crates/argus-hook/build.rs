//! Decides whether the hook is built without libc (`cfg(without_libc)`), and then links it as a plain static program.
//!
//! Starting glibc costs three times what the whole hook does, so on Linux the hook brings its own entry point. The
//! condition here and the one on the dependency in Cargo.toml are the same.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(without_libc)");
    let target = |key: &str| env::var(format!("CARGO_CFG_TARGET_{key}")).unwrap_or_default();
    let known_arch = matches!(target("ARCH").as_str(), "x86_64" | "aarch64");
    if target("OS") != "linux" || target("ENV") != "gnu" || !known_arch {
        return;
    }
    println!("cargo::rustc-cfg=without_libc");
    for argument in ["-nostartfiles", "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none", "-Wl,-z,norelro"] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
