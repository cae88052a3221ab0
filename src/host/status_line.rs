//! A line on the terminal that tells what takes longer than a second, while it lasts.
//!
//! Without a terminal there is no line and no thread. On a terminal, a thread writes the line, because the waiting
//! thread is blocked. A write through [`Erasing`] erases it first, and so does a signal that ends the process.

use std::io::{self, IsTerminal as _, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::getpgrp;
use rustix::termios::{tcgetpgrp, tcgetwinsize};
use unicode_width::UnicodeWidthChar as _;

use super::environment;
use super::signals;

/// Nothing shorter is told.
const LONG: Duration = Duration::from_secs(1);

/// The time between two checks for something to tell.
const PAUSE: Duration = Duration::from_millis(250);

const ERASE: &str = "\r\x1B[K";

static LINE: Mutex<Line> =
    Mutex::new(Line { is_on: false, has_thread: false, begun: Vec::new(), next: 0, shown: None });

/// Wakes the thread when something begins.
static BEGUN: Condvar = Condvar::new();

struct Line {
    is_on: bool,
    has_thread: bool,
    /// The waits and the work going on. The line tells the last of those that have taken long.
    begun: Vec<Begun>,
    /// The next free number.
    next: u64,
    /// The text on the terminal, and the number of what it is about.
    shown: Option<(u64, String)>,
}

struct Begun {
    number: u64,
    since: Instant,
    text: Box<dyn Fn() -> String + Send>,
}

/// A wait or some work; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Lasting(u64);

impl Drop for Lasting {
    fn drop(&mut self) {
        let mut line = line();
        line.begun.retain(|begun| begun.number != self.0);
        if line.shown.as_ref().is_some_and(|(number, _)| *number == self.0) {
            line.erase();
        }
    }
}

/// Turns the line on, if standard error is a terminal that can erase it.
pub(crate) fn turn_on() {
    line().is_on = io::stderr().is_terminal() && !environment::has_dumb_terminal();
}

/// Whether the line is on.
pub(crate) fn is_on() -> bool {
    line().is_on
}

/// Shows `text` once this has taken long, until the result is dropped. `None` if the line is off.
pub(crate) fn begin(text: impl Fn() -> String + Send + 'static) -> Option<Lasting> {
    if !is_on() || !has_thread() {
        return None;
    }
    let mut line = line();
    let number = line.next;
    line.next += 1;
    line.begun.push(Begun { number, since: Instant::now(), text: Box::new(text) });
    drop(line);
    BEGUN.notify_one();
    Some(Lasting(number))
}

/// Starts the thread once. Returns whether it runs.
fn has_thread() -> bool {
    if line().has_thread {
        return true;
    }
    // Two callers at the same time start a thread each, which does no harm.
    let runs = signals::before_end(erase_for_good).is_ok() && thread::Builder::new().spawn(say_what_lasts).is_ok();
    line().has_thread = runs;
    runs
}

fn say_what_lasts() {
    let mut line = line();
    loop {
        if line.begun.is_empty() {
            line = BEGUN.wait(line).unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        line = BEGUN.wait_timeout(line, PAUSE).unwrap_or_else(PoisonError::into_inner).0;
        let long = line.begun.iter().rfind(|begun| begun.since.elapsed() >= LONG);
        if let Some(shown) = long.map(|begun| (begun.number, (begun.text)())) {
            line.show(shown);
        }
    }
}

fn erase_for_good() {
    let mut line = line();
    line.is_on = false;
    line.begun.clear();
    line.erase();
}

impl Line {
    fn show(&mut self, shown: (u64, String)) {
        let mut stderr = io::stderr();
        // A background job would write into the line that the user is typing.
        let is_foreground = tcgetpgrp(&stderr).ok().is_none_or(|group| group == getpgrp());
        if self.shown.as_ref() == Some(&shown) || !is_foreground {
            return;
        }
        // A wrapped line could not be erased.
        let columns = tcgetwinsize(&stderr).map_or(80, |size| usize::from(size.ws_col));
        let mut width = 0;
        let fits = |char: &char| {
            width += char.width().unwrap_or_default();
            width < columns
        };
        let cut: String = shown.1.chars().take_while(fits).collect();
        let _ = stderr.write_all(format!("{ERASE}{cut}").as_bytes());
        self.shown = Some(shown);
    }

    fn erase(&mut self) {
        if self.shown.take().is_some() {
            let _ = io::stderr().write_all(ERASE.as_bytes());
        }
    }
}

/// A stream that may lead to the terminal with the line.
pub(crate) struct Erasing<W>(pub(crate) W);

impl<W: Write> Write for Erasing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut line = line();
        line.erase();
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut line = line();
        line.erase();
        self.0.flush()
    }
}

fn line() -> MutexGuard<'static, Line> {
    LINE.lock().unwrap_or_else(PoisonError::into_inner)
}
