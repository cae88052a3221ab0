//! The table of `list`: one row a token, by display width, without trailing spaces. The only user of comfy-table.

use std::borrow::{Borrow, Cow};
use std::io::{self, Write};

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use unicode_width::UnicodeWidthStr as _;

use crate::lifetime;
use crate::terminal;
use crate::token::{Status, Token};

const HEADER: [&str; 7] = ["ID", "USER", "DESCRIPTION", "LIFE", "REMAINING", "EXPIRES", "STATUS"];
/// Spaces between two columns.
const PADDING: usize = 2;
/// More rows than this are made twice rather than held.
const MOST_HELD: usize = 1_000;

/// What the table is written for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) is_for_terminal: bool,
    pub(crate) has_colors: bool,
}

/// What a row shows; its status stands last, so that it can be coloured without a look at the other cells.
pub(crate) struct Row {
    cells: [String; 7],
    status: Status,
}

impl Row {
    pub(crate) fn of(token: &Token<'_>, now: i64) -> Self {
        let status = match token.status {
            Status::Rejected => format!("rejected: {}", token.reason.word()),
            status => status.word().to_owned(),
        };
        let cells = [
            terminal::escaped(&token.id).into_owned(),
            terminal::escaped(&token.username).into_owned(),
            terminal::escaped(token.description.as_deref().unwrap_or_default()).into_owned(),
            life(token.life),
            token.remaining(now).map_or_else(String::new, |seconds| lifetime::roughly(seconds.unsigned_abs())),
            token.expires_at.map_or_else(|| "never".to_owned(), expiry),
            status,
        ];
        Row { cells, status: token.status }
    }
}

/// `jwt_token_life` in words; one that is no whole number of seconds as it is spelled.
pub(crate) fn life(seconds: Option<&str>) -> String {
    let spelling = seconds.unwrap_or_default();
    spelling.parse().map_or_else(|_| spelling.to_owned(), lifetime::in_words)
}

/// A time of expiry; one past the year 9999 as seconds since 1970.
pub(crate) fn expiry(seconds: i64) -> String {
    lifetime::rfc3339(seconds).unwrap_or_else(|| format!("@{seconds}"))
}

/// Writes the table of `count` rows.
pub(crate) fn write(out: &mut dyn Write, look: Look, count: usize, row: impl Fn(usize) -> Row) -> io::Result<()> {
    if count > MOST_HELD {
        return write_plain(out, look.has_colors, count, row);
    }
    let rows: Vec<Row> = (0..count).map(row).collect();
    if look.is_for_terminal {
        write_laid_out(out, look.has_colors, &rows)
    } else {
        write_plain(out, look.has_colors, count, |index| &rows[index])
    }
}

fn write_laid_out(out: &mut dyn Write, has_colors: bool, rows: &[Row]) -> io::Result<()> {
    let statuses = std::iter::once(None).chain(rows.iter().map(Some));
    for (line, row) in table(rows).lines().zip(statuses) {
        writeln!(out, "{}", colored(line.trim_end(), row.filter(|_| has_colors)))?;
    }
    out.flush()
}

/// The same table for a reader that has no width to lay it out for. Of a long one, no more than a row is held at a time.
fn write_plain<R: Borrow<Row>>(
    out: &mut dyn Write,
    has_colors: bool,
    count: usize,
    row: impl Fn(usize) -> R,
) -> io::Result<()> {
    let mut widths = HEADER.map(str::len);
    for index in 0..count {
        for (width, cell) in widths.iter_mut().zip(&row(index).borrow().cells) {
            *width = (*width).max(columns(cell));
        }
    }
    let mut line = String::new();
    let mut write_line = |cells: &[&str; 7], row: Option<&Row>| {
        line.clear();
        for (cell, width) in cells.iter().zip(widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width + PADDING - columns(cell)));
        }
        writeln!(out, "{}", colored(line.trim_end(), row))
    };
    write_line(&HEADER, None)?;
    for row in (0..count).map(row) {
        let row = row.borrow();
        write_line(&row.cells.each_ref().map(String::as_str), Some(row).filter(|_| has_colors))?;
    }
    out.flush()
}

/// How many columns of a screen an escaped text takes.
fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(HEADER);
    for row in rows {
        table.add_row(&row.cells);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2)); // PADDING
    }
    table
}

/// The line with its status coloured: comfy-table would count the colour as text.
fn colored<'a>(line: &'a str, row: Option<&Row>) -> Cow<'a, str> {
    let color = match row.map(|row| row.status) {
        Some(Status::Valid) => "32",
        Some(Status::Expired) => "33",
        Some(Status::Rejected) => "31",
        Some(Status::Unchecked) | None => return Cow::Borrowed(line),
    };
    let status = row.map_or("", |row| &row.cells[6]);
    let rest = line.strip_suffix(status).unwrap_or(line);
    Cow::Owned(format!("{rest}\x1B[{color}m{status}\x1B[0m"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(description: &str, status: Status) -> Row {
        let cells = ["id", "admin", description, "3days", "2days", "2026-12-31T18:00:00Z", status.word()];
        Row { cells: cells.map(str::to_owned), status }
    }

    fn written(has_colors: bool, rows: usize, row: impl Fn(usize) -> Row) -> String {
        let mut out = Vec::new();
        write(&mut out, Look { is_for_terminal: true, has_colors }, rows, row).expect("writing to memory");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn columns_align_by_display_width() {
        let descriptions = ["ci", "日本語", "e\u{301}te\u{301}"];
        let table = written(false, 3, |index| row(descriptions[index], Status::Valid));
        assert_eq!(
            table,
            "ID  USER   DESCRIPTION  LIFE   REMAINING  EXPIRES               STATUS\n\
             id  admin  ci           3days  2days      2026-12-31T18:00:00Z  valid\n\
             id  admin  日本語       3days  2days      2026-12-31T18:00:00Z  valid\n\
             id  admin  e\u{301}te\u{301}          3days  2days      2026-12-31T18:00:00Z  valid\n"
        );
    }

    #[test]
    fn only_the_status_is_coloured() {
        let table = written(true, 1, |_| row("expired", Status::Expired));
        assert!(table.ends_with("  \x1B[33mexpired\x1B[0m\n"), "{table:?}");
        assert_eq!(table.matches('\x1B').count(), 2);
    }

    #[test]
    fn a_plain_table_looks_like_one_that_is_laid_out() {
        let descriptions = ["ci", "日本語", "e\u{301}", "👩‍👩‍👧", "a long description", ""];
        let statuses = [Status::Valid, Status::Rejected, Status::Unchecked];
        let row = |index: usize| row(descriptions[index % 6], statuses[index % 3]);
        for has_colors in [false, true] {
            let mut plain = Vec::new();
            write_plain(&mut plain, has_colors, 12, row).expect("writing to memory");
            assert_eq!(String::from_utf8_lossy(&plain), written(has_colors, 12, row));
        }
    }
}
