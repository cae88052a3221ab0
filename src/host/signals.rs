//! Signals that end the process: HUP, INT, TERM and QUIT.
//!
//! A command that changes something holds the first three back. It ends either with the change made and reported, or
//! with nothing changed; then the signal ends the process. A second signal ends it at once, and so does QUIT. A handler
//! must neither write a message nor restore a terminal, so it only notes the signal, and a thread acts on it.

use std::io;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

const ENDING: [i32; 4] = [SIGHUP, SIGINT, SIGTERM, SIGQUIT];

/// The last signal that came and can be held back, or 0. The handler itself sets it, so that it is known at once.
static COME: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

static STATE: Mutex<State> = Mutex::new(State { is_watched: false, held_back: None, before_end: Vec::new() });

struct State {
    is_watched: bool,
    held_back: Option<HeldBack>,
    /// The actions before a signal ends the process.
    before_end: Vec<fn()>,
}

/// The state while signals are held back.
struct HeldBack {
    has_come: bool,
    /// Tells what may be left behind if a signal ends the process anyway.
    tell: Box<dyn Fn() + Send>,
}

/// Registers an action that runs before a signal ends the process.
pub(crate) fn before_end(action: fn()) -> io::Result<()> {
    state().before_end.push(action);
    watch()
}

/// Holds signals back until [`release`]. `tell` tells what may be left behind if a signal ends the process anyway.
pub(crate) fn hold_back(tell: impl Fn() + Send + 'static) -> io::Result<()> {
    state().held_back = Some(HeldBack { has_come: false, tell: Box::new(tell) });
    watch()
}

/// Whether a signal was held back.
pub(crate) fn has_come() -> bool {
    COME.load(Ordering::SeqCst) != 0 && state().held_back.is_some()
}

/// Lets signals end the process again. A signal that was held back ends it now.
pub(crate) fn release() {
    let was_held_back = state().held_back.take().is_some();
    let signal = COME.load(Ordering::SeqCst);
    if was_held_back && let Ok(signal @ 1..) = i32::try_from(signal) {
        end_by(signal);
    }
}

/// Ends the process by a signal, as if it had no handler.
#[expect(clippy::exit)] // there is no caller to return to
pub(crate) fn end_by(signal: i32) -> ! {
    let before_end = state().before_end.clone();
    for action in before_end {
        action();
    }
    let _ = emulate_default_handler(signal);
    process::exit(128 + signal)
}

/// Starts the thread, once.
fn watch() -> io::Result<()> {
    let mut state = state();
    if state.is_watched {
        return Ok(());
    }
    let ignored = ignored();
    // `nohup` makes a process ignore HUP, and a shell makes a background process ignore INT. Such signals stay ignored.
    let ending = ENDING.into_iter().filter(|signal| ignored & (1 << (signal - 1)) == 0);
    for signal in ending.clone().filter(|signal| *signal != SIGQUIT) {
        let value = usize::try_from(signal).unwrap_or_default();
        flag::register_usize(signal, Arc::clone(&COME), value)?;
    }
    // With this, a write past the limit of file sizes (`ulimit -f`) fails, and does not end the process.
    flag::register(SIGXFSZ, Arc::default())?;
    let mut signals = Signals::new(ending)?;
    let (runs, is_running) = mpsc::channel();
    thread::Builder::new().stack_size(STACK).spawn(move || {
        let _ = runs.send(());
        signals.forever().for_each(act_on);
    })?;
    // A thread that cannot begin ends the process. This must happen before anything is changed.
    let _ = is_running.recv();
    state.is_watched = true;
    Ok(())
}

/// The stack of the thread in bytes. The thread does little.
const STACK: usize = 64 << 10;

fn act_on(signal: i32) {
    match &mut state().held_back {
        Some(held_back) if !held_back.has_come && signal != SIGQUIT => {
            held_back.has_come = true;
            return;
        }
        Some(held_back) => (held_back.tell)(),
        None => {}
    }
    end_by(signal);
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The signals that this process ignored from its start, one bit each. 0 if the system does not tell.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}
