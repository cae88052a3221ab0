//! Questions on a terminal.
//!
//! Questions need a terminal as standard input and as standard error. The terminal itself edits the typed line, and its
//! keys keep their meaning in every question: Ctrl-D ends it, Ctrl-C, Ctrl-Z and Ctrl-\ are signals. A question may
//! hide the cursor or the echo. The state from before the first question is kept, and restored however the process ends
//! or stops. A crate that reads keys (dialoguer, on console) does not help: it ignores Ctrl-D and Ctrl-Z, chooses with
//! the space bar, and treats every signal as Ctrl-C.

use std::io::{self, Write as _};
use std::panic;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use anyhow::{Context as _, Result};
use rustix::io::{read, retry_on_intr};
use rustix::process::{getpgrp, getsid};
use rustix::stdio::stdin;
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetwinsize, tcsetattr,
};
use signal_hook::consts::SIGTSTP;
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::host::signals;
use crate::words::codes::Kind;
use crate::words::escape::escaped;
use crate::words::failure::Failure;

const ASKING: &str = "could not ask on the terminal";
const HIDE_CURSOR: &str = "\x1B[?25l";
const SHOW_CURSOR: &str = "\x1B[?25h";
/// The longest line that a terminal passes on (`N_TTY_BUF_SIZE` of Linux, less the newline).
const LONGEST: usize = 4095;

/// The state of the terminal before the first question.
static BEFORE: OnceLock<Termios> = OnceLock::new();

/// The question that waits for an answer.
static ASKED: Mutex<Option<Asked>> = Mutex::new(None);

/// A terminal that questions can be asked on.
#[derive(Debug)]
pub(crate) struct Prompt {
    before: Termios,
}

impl Prompt {
    /// Prepares the terminal. Standard input and standard error must be terminals.
    pub(crate) fn new() -> io::Result<Self> {
        if let Some(before) = BEFORE.get() {
            return Ok(Prompt { before: before.clone() });
        }
        let before = tcgetattr(stdin())?;
        if BEFORE.set(before.clone()).is_ok() {
            signals::before_end(restore_for_good)?;
            last_through_stops()?;
            let default = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                restore();
                default(info);
            }));
        }
        Ok(Prompt { before })
    }

    /// Asks for a line, again and again until `read` accepts it.
    pub(crate) fn line<T>(&self, question: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<T> {
        let question = format!("{question}: ");
        let mut shown = question.clone();
        loop {
            let line = typed(self.line_mode(), shown.clone())?.ok_or_else(|| no_answer(HOW_ELSE))?;
            let line = String::from_utf8_lossy(&line);
            let answer = if line.contains(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER) {
                Err("it holds a key that is not text, such as an arrow or Tab; type it again".to_owned())
            } else {
                read(&line)
            };
            // An answer replaces the error before it, and an error replaces the answer.
            let erasing = erase(rows(&format!("{shown}{line}"), size().1));
            match answer {
                Ok(answer) if shown == question => return Ok(answer),
                Ok(answer) => {
                    say(&format!("{erasing}{question}{}\n", escaped(&line))).context(ASKING)?;
                    return Ok(answer);
                }
                Err(error) => {
                    say(&erasing).context(ASKING)?;
                    shown = format!("error: {error}\n{question}");
                }
            }
        }
    }

    /// Asks for a text that does not appear on the screen.
    pub(crate) fn secret(&self, question: &str) -> Result<String> {
        let mut mode = self.line_mode();
        mode.local_modes -= LocalModes::ECHO;
        // Only the end of the line is shown.
        mode.local_modes |= LocalModes::ECHONL;
        let secret = typed(mode, format!("{question}: "))?.ok_or_else(|| no_answer(HOW_ELSE))?;
        let unreadable = |message: &str, hint: &str| Failure::new(Kind::Usage, message, hint);
        if secret.len() >= LONGEST {
            let message = "could not read all that was typed: a terminal cuts lines at 4095 bytes";
            return Err(unreadable(message, "give it in a file, or on standard input").into());
        }
        String::from_utf8(secret)
            .map_err(|_| unreadable("could not read what was typed: it is not UTF-8", "give it in a file").into())
    }

    /// Asks for a new secret, twice unless it is empty.
    pub(crate) fn new_secret(&self, question: &str) -> Result<String> {
        loop {
            let secret = self.secret(question)?;
            if secret.is_empty() || secret == self.secret("Once more")? {
                return Ok(secret);
            }
            say("The two differ.\n").context(ASKING)?;
        }
    }

    /// Lets the user choose one of several lines with the arrow keys. The lines must be safe for a terminal.
    pub(crate) fn choice(&self, question: &str, lines: &[String]) -> Result<usize> {
        /// The question, one line, and the cursor below it.
        const FEWEST_ROWS: usize = 3;
        let (rows, _) = size();
        if rows < FEWEST_ROWS {
            let message = format!("could not show what to choose from: the terminal has {rows} rows");
            return Err(Failure::new(Kind::Usage, message, "make it higher, or name the token").into());
        }
        let asked = Asked::open(self.key_mode(1, 0), list(question, lines, 0)).context(ASKING)?;
        let chosen = chosen(question, lines);
        drop(asked);
        chosen.context(ASKING)?
    }

    /// Asks whether to go on. Only yes and Enter go on.
    pub(crate) fn confirmation(&self, question: &str) -> Result<()> {
        const HINT: &str = "answer y and Enter, or give --yes, to go on";
        self.drop_what_still_arrives().context(ASKING)?;
        let answer = typed(self.line_mode(), format!("{question} [y/N] "))?.ok_or_else(|| no_answer(HINT))?;
        let answer = answer.trim_ascii().to_ascii_lowercase();
        if matches!(&answer[..], b"y" | b"yes") { Ok(()) } else { Err(declined(HINT)) }
    }

    /// Drops all input until nothing has come for a tenth of a second, because pasted text arrives in parts.
    fn drop_what_still_arrives(&self) -> io::Result<()> {
        let _asked = Asked::open(self.key_mode(0, 1), String::new())?;
        while !keys_pressed()?.is_empty() {}
        Ok(())
    }

    /// The mode in which the terminal passes on whole lines, as for most programs.
    fn line_mode(&self) -> Termios {
        let mut mode = self.before.clone();
        mode.input_modes |= InputModes::ICRNL;
        mode.local_modes |= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        mode
    }

    /// The mode in which the terminal passes on each key, and shows none. It waits for `least` bytes, or for `tenths`
    /// of a second.
    fn key_mode(&self, least: u8, tenths: u8) -> Termios {
        let mut mode = self.line_mode();
        mode.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ECHONL;
        mode.special_codes[SpecialCodeIndex::VMIN] = least;
        mode.special_codes[SpecialCodeIndex::VTIME] = tenths;
        mode
    }
}

const HOW_ELSE: &str = "--help tells how to give it without a question";

fn declined(hint: &str) -> anyhow::Error {
    Failure::new(Kind::Declined, "declined; nothing was changed", hint).into()
}

fn no_answer(hint: &str) -> anyhow::Error {
    Failure::new(Kind::Declined, "no answer; nothing was changed", hint).into()
}

/// A question on the terminal, and the mode of the terminal while it waits.
struct Asked {
    mode: Termios,
    shown: String,
}

/// Restores the terminal after a question, and drops input that came with the answer.
struct Open;

impl Asked {
    /// Drops earlier input, and asks.
    fn open(mode: Termios, shown: String) -> io::Result<Open> {
        let mut asked = asked();
        let open = Open;
        asked.insert(Asked { mode, shown }).put()?;
        Ok(open)
    }

    fn put(&self) -> io::Result<()> {
        tcsetattr(stdin(), OptionalActions::Flush, &self.mode)?;
        say(&self.shown)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut asked = asked();
        if let Some(before) = BEFORE.get() {
            // Nothing can be done for a terminal that is gone.
            let _ = tcsetattr(stdin(), OptionalActions::Flush, before);
        }
        *asked = None;
    }
}

fn asked() -> MutexGuard<'static, Option<Asked>> {
    ASKED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The typed line. `None` if Ctrl-D ended the question.
fn typed(mode: Termios, question: String) -> Result<Option<Vec<u8>>> {
    let _asked = Asked::open(mode, question).context(ASKING)?;
    // One read takes one line, and nothing is read ahead. So the whole next line can be dropped.
    let mut line = vec![0; LONGEST + 1];
    let count = retry_on_intr(|| read(stdin(), &mut line[..])).map_err(io::Error::from).context(ASKING)?;
    line.truncate(count);
    if line.pop_if(|last| *last == b'\n').is_some() {
        return Ok(Some(line));
    }
    say("\n").context(ASKING)?;
    Ok(None)
}

/// The meaning of a key in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Up,
    Down,
    PageUp,
    PageDown,
    Choose,
    Decline,
    End,
}

/// The keys in the input of one read. `None` if it holds anything else, because it was probably pasted.
fn keys(mut bytes: &[u8]) -> Option<Vec<Key>> {
    let mut keys = Vec::new();
    while !bytes.is_empty() {
        let (key, rest) = match bytes {
            [b'\x1B', b'[' | b'O', b'A', rest @ ..] | [b'k', rest @ ..] => (Key::Up, rest),
            [b'\x1B', b'[' | b'O', b'B', rest @ ..] | [b'j' | b'\t', rest @ ..] => (Key::Down, rest),
            [b'\x1B', b'[' | b'O', b'D', rest @ ..] | [b'\x1B', b'[', b'5', b'~', rest @ ..] | [b'h', rest @ ..] => {
                (Key::PageUp, rest)
            }
            [b'\x1B', b'[' | b'O', b'C', rest @ ..] | [b'\x1B', b'[', b'6', b'~', rest @ ..] | [b'l', rest @ ..] => {
                (Key::PageDown, rest)
            }
            [b'\r' | b'\n', rest @ ..] => (Key::Choose, rest),
            [b'\x1B'] => (Key::Decline, &[][..]),
            [b'q', rest @ ..] => (Key::Decline, rest),
            [b'\x04', rest @ ..] => (Key::End, rest),
            _ => return None,
        };
        keys.push(key);
        bytes = rest;
    }
    Some(keys)
}

/// The input from the keyboard.
fn keys_pressed() -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; LONGEST];
    let count = retry_on_intr(|| read(stdin(), &mut bytes[..]))?;
    bytes.truncate(count);
    Ok(bytes)
}

/// Returns the line that the user chose from the list on the screen, and erases the list.
fn chosen(question: &str, lines: &[String]) -> io::Result<Result<usize>> {
    const HINT: &str = "name the token to avoid the question";
    let (mut at, last) = (0_usize, lines.len() - 1);
    let answer = 'answer: loop {
        let bytes = keys_pressed()?;
        if bytes.is_empty() {
            break Err(no_answer(HINT));
        }
        for key in keys(&bytes).unwrap_or_default() {
            match key {
                Key::Up => at = at.checked_sub(1).unwrap_or(last),
                Key::Down => at = if at == last { 0 } else { at + 1 },
                Key::PageUp => at = at.saturating_sub(page()),
                Key::PageDown => at = last.min(at + page()),
                Key::Choose => break 'answer Ok(at),
                Key::Decline => break 'answer Err(declined(HINT)),
                Key::End => break 'answer Err(no_answer(HINT)),
            }
        }
        show_instead(list(question, lines, at))?;
    };
    show_instead(SHOW_CURSOR.to_owned())?;
    Ok(answer)
}

/// Replaces the list on the screen by a text.
fn show_instead(shown: String) -> io::Result<()> {
    if let Some(asked) = &mut *asked() {
        say(&format!("{}{shown}", erase(asked.shown.lines().count())))?;
        asked.shown = shown;
    }
    Ok(())
}

/// The page of a list with its line marked. No row may wrap, because each counts as one row.
fn list(question: &str, lines: &[String], at: usize) -> String {
    let (columns, page) = (size().1, page());
    let first = at / page * page;
    let last = lines.len().min(first + page);
    let of_all =
        if lines.len() > page { format!(" ({} to {last} of {})", first + 1, lines.len()) } else { String::new() };
    let mut shown = format!("{HIDE_CURSOR}{}\n", fitted(&format!("{question}:{of_all}"), columns));
    for (index, line) in lines.iter().enumerate().take(last).skip(first) {
        let mark = if index == at { ">" } else { " " };
        shown.push_str(&fitted(&format!("{mark} {line}"), columns));
        shown.push('\n');
    }
    shown
}

/// The number of lines on a page of a list.
fn page() -> usize {
    size().0.saturating_sub(2).max(1)
}

/// The part of a line that fits into the columns of a terminal.
fn fitted(line: &str, columns: usize) -> String {
    if line.width() < columns {
        return line.to_owned();
    }
    let mut width = 1;
    let head = line.chars().take_while(|c| {
        width += c.width().unwrap_or(0);
        width < columns
    });
    head.chain(['…']).collect()
}

/// The number of rows that lines take on a terminal, where they may wrap.
fn rows(lines: &str, columns: usize) -> usize {
    let of_line = |line: &str| {
        let (mut rows, mut column) = (1, 0);
        for c in line.chars() {
            let width = match c {
                '\t' => 8 - column % 8,
                // The terminal shows such a character as `^[`, for example.
                c => c.width().unwrap_or(2),
            };
            column += width;
            if column > columns {
                (rows, column) = (rows + 1, width);
            }
        }
        rows
    };
    lines.lines().map(of_line).sum()
}

/// Erases rows above the cursor, and moves the cursor to where they began.
fn erase(rows: usize) -> String {
    format!("\x1B[{rows}A\r\x1B[J")
}

/// The rows and columns of the terminal.
fn size() -> (usize, usize) {
    match tcgetwinsize(io::stderr()) {
        Ok(size) if size.ws_row > 0 && size.ws_col > 0 => (size.ws_row.into(), size.ws_col.into()),
        // A serial line, for example, tells no size.
        _ => (24, 80),
    }
}

fn say(text: &str) -> io::Result<()> {
    io::stderr().write_all(text.as_bytes())
}

/// Restores the terminal on Ctrl-Z, and shows the question again on `fg`.
fn last_through_stops() -> io::Result<()> {
    let mut signals = Signals::new([SIGTSTP])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            // The kernel does the same: without a shell to resume it, the process would stop for ever.
            if is_without_shell() {
                continue;
            }
            // The lock lasts until the process goes on, so that no question appears meanwhile.
            let asked = asked();
            if asked.is_some() {
                restore();
            }
            let _ = emulate_default_handler(signal);
            if let Some(asked) = &*asked {
                let _ = asked.put();
            }
        }
    });
    Ok(())
}

/// Whether no shell can resume this process. A shell that can gives it a process group of its own.
fn is_without_shell() -> bool {
    getsid(None).is_ok_and(|session| session == getpgrp())
}

/// Restores a terminal that shows a question, before a signal ends the process.
fn restore_for_good() {
    let asked = asked();
    if asked.is_some() {
        restore();
    }
    // The lock stays, so that no question appears before the process has ended.
    std::mem::forget(asked);
}

/// Restores the state and the cursor of the terminal.
fn restore() {
    // Nothing can be done for a terminal that is gone.
    if let Some(before) = BEFORE.get() {
        let _ = tcsetattr(stdin(), OptionalActions::Now, before);
    }
    let _ = say(&format!("{SHOW_CURSOR}\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_list() {
        for (bytes, expected) in [
            ("\x1B[A\x1BOBkj\t", Some(vec![Key::Up, Key::Down, Key::Up, Key::Down, Key::Down])),
            ("\x1B[D\x1B[5~h", Some(vec![Key::PageUp; 3])),
            ("\x1B[C\x1B[6~l", Some(vec![Key::PageDown; 3])),
            ("\x1B[B\r", Some(vec![Key::Down, Key::Choose])),
            ("\n", Some(vec![Key::Choose])),
            ("q", Some(vec![Key::Decline])),
            ("\x1B", Some(vec![Key::Decline])),
            ("\x04", Some(vec![Key::End])),
            (" ", None),
            ("y", None),
            ("\ny\n", None),
            ("ls my-dir", None),
            ("ls my-dir\n", None),
            ("\x1B[200~\r\x1B[201~", None),
            ("\x1B[", None),
        ] {
            assert_eq!(keys(bytes.as_bytes()), expected, "{bytes:?}");
        }
    }

    #[test]
    fn lines_that_wrap() {
        for (lines, expected) in [
            ("", 0),
            ("a: ", 1),
            ("0123456789", 1),
            ("0123456789a", 2),
            ("error\n0123456789 0123456789", 4),
            // A wide letter is not split over two rows.
            ("012345678\u{6F22}", 2),
            ("01234567\u{6F22}", 1),
            ("012345678\x1B", 2),
            ("0\t89", 1),
            ("0\t89a", 2),
        ] {
            assert_eq!(rows(lines, 10), expected, "{lines:?}");
        }
    }

    #[test]
    fn lines_that_are_cut() {
        for (line, expected) in [
            ("", ""),
            ("012345678", "012345678"),
            ("0123456789", "01234567\u{2026}"),
            ("0123456\u{6F22}\u{6F22}", "0123456\u{2026}"),
            ("e\u{301}12345678", "e\u{301}12345678"),
        ] {
            assert_eq!(fitted(line, 10), expected, "{line:?}");
        }
    }
}
