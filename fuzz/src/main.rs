//! Runs the target of the fuzzer that the first argument names.

use specter_token::fuzz;

fn main() {
    let target: fn(&[u8]) = match std::env::args().nth(1).as_deref() {
        Some("users_json") => fuzz::users_json,
        Some("token") => fuzz::token,
        Some("time") => fuzz::time,
        Some("escaping") => fuzz::escaping,
        other => panic!("no target {other:?}"),
    };
    afl::fuzz!(|bytes: &[u8]| target(bytes));
}
