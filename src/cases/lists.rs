//! Lists from outside: anmodninger as the office keeps them in a spreadsheet, and what kommuner have registered in IMDinett.
//!
//! A list is CSV (RFC 4180) with a head: semicolons, commas or tabs between the cells, UTF-8 or the Latin-1 that spreadsheets on Norwegian machines write.
//! It is taken as a whole or not at all, and every line that is wrong is named.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::anmodning::{Places, Registration};
use crate::clock::Date;
use crate::registry::{dates, kommuner};

/// A line of a list of anmodninger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedLine {
    /// The places asked for.
    pub asked: Places,
    /// The day by which the kommune is to answer.
    pub answer_by: Date,
    /// The day it was asked.
    pub sent: Option<Date>,
}

/// A list: what stands in it by kommunenummer and year.
pub type Listed<T> = BTreeMap<(String, i16), T>;

/// Why a list is not taken: every line that is wrong, with what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}\ncorrect the list and import it again; nothing of it was taken", .0.join("\n"))]
pub struct ListError(pub Vec<String>);

/// Places of one group; a kommune of the largest cities has been asked for some thousands.
const PLACES_MAX: u32 = 20_000;
/// A list that is longer is no list of kommuner and years.
const LINES_MAX: usize = 10_000;
/// Bytes of a list.
const BYTES_MAX: usize = 4 << 20;

/// Reads a list of anmodninger: `kommunenummer`, `aar`, `enslige_voksne_familier`, `em_15_18`, `em_under_15`, `svarfrist`, and if they are there `sendt` and `totalt`.
///
/// # Errors
/// With every line that is wrong.
pub fn anmodninger(bytes: &[u8]) -> Result<Listed<AskedLine>, ListError> {
    read(bytes, &[KOMMUNE, YEAR, ADULTS, MINORS_15_18, MINORS_UNDER_15, DEADLINE], |row| {
        Ok(AskedLine { asked: row.places()?, answer_by: row.date(DEADLINE)?.ok_or_else(|| row.wrong(DEADLINE, "it is empty"))?, sent: row.date(SENT)? })
    })
}

/// Reads what kommuner have registered in IMDinett: `kommunenummer`, `aar`, `enslige_voksne_familier`, `em_15_18`, `em_under_15`, and if they are there
/// `registrert` and `totalt`.
///
/// # Errors
/// With every line that is wrong.
pub fn registrations(bytes: &[u8]) -> Result<Listed<Registration>, ListError> {
    read(bytes, &[KOMMUNE, YEAR, ADULTS, MINORS_15_18, MINORS_UNDER_15], |row| Ok(Registration { places: row.places()?, on: row.date(REGISTERED)? }))
}

const KOMMUNE: &str = "kommunenummer";
const YEAR: &str = "aar";
const ADULTS: &str = "enslige_voksne_familier";
const MINORS_15_18: &str = "em_15_18";
const MINORS_UNDER_15: &str = "em_under_15";
const DEADLINE: &str = "svarfrist";
const SENT: &str = "sendt";
const TOTAL: &str = "totalt";
const REGISTERED: &str = "registrert";

/// The columns, each with the ways its head is written once it is in lower case and all but letters and digits is gone.
const COLUMNS: [(&str, &[&str]); 9] = [
    (KOMMUNE, &["kommunenummer", "kommunenr", "knr"]),
    (YEAR, &["aar", "år"]),
    (ADULTS, &["enslige_voksne_familier", "enslige voksne/familier", "enslige voksne og familier", "voksne_familier", "voksne/familier"]),
    (MINORS_15_18, &["em_15_18", "em 15-18", "em 15-18 år", "enslige mindreårige 15-18 år", "enslige mindreårige 15-18"]),
    (MINORS_UNDER_15, &["em_under_15", "em under 15 år", "enslige mindreårige under 15 år", "enslige mindreårige under 15"]),
    (DEADLINE, &["svarfrist", "frist"]),
    (SENT, &["sendt", "sendt dato", "dato sendt"]),
    (TOTAL, &["totalt", "sum", "antall totalt"]),
    (REGISTERED, &["registrert", "registrert dato", "dato registrert"]),
];

fn head_key(text: &str) -> String {
    text.to_lowercase().chars().filter(|character| character.is_alphanumeric()).collect()
}

fn column(head: &str) -> Option<&'static str> {
    let head = head_key(head);
    COLUMNS.iter().find(|(_, names)| names.iter().any(|name| head_key(name) == head)).map(|(column, _)| *column)
}

/// A line of a list, with its cells by column.
struct Row<'a> {
    line: u64,
    cells: &'a csv::StringRecord,
    columns: &'a BTreeMap<&'static str, usize>,
}

impl Row<'_> {
    fn cell(&self, column: &str) -> &str {
        self.columns.get(column).and_then(|index| self.cells.get(*index)).unwrap_or_default()
    }

    fn wrong(&self, column: &str, why: impl std::fmt::Display) -> String {
        format!("line {}, {column}: {why}", self.line)
    }

    fn number<N: std::str::FromStr + PartialOrd + std::fmt::Display>(&self, column: &str, least: &N, most: &N) -> Result<N, String> {
        let cell = self.cell(column);
        let number = cell.parse::<N>().map_err(|_| self.wrong(column, format_args!("`{}` is no whole number", cell.escape_debug())))?;
        if (least..=most).contains(&&number) { Ok(number) } else { Err(self.wrong(column, format_args!("{number} is not between {least} and {most}"))) }
    }

    fn places(&self) -> Result<Places, String> {
        let count = |column| self.number(column, &0, &PLACES_MAX);
        let places = Places { adults_families: count(ADULTS)?, minors_15_18: count(MINORS_15_18)?, minors_under_15: count(MINORS_UNDER_15)? };
        if !self.cell(TOTAL).is_empty() {
            let total = self.number(TOTAL, &0, &(3 * PLACES_MAX))?;
            if total != places.total() {
                return Err(self.wrong(TOTAL, format_args!("{total} is not the sum of the groups, {}", places.total())));
            }
        }
        Ok(places)
    }

    fn date(&self, column: &str) -> Result<Option<Date>, String> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return Ok(None);
        }
        let date = cell.parse::<Date>().ok().or_else(|| dates::parse(cell).ok());
        let date = date.filter(|date| (2000..2100).contains(&date.year()));
        date.map(Some).ok_or_else(|| self.wrong(column, format_args!("`{}` is no date such as 2026-03-01 or 01.03.2026", cell.escape_debug())))
    }

    /// Kommunenummer and year.
    fn key(&self) -> Result<(String, i16), String> {
        let cell = self.cell(KOMMUNE);
        // A spreadsheet takes 0301 for a number and drops the nought.
        let number = if cell.len() == 3 { format!("0{cell}") } else { cell.to_owned() };
        if kommuner::by_number(&number).is_none() {
            return Err(self.wrong(KOMMUNE, format_args!("`{}` is no kommunenummer of 2024", cell.escape_debug())));
        }
        Ok((number, self.number(YEAR, &2000, &2099)?))
    }
}

fn read<T>(bytes: &[u8], needed: &[&'static str], one: impl Fn(&Row<'_>) -> Result<T, String>) -> Result<Listed<T>, ListError> {
    let stop = |why: String| ListError(vec![why]);
    if bytes.len() > BYTES_MAX {
        return Err(stop(format!("the list has {} bytes; the limit is {BYTES_MAX}", bytes.len())));
    }
    let text = decoded(bytes);
    let head = text.lines().next().unwrap_or_default();
    let delimiter = [b';', b'\t', b','].into_iter().max_by_key(|delimiter| head.bytes().filter(|byte| byte == delimiter).count()).unwrap_or(b';');
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let heads = reader.headers().map_err(|_| stop("the first line is no head of a list".to_owned()))?.clone();
    let columns: BTreeMap<&'static str, usize> = heads.iter().enumerate().filter_map(|(index, head)| Some((column(head)?, index))).collect();
    let missing: Vec<&str> = needed.iter().copied().filter(|column| !columns.contains_key(column)).collect();
    if !missing.is_empty() {
        return Err(stop(format!("the head lacks {}", missing.join(", "))));
    }
    let (mut listed, mut wrong) = (Listed::new(), Vec::new());
    for (cells, line) in reader.records().zip(2_u64..) {
        if listed.len() + wrong.len() >= LINES_MAX {
            return Err(stop(format!("the list has more than {LINES_MAX} lines")));
        }
        let Ok(cells) = cells else {
            wrong.push(format!("line {line}: it cannot be taken apart"));
            continue;
        };
        if cells.iter().all(str::is_empty) {
            continue;
        }
        let row = Row { line: cells.position().map_or(line, csv::Position::line), cells: &cells, columns: &columns };
        match row.key().and_then(|key| Ok((key, one(&row)?))) {
            Ok((key, _)) if listed.contains_key(&key) => wrong.push(row.wrong(KOMMUNE, format_args!("{} has {} twice", key.0, key.1))),
            Ok((key, value)) => _ = listed.insert(key, value),
            Err(why) => wrong.push(why),
        }
    }
    match (wrong.is_empty(), listed.is_empty()) {
        (false, _) => Err(ListError(wrong)),
        (true, true) => Err(stop("the list has no lines below its head".to_owned())),
        (true, false) => Ok(listed),
    }
}

/// The text of a list: UTF-8, or else Latin-1, in which every byte is a character.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into(), Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::date;
    use proptest::prelude::*;

    const ASKED: &str = "Kommunenr;År;Enslige voksne/familier;EM 15–18 år;EM under 15 år;Totalt;Svarfrist;Sendt\n\
                         301;2026;800;60;20;880;01.03.2026;2025-11-20\n\
                         3236;2026;30;4;1;35;2026-03-01;\n\n";

    #[test]
    fn a_list_is_read_as_a_spreadsheet_writes_it() {
        let listed = anmodninger(ASKED.as_bytes()).expect("a list");
        assert_eq!(listed.len(), 2);
        let oslo = listed[&("0301".to_owned(), 2026)];
        assert_eq!((oslo.asked.total(), oslo.answer_by, oslo.sent), (880, date(2026, 3, 1), Some(date(2025, 11, 20))));
        let latin: Vec<u8> = ASKED.replace('–', "-").chars().map(|character| u8::try_from(u32::from(character)).expect("Latin-1")).collect();
        assert_eq!(anmodninger(&latin), Ok(listed.clone()));
        let marked = format!("\u{FEFF}{}", ASKED.replace(';', ","));
        assert_eq!(anmodninger(marked.as_bytes()), Ok(listed));
    }

    #[test]
    fn every_line_that_is_wrong_is_named_and_nothing_is_taken() {
        let list = "kommunenummer,aar,enslige_voksne_familier,em_15_18,em_under_15,registrert,totalt\n\
                    3236,2026,30,4,1,2026-02-20,35\n\
                    9999,2026,30,4,1,,\n\
                    3234,26,30,4,1,,\n\
                    3234,2026,tretti,4,1,,\n\
                    3234,2026,-3,4,1,,\n\
                    3234,2026,30,4,1,2026-02-30,\n\
                    3234,2026,30,4,1,,36\n\
                    3236,2026,31,4,1,,\n";
        let ListError(wrong) = registrations(list.as_bytes()).expect_err("it is wrong");
        let expected = [
            "line 3, kommunenummer: `9999` is no kommunenummer of 2024",
            "line 4, aar: 26 is not between 2000 and 2099",
            "line 5, enslige_voksne_familier: `tretti` is no whole number",
            "line 6, enslige_voksne_familier: `-3` is no whole number",
            "line 7, registrert: `2026-02-30` is no date such as 2026-03-01 or 01.03.2026",
            "line 8, totalt: 36 is not the sum of the groups, 35",
            "line 9, kommunenummer: 3236 has 2026 twice",
        ];
        assert_eq!(wrong, expected);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for (list, why) in [
            ("", "the head lacks"),
            ("kommunenummer;aar\n3236;2026\n", "the head lacks enslige_voksne_familier, em_15_18, em_under_15"),
            ("kommunenummer;aar;enslige_voksne_familier;em_15_18;em_under_15\n", "the list has no lines"),
            ("%PDF-1.7\n%\u{1}\n", "the head lacks"),
        ] {
            let error = registrations(list.as_bytes()).expect_err("no list").to_string();
            assert!(error.starts_with(why) && error.lines().count() == 2, "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_read(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = anmodninger(&bytes);
            let mut listed = b"kommunenummer;aar;enslige_voksne_familier;em_15_18;em_under_15\n".to_vec();
            listed.extend(bytes);
            let _ = registrations(&listed);
        }
    }
}
