//! The little markup of the templates: what a line begins with says what it is.
//!
//! A filled-in template has three parts, each after its name in brackets on a line of its own: `[subject]`, `[mail]` and `[letter]`. In the
//! letter `# ` begins the title, `## ` a heading, `- ` an item of a list, `| ` a row of a table (the first is its header; a header cell
//! that ends in `>` is a column of numbers), and `> ` a line of the closing. Other lines are a paragraph until the next blank line.
//! An e-mail that carries no letter has the first two parts only.

use crate::paper::{Align, Block, Column, Table};

/// The parts of a filled-in template.
#[derive(Debug, PartialEq)]
pub struct Written {
    /// One line.
    pub subject: String,
    /// The e-mail's text, blank lines kept.
    pub mail: String,
    /// The letter's blocks.
    pub letter: Vec<Block>,
}

/// An e-mail that says all it has to say: no letter goes with it.
#[derive(Clone, PartialEq, Eq)]
pub struct Note {
    /// One line.
    pub subject: String,
    /// The text, blank lines kept.
    pub body_text: String,
}

impl std::fmt::Debug for Note {
    /// The size only: an e-mail is not for logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Note({} bytes)", self.body_text.len())
    }
}

/// A line that is not as it should be: its number from 1, and what is wrong.
pub type Fault = (usize, &'static str);

/// The width of a letter's text.
const TEXT_MM: f64 = 160.0;
/// The width of a column of numbers: its header is two or three words, and where there are many such columns they need more air.
const NUMBERS_MM: f64 = 30.0;
const MANY_NUMBERS_MM: f64 = 34.0;
const MANY: usize = 3;
/// What numbers leave to words at the least: room for a year.
const WORDS_MIN_MM: f64 = 18.0;
/// A column of words is no wider than this, so that its numbers do not stand far away from it.
const WORDS_MM: f64 = 90.0;

/// Reads a filled-in template of a letter.
pub fn read(text: &str) -> Result<Written, Fault> {
    let parts = Parts::of(text)?;
    Ok(Written { subject: parts.subject()?, mail: parts.mail()?, letter: blocks(&parts.letter)? })
}

/// Reads a filled-in template of an e-mail that carries no letter.
pub fn read_note(text: &str) -> Result<Note, Fault> {
    let parts = Parts::of(text)?;
    match parts.letter.first() {
        Some((number, _)) => Err((*number, "a note has no letter")),
        None => Ok(Note { subject: parts.subject()?, body_text: parts.mail()? }),
    }
}

/// The lines of each part, with their numbers.
struct Parts<'a> {
    subject: Vec<(usize, &'a str)>,
    mail: Vec<(usize, &'a str)>,
    letter: Vec<(usize, &'a str)>,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Result<Self, Fault> {
        let mut parts: [(&str, Vec<(usize, &str)>); 3] = [("[subject]", Vec::new()), ("[mail]", Vec::new()), ("[letter]", Vec::new())];
        let mut current = None;
        for (number, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line.trim_end())) {
            if let Some(part) = parts.iter().position(|(name, _)| *name == line) {
                current = Some(part);
            } else if let Some(part) = current {
                parts[part].1.push((number, line));
            } else if !line.is_empty() {
                return Err((number, "it stands before the first part"));
            }
        }
        let [(_, subject), (_, mail), (_, letter)] = parts;
        Ok(Self { subject, mail, letter })
    }

    fn subject(&self) -> Result<String, Fault> {
        let lines: Vec<&str> = self.subject.iter().map(|(_, line)| *line).filter(|line| !line.is_empty()).collect();
        match lines[..] {
            [subject] => Ok(subject.to_owned()),
            _ => Err((1, "the subject is not one line")),
        }
    }

    fn mail(&self) -> Result<String, Fault> {
        let mail = squeeze(&self.mail);
        if mail.is_empty() { Err((1, "the mail has no text")) } else { Ok(mail) }
    }
}

/// The mail's lines, with one blank line where there were more.
fn squeeze(lines: &[(usize, &str)]) -> String {
    let mut text = String::new();
    for (_, line) in lines {
        if !(line.is_empty() && (text.is_empty() || text.ends_with("\n\n"))) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text.truncate(text.trim_end().len());
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn blocks(lines: &[(usize, &str)]) -> Result<Vec<Block>, Fault> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (number, line) in lines {
        match Line::of(line) {
            Line::Blank => {}
            Line::Title(text) => {
                if blocks.iter().any(|block| matches!(block, Block::Title(_))) {
                    return Err((*number, "a letter has one title"));
                }
                blocks.push(Block::Title(text.to_owned()));
            }
            Line::Heading(text) => blocks.push(Block::Heading(text.to_owned())),
            // A list goes on over blank lines: templates leave them where a choice wrote nothing.
            Line::Item(text) => match blocks.last_mut() {
                Some(Block::Bullets(items)) => items.push(text.to_owned()),
                _ => blocks.push(Block::Bullets(vec![text.to_owned()])),
            },
            Line::Row(cells) => match blocks.last_mut() {
                Some(Block::Table(table)) if open => table_row(table, cells, *number)?,
                _ => blocks.push(Block::Table(header(&cells))),
            },
            Line::Closing(text) => match blocks.last_mut() {
                Some(Block::Closing(lines)) => lines.push(text.to_owned()),
                _ => blocks.push(Block::Closing(vec![text.to_owned()])),
            },
            Line::Words(text) => match blocks.last_mut() {
                Some(Block::Paragraph(paragraph)) if open => {
                    paragraph.push(' ');
                    paragraph.push_str(text);
                }
                _ => blocks.push(Block::Paragraph(text.to_owned())),
            },
        }
        open = !line.is_empty();
    }
    if !matches!(blocks.first(), Some(Block::Title(_))) {
        return Err((lines.first().map_or(1, |(number, _)| *number), "a letter begins with its title"));
    }
    Ok(blocks)
}

enum Line<'a> {
    Blank,
    Title(&'a str),
    Heading(&'a str),
    Item(&'a str),
    Row(Vec<&'a str>),
    Closing(&'a str),
    Words(&'a str),
}

impl<'a> Line<'a> {
    fn of(line: &'a str) -> Self {
        if line.is_empty() {
            Self::Blank
        } else if let Some(text) = line.strip_prefix("# ") {
            Self::Title(text)
        } else if let Some(text) = line.strip_prefix("## ") {
            Self::Heading(text)
        } else if let Some(text) = line.strip_prefix("- ") {
            Self::Item(text)
        } else if let Some(cells) = line.strip_prefix('|') {
            Self::Row(cells.strip_suffix('|').unwrap_or(cells).split('|').map(str::trim).collect())
        } else if let Some(text) = line.strip_prefix('>') {
            Self::Closing(text.trim())
        } else {
            Self::Words(line)
        }
    }
}

fn header(cells: &[&str]) -> Table {
    let numbers = cells.iter().filter(|cell| cell.ends_with('>')).count();
    let words = cells.len() - numbers;
    let number_mm = if numbers >= MANY { MANY_NUMBERS_MM } else { NUMBERS_MM };
    #[expect(clippy::cast_precision_loss, reason = "a table has a handful of columns")]
    let (numbers_f, words_f) = (numbers.max(1) as f64, words.max(1) as f64);
    let number_mm = number_mm.min((TEXT_MM - WORDS_MIN_MM * words_f) / numbers_f);
    let width = ((TEXT_MM - if numbers > 0 { number_mm * numbers_f } else { 0.0 }) / words_f).min(WORDS_MM);
    let column = |cell: &&str| match cell.strip_suffix('>') {
        Some(cell) => Column { header: cell.trim_end().to_owned(), width_mm: number_mm, align: Align::Right },
        None => Column { header: (*cell).to_owned(), width_mm: width, align: Align::Left },
    };
    Table { columns: cells.iter().map(column).collect(), rows: Vec::new() }
}

fn table_row(table: &mut Table, cells: Vec<&str>, number: usize) -> Result<(), Fault> {
    if cells.len() != table.columns.len() {
        return Err((number, "a table's row has another number of cells than its header"));
    }
    table.rows.push(cells.into_iter().map(str::to_owned).collect());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WHOLE: &str = "[subject]\nKvittering\n\n[mail]\n\n\nHei!\n\n\n\nTo linjer\nher.\n\n[letter]\n# Tittel\n\nEt avsnitt\nover to linjer.\n## Overskrift\n- en\n\n- to\n\n| Gruppe | Antall > |\n| Voksne | 3 |\n\n> Med hilsen\n>\n> Navn\n\nTil slutt.\n";

    #[test]
    fn every_kind_of_line_becomes_its_block() {
        let written = read(WHOLE).expect("a letter");
        assert_eq!((written.subject.as_str(), written.mail.as_str()), ("Kvittering", "Hei!\n\nTo linjer\nher.\n"));
        let table = Table {
            columns: vec![
                Column { header: "Gruppe".into(), width_mm: 90.0, align: Align::Left },
                Column { header: "Antall".into(), width_mm: 30.0, align: Align::Right },
            ],
            rows: vec![vec!["Voksne".into(), "3".into()]],
        };
        let expected = [
            Block::Title("Tittel".into()),
            Block::Paragraph("Et avsnitt over to linjer.".into()),
            Block::Heading("Overskrift".into()),
            Block::Bullets(vec!["en".into(), "to".into()]),
            Block::Table(table),
            Block::Closing(vec!["Med hilsen".into(), String::new(), "Navn".into()]),
            Block::Paragraph("Til slutt.".into()),
        ];
        assert_eq!(written.letter, expected);
    }

    #[test]
    fn what_is_not_a_letter_is_refused_with_its_line() {
        let fault = |text: &str| read(text).expect_err("not a letter");
        assert_eq!(fault("hei\n[subject]\nx"), (1, "it stands before the first part"));
        assert_eq!(fault("[subject]\n[mail]\nx\n[letter]\n# x"), (1, "the subject is not one line"));
        assert_eq!(fault("[subject]\na\nb\n[mail]\nx\n[letter]\n# x"), (1, "the subject is not one line"));
        assert_eq!(fault("[subject]\na\n[mail]\n\n[letter]\n# x"), (1, "the mail has no text"));
        assert_eq!(fault("[subject]\na\n[mail]\nx\n[letter]\nx"), (6, "a letter begins with its title"));
        assert_eq!(fault("[subject]\na\n[mail]\nx\n[letter]\n# x\n# y"), (7, "a letter has one title"));
        assert_eq!(fault("[subject]\na\n[mail]\nx\n[letter]\n# x\n| a | b |\n| c |"), (8, "a table's row has another number of cells than its header"));
    }

    #[test]
    fn a_note_has_no_letter() {
        let note = read_note("[subject]\nSvar\n[mail]\nHei!\n").expect("a note");
        assert_eq!((note.subject.as_str(), note.body_text.as_str()), ("Svar", "Hei!\n"));
        assert_eq!(read_note("[subject]\na\n[mail]\nx\n[letter]\n# x"), Err((6, "a note has no letter")));
        assert_eq!(read_note("[subject]\na\n"), Err((1, "the mail has no text")));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(\\[subject\\]\n|\\[mail\\]\n|\\[letter\\]\n|# |## |- |\\||>|\n|a|ø){0,40}") {
            let _ = read(&text);
            let _ = read_note(&text);
        }
    }
}
