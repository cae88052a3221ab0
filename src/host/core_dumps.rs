//! Turns off core dumps, which would leave keys, passwords and tokens on a disk.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Makes sure that this process never leaves a core dump, and that no process of an ordinary user can read its memory.
/// Call this before anything reads a secret; the command line may already hold one.
pub fn forbid_core_dumps() {
    // If the system refuses this, the process is as safe as any other. That is no reason to stop.
    let _ = setrlimit(Resource::Core, rustix::process::Rlimit { current: Some(0), ..getrlimit(Resource::Core) });
    // The limit does not count on a system that pipes dumps to a program.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}
