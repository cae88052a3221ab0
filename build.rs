//! Links GCC's unwinder, which Rust uses to tell where a panic came from, statically into a release on Linux. Loading
//! it as a library takes a tenth of the time of a short command. Without such an archive, nothing changes.

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=RUSTC_LINKER");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    // Without the link-time optimization of a release, the standard library would still use the library.
    let is_release = is("PROFILE", "release");
    let is_cross = env::var("HOST") != env::var("TARGET");
    if !is_release || is_cross || !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    let linker = env::var("RUSTC_LINKER").unwrap_or("cc".to_owned());
    let Ok(output) = Command::new(linker).arg("-print-file-name=libgcc_eh.a").output() else { return };
    let path = String::from_utf8_lossy(&output.stdout);
    // A path without a folder means that it was not found.
    if let Some(folder) = Path::new(path.trim_end()).parent().filter(|folder| folder.is_absolute()) {
        println!("cargo:rustc-link-search=native={}", folder.display());
        println!("cargo:rustc-link-lib=static:-bundle=gcc_eh");
    }
}
