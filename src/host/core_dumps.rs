//! Core dumps, which would leave keys, passwords and tokens on a disk.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Makes sure that this process never leaves a core dump, and that no process of an ordinary user can read its memory. To be
/// called before the first secret is read, which can stand on the command line.
pub fn forbid_core_dumps() {
    // A system that refuses this leaves the process as safe as any other, which is no reason to stop.
    let _ = setrlimit(Resource::Core, rustix::process::Rlimit { current: Some(0), ..getrlimit(Resource::Core) });
    // A system that pipes dumps to a program does not look at the limit.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}
