//! The table of `list`: one row a token, by display width, without trailing spaces. The only user of comfy-table.
//!
//! A reader that is not a terminal gets everything. On a terminal the table is made to fit: ids are shortened as far as
//! they stay different, then columns go that others imply, then descriptions are cut.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, Row as TableRow, Table, Width};
use unicode_width::UnicodeWidthStr;

use crate::cli::parallel::{self, BLOCK};
use crate::core::token::{Status, Token};
use crate::words::durations::{Style, expiry, life, roughly, without_expiry};
use crate::words::escape::escaped;
use crate::words::reasons::otherwise_here;

const HEADER: [&str; 7] = ["ID", "USER", "DESCRIPTION", "LIFE", "REMAINING", "EXPIRES", "STATUS"];
const ID: usize = 0;
const USER: usize = 1;
const DESCRIPTION: usize = 2;
const STATUS: usize = 6;
/// Spaces between two columns.
const PADDING: usize = 2;
/// The table is not made narrower than this. On a narrower terminal, lines wrap.
const NARROWEST: usize = 40;
/// The least number of characters of a shortened id.
const SHORTEST_ID: usize = 8;

/// The greatest width of a column for a reader without a width. A text of a million letters would put as many spaces
/// into every line. A row with a wider cell is not aligned; its cells are two spaces apart.
const WIDEST: usize = 200;

/// The properties of the reader of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// The width of the terminal. `None` if the reader is not a terminal.
    pub(crate) columns: Option<usize>,
    pub(crate) has_colors: bool,
}

/// The cells of a row. The status is last, so that it can be coloured without looking at the other cells.
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
        let here = otherwise_here(token).map(|(version, verb)| format!(" ({version} {verb})"));
        let status = status + &here.unwrap_or_default();
        let cells = [
            escaped(&token.id).into_owned(),
            escaped(&token.username).into_owned(),
            escaped(token.description.as_deref().unwrap_or_default()).into_owned(),
            life(token.life.as_deref(), Style::Table),
            token.remaining(now).map_or_else(String::new, |seconds| roughly(seconds.unsigned_abs(), Style::Table)),
            token.expires_at.map_or_else(|| without_expiry(token).to_owned(), expiry),
            status,
        ];
        Row { cells, status: token.status }
    }

    fn is_overlong(&self) -> bool {
        self.cells.iter().any(|cell| columns(cell) > WIDEST)
    }
}

/// Writes the table of `count` rows.
pub(crate) fn write(out: &mut dyn Write, look: Look, count: usize, row: impl Fn(usize) -> Row + Sync) -> Result<()> {
    match look.columns {
        Some(columns) => write_fitted(out, columns, look.has_colors, &(0..count).map(row).collect::<Vec<_>>())?,
        None => write_in_blocks(out, look.has_colors, count, row)?,
    }
    Ok(out.flush()?)
}

/// The ways in which a table is made narrower.
#[derive(Debug, Clone, Copy)]
struct Layout {
    id_length: usize,
    shown: &'static [usize],
    has_reasons: bool,
    /// The greatest widths of users and descriptions, if they have to be cut.
    cut: Option<[usize; 2]>,
}

impl Layout {
    /// All layouts, from the one that shows everything to the narrowest.
    fn all(short_id: usize) -> [Layout; 6] {
        const ALL: &[usize] = &[0, 1, 2, 3, 4, 5, 6];
        const WITHOUT_LIFE: &[usize] = &[0, 1, 2, 4, 5, 6];
        const WITHOUT_EXPIRY: &[usize] = &[0, 1, 2, 4, 6];
        let wide = Layout { id_length: usize::MAX, shown: ALL, has_reasons: true, cut: None };
        let short = Layout { id_length: short_id, ..wide };
        let cut = Layout { cut: Some([20, 30]), ..short };
        let shorter = Layout { shown: WITHOUT_LIFE, ..cut };
        let narrow = Layout { shown: WITHOUT_EXPIRY, ..cut };
        [wide, short, cut, shorter, narrow, Layout { has_reasons: false, cut: Some([12, 8]), ..narrow }]
    }

    fn cell<'a>(&self, row: &'a Row, column: usize) -> &'a str {
        let cell = row.cells[column].as_str();
        match column {
            ID => cell.char_indices().nth(self.id_length).map_or(cell, |(end, _)| &cell[..end]),
            STATUS if !self.has_reasons => row.status.word(),
            _ => cell,
        }
    }

    /// The least width of the table.
    fn width(&self, rows: &[Row]) -> usize {
        let width = |column: usize| {
            let widest = rows.iter().map(|row| columns(self.cell(row, column))).max().unwrap_or_default();
            let widest = widest.max(HEADER[column].len());
            match self.cut {
                Some([user, _]) if column == USER => widest.min(user),
                Some([_, description]) if column == DESCRIPTION => widest.min(description.max(HEADER[column].len())),
                _ => widest,
            }
        };
        self.shown.iter().map(|column| width(*column) + PADDING).sum::<usize>() - PADDING
    }
}

fn write_fitted(out: &mut dyn Write, columns: usize, has_colors: bool, rows: &[Row]) -> Result<()> {
    let columns = columns.max(NARROWEST);
    let layouts = Layout::all(short_id(rows));
    let fitting = layouts.iter().find(|layout| layout.width(rows) <= columns);
    let layout = fitting.unwrap_or(&layouts[layouts.len() - 1]);
    let mut table = table(rows, layout, true);
    if let Some([user, _]) = layout.cut {
        // comfy-table counts the padding after the last column too.
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(fixed(columns + PADDING));
        table.set_constraints(layout.shown.iter().map(|column| match *column {
            USER => ColumnConstraint::UpperBoundary(Width::Fixed(fixed(user + PADDING))),
            DESCRIPTION => ColumnConstraint::LowerBoundary(Width::Fixed(1)),
            _ => ColumnConstraint::ContentWidth,
        }));
    }
    let mut text = Vec::new();
    push_lines(&mut text, &table, rows, layout, has_colors);
    Ok(out.write_all(&text)?)
}

/// Writes the table for a reader without a width. There may be many rows, so few are held at a time, and each is made
/// twice: to measure it, and to write it.
fn write_in_blocks(
    out: &mut dyn Write,
    has_colors: bool,
    count: usize,
    row: impl Fn(usize) -> Row + Sync,
) -> Result<()> {
    let layout = &Layout::all(0)[0];
    let rows_of = |block: usize| (block * BLOCK..count.min((block + 1) * BLOCK)).map(&row).collect::<Vec<Row>>();
    let blocks = count.div_ceil(BLOCK);
    let widest: [AtomicUsize; 7] = HEADER.map(|name| AtomicUsize::new(name.len()));
    let measure = |block: usize, _: &mut Vec<u8>| {
        let rows = rows_of(block);
        for (column, widest) in widest.iter().enumerate() {
            let widths = rows.iter().map(|row| columns(&row.cells[column]));
            widest.fetch_max(widths.filter(|width| *width <= WIDEST).max().unwrap_or_default(), Ordering::Relaxed);
        }
        Ok(())
    };
    parallel::in_order(blocks, 1, measure, |_| Ok(()))?;
    let widths = widest.map(AtomicUsize::into_inner);
    let push = |text: &mut Vec<u8>, rows: &[Row], has_header: bool| {
        let mut table = table(rows, layout, has_header);
        let least = |width: &usize| ColumnConstraint::LowerBoundary(Width::Fixed(fixed(width + PADDING)));
        table.set_constraints(widths.iter().map(least));
        push_lines(text, &table, rows, layout, has_colors);
    };
    let make = |block: usize, text: &mut Vec<u8>| {
        if block == 0 {
            push(text, &[], true);
        }
        for rows in rows_of(block).chunk_by(|one, other| !one.is_overlong() && !other.is_overlong()) {
            match rows {
                [row] if row.is_overlong() => push_overlong(text, row, has_colors),
                rows => push(text, rows, false),
            }
        }
        Ok(())
    };
    parallel::in_order(blocks, 1, make, |text| Ok(out.write_all(text)?))
}

/// Appends the line of a row with a cell wider than [`WIDEST`].
fn push_overlong(text: &mut Vec<u8>, row: &Row, has_colors: bool) {
    let line = row.cells.join("  ");
    let status = has_colors.then_some((row.status, row.cells[STATUS].as_str()));
    text.extend_from_slice(colored(&line, status).as_bytes());
    text.push(b'\n');
}

/// The number of characters that tell the ids apart.
fn short_id(rows: &[Row]) -> usize {
    let different = |length: usize| {
        let layout = Layout { id_length: length, ..Layout::all(0)[0] };
        rows.iter().map(|row| layout.cell(row, ID)).collect::<HashSet<_>>().len()
    };
    // Tokens with the same id cannot be told apart by it.
    let all = different(usize::MAX);
    let longest = rows.iter().map(|row| row.cells[ID].len()).max().unwrap_or_default();
    (SHORTEST_ID..longest).find(|length| different(*length) == all).unwrap_or(usize::MAX)
}

/// The rows as comfy-table lays them out, with the header first if it is wanted.
fn table(rows: &[Row], layout: &Layout, has_header: bool) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    if has_header {
        table.set_header(one_line(layout.shown.iter().map(|column| HEADER[*column])));
    }
    for row in rows {
        table.add_row(one_line(layout.shown.iter().map(|column| layout.cell(row, *column))));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2)); // PADDING
    }
    table
}

/// Appends the lines of a table that holds these rows and perhaps a header.
fn push_lines(text: &mut Vec<u8>, table: &Table, rows: &[Row], layout: &Layout, has_colors: bool) {
    let header = table.header().is_some().then_some(None);
    for (line, row) in table.lines().zip(header.into_iter().chain(rows.iter().map(Some))) {
        let status = row.filter(|_| has_colors).map(|row| (row.status, layout.cell(row, STATUS)));
        text.extend_from_slice(colored(line.trim_end(), status).as_bytes());
        text.push(b'\n');
    }
}

/// A width as comfy-table takes it.
fn fixed(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

fn one_line<'a>(cells: impl Iterator<Item = &'a str>) -> TableRow {
    let mut row = TableRow::from(cells);
    row.max_height(1);
    row
}

/// The width of an escaped text in columns of the terminal.
fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// Colours the status at the end of a line. comfy-table would count the colour as text.
fn colored<'a>(line: &'a str, status: Option<(Status, &str)>) -> Cow<'a, str> {
    let Some((status, text)) = status else { return Cow::Borrowed(line) };
    let color = match status {
        Status::Valid => "32",
        Status::Expired => "33",
        Status::Rejected => "31",
        Status::Unchecked => return Cow::Borrowed(line),
    };
    let rest = line.strip_suffix(text).unwrap_or(line);
    Cow::Owned(format!("{rest}\x1B[{color}m{text}\x1B[0m"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, user: &str, description: &str, status: Status) -> Row {
        let status_text = match status {
            Status::Rejected => "rejected: registered_differs",
            status => status.word(),
        };
        let cells = [id, user, description, "3640d", "3639d 14h", "2036-12-31T18:00:00Z", status_text];
        Row { cells: cells.map(str::to_owned), status }
    }

    fn rows() -> [Row; 4] {
        [
            row("9b70c8e5-0324-4257-9086-b77a03a436ae", "admin", "ci", Status::Valid),
            row(
                "9b70c8e5-1e2e-4257-9086-b77a03a436ae",
                "名前名前名前",
                "日本語の説明がここにとても長く続いています",
                Status::Expired,
            ),
            row("1e2e60e3-9f29-4f4c-958a-a3da9250b377", "q\"uote", "👩‍👩‍👧 family", Status::Rejected),
            row(
                "short",
                "a-b_c.d@example.com",
                "a description that goes on and on and on, e\u{301}",
                Status::Unchecked,
            ),
        ]
    }

    fn written(columns: Option<usize>, has_colors: bool) -> String {
        written_of(&rows(), columns, has_colors)
    }

    fn written_of(rows: &[Row], columns: Option<usize>, has_colors: bool) -> String {
        let mut out = Vec::new();
        let row = |index: usize| Row { cells: rows[index].cells.clone(), status: rows[index].status };
        write(&mut out, Look { columns, has_colors }, rows.len(), row).expect("writing to memory");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn it_fits_every_terminal() {
        // In fewer columns, the parts that cannot be cut take all the room.
        for width in 52..220 {
            let table = written(Some(width), false);
            assert_eq!(table.lines().count(), 5, "{width}\n{table}");
            for line in table.lines() {
                assert!(line.width() <= width && line.trim_end() == line, "{width}: {}\n{table}", line.width());
            }
            // Each cell begins where its header does, so that columns align by display width.
            let header = table.lines().next().expect("a header");
            let status_at = header[..header.find("STATUS").expect("a status")].width();
            for (line, row) in table.lines().skip(1).zip(rows()) {
                let status = line.rfind(row.status.word()).expect("a status");
                assert_eq!(line[..status].width(), status_at, "{width}\n{table}");
            }
        }
    }

    #[test]
    fn what_goes_first_when_it_is_narrow() {
        let first = |width| written(Some(width), false).lines().take(2).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(written(Some(500), false), written(None, false), "nothing, where there is room");
        assert!(first(150)[1].starts_with("9b70c8e5-0  admin"), "{:?}", first(150));
        assert!(first(150)[0].contains("LIFE"));
        assert!(!first(100)[0].contains("LIFE"), "{:?}", first(100));
        assert!(!first(80)[0].contains("EXPIRES"), "{:?}", first(80));
        assert!(written(Some(60), false).contains("rejected\n"));
    }

    #[test]
    fn an_id_that_stands_twice_does_not_lengthen_the_others() {
        let long = "x".repeat(150);
        for ids in [["9b70c8e5-0324", "9b70c8e5-0324", "1e2e60e3-9f29"], ["1e2e60e3-9f29", &long, "short"]] {
            let rows = ids.map(|id| row(id, "admin", "ci", Status::Valid));
            assert_eq!(short_id(&rows), SHORTEST_ID, "{ids:?}");
        }
        assert_eq!(short_id(&rows()), 10, "as many as tell the ids apart");
    }

    #[test]
    fn a_long_text_does_not_widen_the_lines_of_others() {
        let mut rows = rows();
        rows[0].cells[DESCRIPTION] = "x".repeat(10_000);
        let table = written_of(&rows, None, false);
        let widths: Vec<usize> = table.lines().map(UnicodeWidthStr::width).collect();
        assert!(widths[1] > 10_000, "it is shown whole");
        assert!(widths.iter().enumerate().all(|(line, width)| line == 1 || *width < WIDEST + 150), "{widths:?}");
    }

    #[test]
    fn only_the_status_is_coloured() {
        for columns in [None, Some(60), Some(500)] {
            let (plain, colored) = (written(columns, false), written(columns, true));
            assert!(colored.contains("  \x1B[33mexpired\x1B[0m\n"), "{colored:?}");
            assert_eq!(colored.matches('\x1B').count(), 6);
            let stripped = ["\x1B[32m", "\x1B[33m", "\x1B[31m", "\x1B[0m"]
                .iter()
                .fold(colored, |text, code| text.replace(code, ""));
            assert_eq!(stripped, plain);
        }
    }
}
