//! The legend beside the page: an entry a field, as near to the height of its zone as the others allow, in one column or in as many as it takes.

use super::entry::{Entry, Style, printable};
use crate::paper::{Fonts, Paint, Sheet};

/// The width of a column with the space before it, mm.
const COLUMN_MM: f64 = 108.0;
/// The space before a column, mm.
const GAP_MM: f64 = 5.0;
/// Where an entry's lines begin, behind its number, mm from the column's left edge.
const INDENT_MM: f64 = 10.0;
/// The size of text, points, and the distance between lines, mm.
const TEXT_PT: f64 = 7.5;
const LINE_MM: f64 = 3.2;
/// The space after an entry, mm.
const AFTER_MM: f64 = 1.3;

/// One entry laid out.
struct Row {
    tag: String,
    paint: Paint,
    title: [String; 2],
    lines: Vec<String>,
    column: usize,
    y: f64,
}

impl Row {
    fn height(&self) -> f64 {
        (1.0 + count(self.lines.len())) * LINE_MM + AFTER_MM
    }
}

/// A legend laid out.
pub(super) struct Legend {
    rows: Vec<Row>,
    columns: usize,
}

/// Lays out the entries and what there is to say about the whole part on `height_mm`.
pub(super) fn lay(entries: &[Entry], general: &[String], fonts: &Fonts, height_mm: f64) -> Legend {
    let width = COLUMN_MM - GAP_MM - INDENT_MM;
    let wrapped = |lines: &[String]| lines.iter().flat_map(|line| wrap(&printable(line, fonts, false), fonts, width)).collect();
    let mut rows: Vec<Row> = entries
        .iter()
        .map(|entry| Row {
            tag: entry.tag(),
            paint: entry.style.paint(),
            title: entry.title.clone().map(|words| printable(&words, fonts, true)),
            lines: wrapped(&entry.lines()),
            column: 0,
            y: entry.anchor_mm(),
        })
        .collect();
    if !general.is_empty() {
        let title = ["the whole document".to_owned(), String::new()];
        rows.push(Row { tag: "!".to_owned(), paint: Style::Review.paint(), title, lines: wrapped(&[general.join(", ")]), column: 0, y: height_mm });
    }
    let heights: Vec<f64> = rows.iter().map(Row::height).collect();
    let columns = if heights.iter().sum::<f64>() <= height_mm { settle(&mut rows, height_mm) } else { flow(&mut rows, height_mm) };
    Legend { rows, columns }
}

/// One column: each row at its own height, or below the row before it; what would go over the end moves up.
fn settle(rows: &mut [Row], height_mm: f64) -> usize {
    let mut free = 0.0;
    for row in rows.iter_mut() {
        row.y = row.y.max(free);
        free = row.y + row.height();
    }
    let mut end = height_mm;
    for row in rows.iter_mut().rev() {
        row.y = row.y.min(end - row.height());
        end = row.y;
    }
    1
}

/// More than one column can hold: one row after the other. A row that is higher than a column has one of its own and is cut.
fn flow(rows: &mut [Row], height_mm: f64) -> usize {
    let lines_max = whole_lines(height_mm - LINE_MM - AFTER_MM);
    let (mut column, mut y) = (0, 0.0);
    for row in rows {
        row.lines.truncate(lines_max);
        if y > 0.0 && y + row.height() > height_mm {
            (column, y) = (column + 1, 0.0);
        }
        (row.column, row.y) = (column, y);
        y += row.height();
    }
    column + 1
}

impl Legend {
    /// How wide it is.
    pub(super) fn width_mm(&self) -> f64 {
        count(self.columns) * COLUMN_MM
    }

    /// Draws it with its upper left corner at `corner`, mm.
    pub(super) fn draw(&self, sheet: &mut Sheet, corner: [f64; 2]) {
        for row in &self.rows {
            let (x, y) = (corner[0] + count(row.column) * COLUMN_MM + GAP_MM, corner[1] + row.y + LINE_MM - 0.8);
            let [name, decision] = &row.title;
            sheet.text_in(x, y, TEXT_PT, true, row.paint, &row.tag);
            sheet.text(x + INDENT_MM, y, TEXT_PT, true, name);
            sheet.text_in(x + INDENT_MM + 62.0, y, TEXT_PT, true, row.paint, decision);
            for (index, line) in row.lines.iter().enumerate() {
                sheet.text_grey(x + INDENT_MM, y + count(index + 1) * LINE_MM, TEXT_PT, false, 30, line);
            }
        }
    }
}

/// Breaks a line at spaces, and a word that is too long anywhere.
fn wrap(text: &str, fonts: &Fonts, width_mm: f64) -> Vec<String> {
    let fits = |text: &str| fonts.width_mm(text, TEXT_PT, false) <= width_mm;
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last().map_or("", String::as_str);
        let longer = if last.is_empty() { word.to_owned() } else { format!("{last} {word}") };
        if fits(&longer) {
            lines.pop();
            lines.push(longer);
            continue;
        }
        if !last.is_empty() {
            lines.push(String::new());
        }
        for character in word.chars() {
            if !fits(&format!("{}{character}", lines.last().map_or("", String::as_str))) {
                lines.push(String::new());
            }
            lines.last_mut().expect("there is always a line").push(character);
        }
    }
    lines
}

#[expect(clippy::cast_precision_loss, reason = "a count of lines or columns")]
fn count(number: usize) -> f64 {
    number as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length of paper in lines, and none when it is negative")]
fn whole_lines(mm: f64) -> usize {
    (mm / LINE_MM).floor() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    fn row(lines: usize, y: f64) -> Row {
        Row { tag: String::new(), paint: Paint::Grey(0), title: [String::new(), String::new()], lines: vec![String::new(); lines], column: 0, y }
    }

    proptest! {
        #[test]
        fn rows_never_lie_over_each_other_and_never_leave_the_column(anchors in proptest::collection::vec((0usize..6, 0.0..300.0_f64), 1..120)) {
            let mut rows: Vec<Row> = anchors.into_iter().map(|(lines, y)| row(lines, y)).collect();
            let fits = rows.iter().map(Row::height).sum::<f64>() <= 297.0;
            let columns = if fits { settle(&mut rows, 297.0) } else { flow(&mut rows, 297.0) };
            for pair in rows.windows(2) {
                prop_assert!(pair[1].column > pair[0].column || pair[1].y >= pair[0].y + pair[0].height() - 1e-9);
            }
            prop_assert!(rows.iter().all(|row| row.y > -1e-9 && row.y + row.height() < 297.0 + 1e-9 && row.column < columns));
        }

        #[test]
        fn wrapping_loses_nothing_and_keeps_the_width(text in "[a-z ]{0,300}") {
            static FONTS: LazyLock<Fonts> = LazyLock::new(|| Fonts::load(None).expect("fonts"));
            let lines = wrap(&text, &FONTS, 40.0);
            prop_assert!(lines.iter().all(|line| FONTS.width_mm(line, TEXT_PT, false) <= 40.0));
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
