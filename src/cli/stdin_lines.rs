//! The lines of standard input. Each is a token or a name.
//!
//! A regular file is read in pieces, because it may be large. A pipe is read whole, because its writer may still change
//! the database that is read afterwards. Input without a line end is not read to its end, because it may have none.

use std::fs::File;
use std::io::{self, Read};

/// A longer line is neither a token nor a name. It ends the reading.
pub(crate) const LONGEST_LINE: usize = 1 << 20;

/// The most bytes of a pipe, which must fit into memory.
const MOST_AT_ONCE: usize = 1 << 30;

#[derive(Default)]
pub(crate) struct StdinLines {
    /// The beginning of a line whose end has not been read.
    unfinished: Vec<u8>,
    has_ended: bool,
    is_cut_off: bool,
}

impl StdinLines {
    /// Reads the next whole lines. There are none at the end. `file` is standard input if it is a regular file. If all
    /// lines are read at once, `verify` of 100,000 tokens takes 1.1 times as long, and 84 MiB in place of 60.
    pub(crate) fn next(&mut self, lines: &mut Vec<u8>, stdin: &mut dyn Read, file: Option<&File>) -> io::Result<()> {
        lines.clear();
        lines.append(&mut self.unfinished);
        match file {
            Some(mut file) => {
                while !self.has_ended && !lines.contains(&b'\n') {
                    self.read_more(lines, &mut file, 4 << 20)?;
                }
            }
            None => {
                while !self.has_ended {
                    self.read_more(lines, stdin, 64 << 10)?;
                    if lines.len() > MOST_AT_ONCE {
                        return Err(io::Error::other("a pipe holds more than a gibibyte; give a file in its place"));
                    }
                }
            }
        }
        if !self.has_ended {
            let whole = lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
            self.unfinished = lines.split_off(whole);
        }
        Ok(())
    }

    fn read_more(&mut self, lines: &mut Vec<u8>, input: &mut dyn Read, most: u64) -> io::Result<()> {
        let before = lines.len();
        self.has_ended = input.take(most).read_to_end(lines)? == 0;
        if let Some(start) = start_of_long_line(lines, before) {
            // The part must not count as a whole line, nor blanks as no line, so all of it is replaced.
            lines.truncate(start);
            lines.resize(start + LONGEST_LINE + 1, b'x');
            (self.has_ended, self.is_cut_off) = (true, true);
        }
        Ok(())
    }

    /// Whether a line was too long. Then neither its rest nor the lines after it were read.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.is_cut_off
    }
}

/// The start of the first line that is too long, if there is one. No line that ends before `from` is too long.
fn start_of_long_line(text: &[u8], from: usize) -> Option<usize> {
    let mut start = text[..from].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    loop {
        let length = text[start..].iter().position(|byte| *byte == b'\n');
        if length.unwrap_or(text.len() - start) > LONGEST_LINE {
            return Some(start);
        }
        start += length? + 1;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// Reads from a pipe or a file. Returns all pieces, and whether the last line was cut off.
    fn pieces(input: &[u8], is_file: bool) -> (Vec<Vec<u8>>, bool) {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(input).expect("written");
        let file = File::open(file.path()).expect("readable");
        let (mut lines, mut piece, mut pieces) = (StdinLines::default(), Vec::new(), Vec::new());
        let mut stdin = input;
        loop {
            lines.next(&mut piece, &mut stdin, is_file.then_some(&file)).expect("no error");
            if piece.is_empty() {
                return (pieces, lines.is_cut_off());
            }
            pieces.push(piece.clone());
        }
    }

    #[test]
    fn every_line_comes_once() {
        let short = "a token\n".repeat(700_000);
        let longest = "x".repeat(LONGEST_LINE);
        for input in ["", "a", "a\n", "a\nb", "\n\n", "a\r\nb", &short, &format!("a\n{longest}\nb"), &longest] {
            for is_file in [false, true] {
                let (pieces, is_cut_off) = pieces(input.as_bytes(), is_file);
                assert!(pieces.concat() == input.as_bytes() && !is_cut_off, "{} bytes", input.len());
                let whole = pieces.iter().rev().skip(1).all(|piece| piece.ends_with(b"\n"));
                assert!(whole, "every piece but the last one ends with a line");
            }
        }
        assert!(pieces(short.as_bytes(), true).0.len() > 1, "a large file comes in pieces");
    }

    #[test]
    fn a_line_that_is_too_long_ends_the_reading() {
        let long = "x".repeat(LONGEST_LINE + 1);
        for (input, read) in [
            (long.clone(), long.clone()),
            (format!("{long}y\nz\n"), long.clone()),
            (format!("a\nb\n{long}\nz"), format!("a\nb\n{long}")),
            ("x".repeat(9 << 20), long.clone()),
            (" ".repeat(LONGEST_LINE + 1) + "\nz", long.clone()),
        ] {
            for is_file in [false, true] {
                let (pieces, is_cut_off) = pieces(input.as_bytes(), is_file);
                assert!(pieces.concat() == read.as_bytes() && is_cut_off, "{} bytes", input.len());
            }
        }
    }
}
