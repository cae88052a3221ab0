//! The table of `list`: one row a token, by display width, without trailing spaces. The only user of comfy-table.

use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, Table, Width};

use crate::lifetime;
use crate::terminal;
use crate::token::{Status, Token};

const HEADER: [&str; 7] = ["ID", "USER", "DESCRIPTION", "LIFE", "REMAINING", "EXPIRES", "STATUS"];
/// Rows laid out at a time: a hundred thousand at once would take several times the memory of users.json.
const ROWS_AT_ONCE: usize = 1_000;

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
pub(crate) fn write(out: &mut dyn Write, has_colors: bool, count: usize, row: impl Fn(usize) -> Row) -> io::Result<()> {
    let chunks = || (0..count).step_by(ROWS_AT_ONCE).map(|start| start..count.min(start + ROWS_AT_ONCE));
    let mut widths = [0; 7];
    if count > ROWS_AT_ONCE {
        for chunk in chunks() {
            for (width, widest) in
                widths.iter_mut().zip(table(chunk.map(&row).collect::<Vec<_>>().iter()).column_max_content_widths())
            {
                *width = widest.max(*width);
            }
        }
    }
    for chunk in chunks() {
        let rows: Vec<Row> = chunk.clone().map(&row).collect();
        let mut table = table(rows.iter());
        for (column, width) in table.column_iter_mut().zip(widths) {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width + 2)));
        }
        let statuses = std::iter::once(None).chain(rows.iter().map(Some));
        for (line, row) in table.lines().zip(statuses).skip(usize::from(chunk.start > 0)) {
            writeln!(out, "{}", colored(line.trim_end(), row.filter(|_| has_colors)))?;
        }
    }
    out.flush()
}

fn table<'a>(rows: impl Iterator<Item = &'a Row>) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(HEADER);
    for row in rows {
        table.add_row(&row.cells);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}

/// The line with its status coloured: comfy-table would count the colour as text.
fn colored(line: &str, row: Option<&Row>) -> String {
    let color = match row.map(|row| row.status) {
        Some(Status::Valid) => "32",
        Some(Status::Expired) => "33",
        Some(Status::Rejected) => "31",
        Some(Status::Unchecked) | None => return line.to_owned(),
    };
    let status = row.map_or("", |row| &row.cells[6]);
    let rest = line.strip_suffix(status).unwrap_or(line);
    format!("{rest}\x1B[{color}m{status}\x1B[0m")
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
        write(&mut out, has_colors, rows, row).expect("writing to memory");
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
    fn rows_beyond_one_chunk_keep_the_columns() {
        let last = ROWS_AT_ONCE + 1;
        let table = written(false, last + 1, |index| {
            row(if index == last { "a long description" } else { "ci" }, Status::Valid)
        });
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), last + 2);
        assert_eq!(lines.iter().filter(|line| line.starts_with("ID")).count(), 1);
        let width = lines[last + 1].len();
        assert!(lines[1..].iter().all(|line| line.len() == width), "{width}");
    }
}
