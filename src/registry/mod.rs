//! Domain knowledge: what the numbers, names and codes of this field look like, and which of them exist.
//!
//! Everything here is pure: lists compiled in, no I/O, no clock (today comes in with the [`Context`]). [`canonicalise`] brings what was read
//! into the canonical form of its type (`docs/contracts.md`). It never repairs silently: what breaks a rule comes back as
//! [`Canonical::Doubtful`] with the code of a finding, for a person to settle. The lists' sources and licences are in `data/README.md`.

pub mod countries;
pub mod dates;
pub mod duf;
pub mod email;
pub mod familiar;
pub mod fnr;
pub mod kommuner;
pub mod languages;
pub mod letters;
pub mod names;
pub mod orgnr;
pub mod phone;
pub mod postal;
mod trigrams;

use std::sync::LazyLock;

use crate::clock::{Date, ToSpan};
use crate::record::{FieldType, Value};

/// What a rule needs to know besides the reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// The day the document was received, in Norwegian time.
    pub today: Date,
    /// Accept numbers of test persons (Tenor, `SyntPop`). Never in production.
    pub test_ids: bool,
}

/// A reading in canonical form, or what is doubtful about it.
#[derive(Clone, PartialEq, Eq)]
pub enum Canonical {
    /// It satisfies every rule of its type.
    Valid {
        /// The canonical value.
        value: Value,
        /// The same for people.
        text: String,
        /// The rule that would have shown a wrong reading; none where the type has none.
        rule: Option<&'static str>,
    },
    /// It breaks a rule, or a rule cannot decide.
    Doubtful {
        /// What it may mean; none when it could not be understood.
        value: Option<Value>,
        /// The same for people.
        text: Option<String>,
        /// The code of the finding.
        code: &'static str,
        /// The finding's sentence, in bokmål and without any value.
        message: &'static str,
    },
}

impl std::fmt::Debug for Canonical {
    /// The rule or the finding only: values are personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Valid { rule, .. } => write!(f, "Valid({})", rule.unwrap_or("no rule")),
            Self::Doubtful { code, .. } => write!(f, "Doubtful({code})"),
        }
    }
}

impl Canonical {
    fn valid(value: Value, text: impl Into<String>, rule: Option<&'static str>) -> Self {
        Self::Valid { value, text: text.into(), rule }
    }

    /// A text that is its own form for people.
    fn plain(text: String, rule: Option<&'static str>) -> Self {
        Self::Valid { value: Value::Text(text.clone()), text, rule }
    }

    fn doubtful(code: &'static str, message: &'static str) -> Self {
        Self::Doubtful { value: None, text: None, code, message }
    }

    /// Doubtful, with what it may mean.
    fn perhaps(value: Value, text: impl Into<String>, code: &'static str, message: &'static str) -> Self {
        Self::Doubtful { value: Some(value), text: Some(text.into()), code, message }
    }
}

/// Brings `raw`, what was read of a field of type `kind`, into canonical form.
///
/// Where only digits can stand, the letters O, l and I are read as the digits they are mistaken for; under check digits also S, B and Z. A
/// choice is given as its option code, a multichoice as codes separated by spaces or commas; whether the form has such options is not known here.
#[must_use]
pub fn canonicalise(kind: FieldType, raw: &str, context: &Context) -> Canonical {
    if raw.trim().is_empty() && !matches!(kind, FieldType::Flag | FieldType::Signature | FieldType::Multichoice) {
        return Canonical::doubtful("unreadable", "Feltet kunne ikke leses.");
    }
    match kind {
        FieldType::Duf => duf_number(raw, context.today),
        FieldType::Fnr => fnr_number(raw, context.test_ids),
        FieldType::RegNumber => reg_number(raw),
        FieldType::Date => date(raw, context.today),
        FieldType::Year => year(raw, context.today),
        FieldType::Postnummer => postnummer(raw),
        FieldType::Phone => telephone(raw),
        FieldType::Email => address(raw),
        FieldType::Name => name(raw),
        FieldType::Kommune => kommune(raw),
        FieldType::Country => country(raw),
        FieldType::Language => language(raw),
        FieldType::Integer => integer(raw),
        FieldType::Text => Canonical::valid(Value::Text(letters::care_of(&letters::squeeze(&letters::compose(raw)))), letters::care_of(&lines(raw)), None),
        FieldType::Choice => option_code(raw),
        FieldType::Multichoice => option_codes(raw),
        FieldType::Flag | FieldType::Signature => flag(raw),
        FieldType::List => Canonical::doubtful("not_a_reading", "Verdien er sammensatt og må settes av en person."),
    }
}

/// Whether somebody may have meant to write `text` in a field of type `kind`, as far as the type's rules know.
#[must_use]
pub fn can_be(kind: FieldType, text: &str, context: &Context) -> bool {
    match kind {
        FieldType::Text | FieldType::RegNumber => text.split([' ', '-', '/', '.', ',']).all(is_word),
        // A name ends in a letter, and a hyphen stands between two.
        FieldType::Name => text.split([' ', '-']).all(|word| word.chars().all(char::is_alphabetic)),
        _ => matches!(canonicalise(kind, text, context), Canonical::Valid { .. }),
    }
}

/// Whether `line` is a fødselsnummer and the day of birth that it says, with a space between.
#[must_use]
pub fn is_born_on(line: &str, context: &Context) -> bool {
    let both = line.split_once(' ').and_then(|(number, date)| fnr::parse(number, context.test_ids).ok().zip(dates::parse(date).ok()));
    both.is_some_and(|(number, date)| number.is_of(date))
}

/// A word of letters, a number, or a number with a letter behind it as houses and staircases have.
fn is_word(word: &str) -> bool {
    let letters = word.trim_start_matches(|c: char| c.is_ascii_digit());
    letters.len() == word.len() && word.chars().all(|c| c.is_alphabetic() || c == '&' || c == '@')
        || letters.chars().count() <= 1 && letters.chars().all(char::is_alphabetic)
}

/// Whether the rule of a type nearly always tells a wrong reading: check digits, or a closed list of names.
#[must_use]
pub fn is_ruled(kind: FieldType) -> bool {
    matches!(kind, FieldType::Duf | FieldType::Fnr | FieldType::Kommune | FieldType::Country | FieldType::Language)
}

/// The names of a closed list, in capitals: what can stand in a field of type `kind`. None where there is no such list.
#[must_use]
pub fn names(kind: FieldType) -> &'static [String] {
    match kind {
        FieldType::Kommune => &KOMMUNER,
        FieldType::Country => &COUNTRIES,
        FieldType::Language => &LANGUAGES,
        _ => &[],
    }
}

static KOMMUNER: LazyLock<Vec<String>> = LazyLock::new(|| capitals(kommuner::names()));
static COUNTRIES: LazyLock<Vec<String>> = LazyLock::new(|| capitals(countries::names()));
static LANGUAGES: LazyLock<Vec<String>> = LazyLock::new(|| capitals(languages::names()));

fn capitals(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.map(|name| name.to_uppercase()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn duf_number(raw: &str, today: Date) -> Canonical {
    let digits = checked_digits(raw);
    let text = || Value::Text(digits.clone());
    match duf::parse(&digits, today) {
        Ok(_) => Canonical::valid(text(), digits.clone(), Some("duf_check")),
        Err(duf::DufFault::Form) => Canonical::doubtful("duf_form", "DUF-nummeret skal ha 12 siffer."),
        Err(duf::DufFault::CheckDigit) => Canonical::perhaps(text(), digits.clone(), "duf_check_digit", "Kontrollsifrene i DUF-nummeret stemmer ikke."),
        Err(duf::DufFault::Year) => Canonical::perhaps(text(), digits.clone(), "duf_year", "DUF-nummeret begynner med et årstall som ikke er mulig."),
    }
}

fn fnr_number(raw: &str, test_ids: bool) -> Canonical {
    let digits = checked_digits(raw);
    let perhaps = |code, message| Canonical::perhaps(Value::Text(digits.clone()), digits.clone(), code, message);
    match fnr::parse(&digits, test_ids) {
        Ok(_) => Canonical::plain(digits, Some("fnr_check")),
        Err(fnr::FnrFault::Form) => Canonical::doubtful("fnr_form", "Fødselsnummeret eller D-nummeret skal ha 11 siffer."),
        Err(fnr::FnrFault::CheckDigit) => perhaps("fnr_check_digit", "Kontrollsifrene i fødselsnummeret eller D-nummeret stemmer ikke."),
        Err(fnr::FnrFault::Date) => perhaps("fnr_date", "Fødselsnummeret eller D-nummeret begynner med en dato som ikke finnes."),
        Err(fnr::FnrFault::HelpNumber) => perhaps("fnr_help_number", "Nummeret er et hjelpenummer og ikke et fødselsnummer eller D-nummer."),
        Err(fnr::FnrFault::Synthetic) => perhaps("fnr_synthetic", "Nummeret hører til en serie for testpersoner."),
    }
}

fn reg_number(raw: &str) -> Canonical {
    let text = letters::squeeze(raw).to_uppercase();
    let sound = text.len() <= 20 && text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b" -/.".contains(&b));
    if sound {
        Canonical::plain(text, None)
    } else {
        Canonical::perhaps(Value::Text(text.clone()), text, "reg_number_form", "Registreringsnummeret har ikke en kjent form.")
    }
}

fn date(raw: &str, today: Date) -> Canonical {
    match dates::parse(&digits_for_letters(raw)) {
        Err(dates::DateFault::Form) => Canonical::doubtful("date_form", "Datoen kunne ikke leses som dag, måned og år med fire siffer."),
        Err(dates::DateFault::Exists) => Canonical::doubtful("date_exists", "Datoen finnes ikke i kalenderen."),
        Ok(date) => {
            let (value, text) = (Value::Text(date.to_string()), dates::for_people(date));
            // One day of grace: a form signed today may be read under yesterday's date.
            if date.year() < 1900 || date > today.saturating_add(1.day()) {
                Canonical::perhaps(value, text, "date_range", "Datoen ligger før 1900 eller etter at dokumentet kom inn.")
            } else {
                Canonical::valid(value, text, Some("date_exists"))
            }
        }
    }
}

fn year(raw: &str, today: Date) -> Canonical {
    let digits = without_spaces(&digits_for_letters(raw));
    match digits.parse::<i64>() {
        Ok(year) if digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()) => {
            if (1900..=i64::from(today.year()) + 1).contains(&year) {
                Canonical::valid(Value::Integer(year), digits, Some("year_range"))
            } else {
                Canonical::perhaps(Value::Integer(year), digits, "year_range", "Årstallet er ikke mulig.")
            }
        }
        _ => Canonical::doubtful("year_form", "Årstallet skal ha fire siffer."),
    }
}

fn postnummer(raw: &str) -> Canonical {
    let digits = without_spaces(&digits_for_letters(raw));
    if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Canonical::doubtful("postnummer_form", "Postnummeret skal ha fire siffer.");
    }
    if postal::place(&digits).is_some() {
        Canonical::plain(digits, Some("postnummer_known"))
    } else {
        Canonical::perhaps(Value::Text(digits.clone()), digits, "postnummer_unknown", "Postnummeret står ikke i listen, som er fra 2021.")
    }
}

fn telephone(raw: &str) -> Canonical {
    match phone::parse(&digits_for_letters(raw)) {
        Some(number) => Canonical::valid(Value::Text(number.clone()), phone::for_people(&number), Some("phone_form")),
        None => Canonical::doubtful("phone_form", "Telefonnummeret har ikke åtte siffer eller en landkode."),
    }
}

fn address(raw: &str) -> Canonical {
    if let Some(address) = email::parse(raw) {
        return Canonical::plain(address, Some("email_form"));
    }
    // A space may be a misread underscore, so an address that only lacks its spaces is a suggestion.
    match email::parse(&without_spaces(raw)) {
        Some(address) => Canonical::perhaps(Value::Text(address.clone()), address, "email_form", "E-postadressen ble lest med mellomrom i."),
        None => Canonical::doubtful("email_form", "Teksten er ikke en e-postadresse."),
    }
}

fn name(raw: &str) -> Canonical {
    let name = names::tidy(raw);
    if names::plausible(&name) {
        Canonical::plain(name, None)
    } else {
        Canonical::perhaps(Value::Text(name.clone()), name, "name_characters", "Navnet har tegn som ikke hører hjemme i et navn.")
    }
}

fn kommune(raw: &str) -> Canonical {
    let suggestion = |kommune: &kommuner::Kommune, code, message| Canonical::perhaps(Value::Text(kommune.number.into()), kommune.name, code, message);
    match kommuner::find(raw) {
        kommuner::Match::One(kommune) => Canonical::valid(Value::Text(kommune.number.into()), kommune.name, Some("kommune_known")),
        kommuner::Match::Several(_) => Canonical::doubtful("kommune_shared_name", "Flere kommuner har dette navnet."),
        kommuner::Match::Former(Some(kommune)) => {
            suggestion(kommune, "kommune_former", "Navnet eller nummeret tilhører en kommune som er slått sammen med en annen.")
        }
        kommuner::Match::Former(None) => Canonical::doubtful("kommune_former", "Navnet tilhører en kommune som er delt mellom andre."),
        kommuner::Match::Unknown => Canonical::doubtful("kommune_unknown", "Navnet eller nummeret er ikke en kommune."),
    }
}

fn country(raw: &str) -> Canonical {
    match countries::find(raw) {
        countries::Match::One(country) => Canonical::valid(Value::Text(country.code.into()), country.name, Some("country_known")),
        countries::Match::Several => Canonical::doubtful("country_shared_name", "Flere land har dette navnet."),
        countries::Match::Stateless => Canonical::doubtful("country_stateless", "Personen oppgir å være statsløs, og det har ingen landkode."),
        countries::Match::Unknown => Canonical::doubtful("country_unknown", "Teksten er ikke navnet på et land."),
    }
}

fn language(raw: &str) -> Canonical {
    match languages::find(raw) {
        Some(language) => Canonical::valid(Value::Text(language.code.into()), language.name, Some("language_known")),
        None => Canonical::doubtful("language_unknown", "Teksten er ikke navnet på et språk i listen."),
    }
}

fn integer(raw: &str) -> Canonical {
    let digits = without_spaces(&digits_for_letters(raw));
    match digits.parse::<i64>() {
        Ok(number) if digits.len() <= 12 && !digits.starts_with('+') => Canonical::valid(Value::Integer(number), number.to_string(), None),
        _ => Canonical::doubtful("integer_form", "Teksten er ikke et helt tall."),
    }
}

fn option_code(raw: &str) -> Canonical {
    let code = raw.trim();
    if is_code(code) { Canonical::plain(code.to_owned(), None) } else { Canonical::doubtful("choice_form", "Svaret er ikke et av alternativene.") }
}

fn option_codes(raw: &str) -> Canonical {
    let codes: Vec<String> = raw.split(|c: char| c == ',' || c.is_whitespace()).filter(|code| !code.is_empty()).map(str::to_owned).collect();
    if codes.iter().all(|code| is_code(code)) {
        let text = codes.join(", ");
        Canonical::valid(Value::Codes(codes), text, None)
    } else {
        Canonical::doubtful("choice_form", "Svaret er ikke et av alternativene.")
    }
}

fn flag(raw: &str) -> Canonical {
    match raw.trim().to_lowercase().as_str() {
        "true" | "ja" | "x" | "1" => Canonical::valid(Value::Flag(true), "ja", None),
        "false" | "nei" | "0" | "" => Canonical::valid(Value::Flag(false), "nei", None),
        _ => Canonical::doubtful("flag_form", "Krysset kunne ikke tolkes."),
    }
}

fn is_code(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Free text for people, with its lines kept: each trimmed, its spaces collapsed, empty lines at the ends dropped.
fn lines(raw: &str) -> String {
    letters::compose(raw).lines().map(letters::squeeze).collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn without_spaces(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The letters that printed and written digits are mistaken for, where nothing but a digit can stand. Only when the text has a digit and no
/// other letters, so that a word does not become a number.
fn digits_for_letters(raw: &str) -> String {
    mistaken(raw, |c| match c {
        'O' | 'o' => Some('0'),
        'l' | 'I' => Some('1'),
        _ => None,
    })
}

/// As [`digits_for_letters`], with the mistakes that check digits would show; spaces, hyphens and full stops are dropped.
fn checked_digits(raw: &str) -> String {
    let text = mistaken(raw, |c| match c {
        'O' | 'o' | 'D' | 'Q' => Some('0'),
        'l' | 'I' | '|' | 'i' => Some('1'),
        'S' | 's' => Some('5'),
        'B' => Some('8'),
        'Z' | 'z' => Some('2'),
        _ => None,
    });
    text.chars().filter(|c| !(c.is_whitespace() || *c == '.' || letters::is_hyphen(*c))).collect()
}

fn mistaken(raw: &str, digit_for: impl Fn(char) -> Option<char>) -> String {
    let number = raw.chars().any(|c| c.is_ascii_digit()) && raw.chars().all(|c| !c.is_alphabetic() || digit_for(c).is_some());
    if number { raw.chars().map(|c| digit_for(c).unwrap_or(c)).collect() } else { raw.to_owned() }
}

/// The rows of one of the lists, without the head; fields are separated by semicolons and none is quoted.
fn rows(csv: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    csv.lines().skip(1).filter(|line| !line.is_empty()).map(|line| line.split(';').collect())
}

#[cfg(test)]
mod tests;
