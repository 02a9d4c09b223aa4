//! The forms in the repository: sound, complete, printable in every language.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use postsluse::forms::{self, BlankError, Canvas, Check, Condition, Form, PageCode, ZoneKind};
use postsluse::record::{FieldType, RectMm, Sensitivity};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("forms")
}

fn privatboende() -> Form {
    let forms = forms::load(&folder()).unwrap_or_else(|error| panic!("{error}"));
    forms.into_iter().find(|form| form.name == "privatboende").expect("the first form")
}

/// The fields the form asks for, by type.
fn asked_for() -> BTreeMap<String, FieldType> {
    let mut fields: BTreeMap<String, FieldType> = BTreeMap::new();
    let mut add = |kind: FieldType, names: &str| fields.extend(names.split(' ').map(|name| (name.to_owned(), kind)));
    add(FieldType::Choice, "hvem kjoenn sivilstand tolk tillatelse tilrettelegging_behov arbeidskontrakt studieplass egen_bolig kjaeledyr utdanning");
    add(FieldType::Multichoice, "tilrettelegging");
    add(FieldType::Flag, "aldri_i_mottak oensker_ikke_opplysninger");
    add(FieldType::Signature, "underskrift underskrift_verge");
    add(FieldType::Name, "etternavn fornavn verge_navn foelgeperson_navn");
    add(FieldType::Duf, "duf foelgeperson_duf");
    add(FieldType::Fnr, "fnr");
    add(FieldType::Date, "foedselsdato vedtaksdato politi_informert_dato flyttet_fra_mottak dato");
    add(FieldType::Country, "statsborgerskap");
    add(FieldType::Text, "adresse poststed foelgeperson_relasjon tilrettelegging_beskrivelse kjaeledyr_hvilke fagfelt siste_yrke sted");
    add(FieldType::Postnummer, "postnummer");
    add(FieldType::Kommune, "kommune tilknytning_kommune");
    add(FieldType::Phone, "telefon verge_telefon");
    add(FieldType::Email, "epost");
    add(FieldType::Language, "spraak");
    add(FieldType::Integer, "utdanning_aar yrke_aar");
    for n in 1..=4 {
        add(FieldType::Name, &format!("husstand.{n}.navn"));
        add(FieldType::Duf, &format!("husstand.{n}.duf"));
        add(FieldType::Date, &format!("husstand.{n}.foedselsdato"));
        add(FieldType::Text, &format!("husstand.{n}.relasjon"));
        add(FieldType::Choice, &format!("husstand.{n}.bosettes_sammen"));
    }
    for n in 1..=3 {
        add(FieldType::Name, &format!("relasjon.{n}.navn"));
        add(FieldType::Text, &format!("relasjon.{n}.relasjon"));
        add(FieldType::Kommune, &format!("relasjon.{n}.kommune"));
        add(FieldType::Phone, &format!("relasjon.{n}.telefon"));
    }
    fields
}

#[test]
fn the_form_asks_for_what_it_should_and_nothing_else() {
    let form = privatboende();
    let found: BTreeMap<String, FieldType> = form.fields.iter().map(|field| (field.name.clone(), field.kind)).collect();
    assert_eq!(found, asked_for());
    assert_eq!((form.printed_id.as_str(), form.version.as_str(), form.languages.as_slice()), ("IMDi-PB", "1", ["nb".to_owned(), "nn".to_owned()].as_slice()));
    assert_eq!(form.pages.len(), 4);
    let options = |name: &str| form.field(name).expect("a field").options.iter().map(|option| option.code.as_str()).collect::<Vec<_>>().join(" ");
    assert_eq!(options("hvem"), "voksen_annen_tillatelse enslig_mindreaarig");
    assert_eq!(options("kjoenn"), "kvinne mann");
    assert_eq!(options("sivilstand"), "ugift gift samboer separert skilt enke_enkemann");
    assert_eq!(options("tillatelse"), "asyl humanitaert kollektiv_beskyttelse familieinnvandring annet");
    assert_eq!(options("tilrettelegging"), "rullestol_bevegelse syn hoersel bemannet_bolig hjemmetjeneste spesialisthelsetjeneste annet");
    assert_eq!(options("utdanning"), "ingen grunnskole videregaaende fagskole universitet_hoegskole");
    for yes_or_no in ["tolk", "tilrettelegging_behov", "arbeidskontrakt", "studieplass", "egen_bolig", "kjaeledyr", "husstand.4.bosettes_sammen"] {
        assert_eq!(options(yes_or_no), "ja nei", "{yes_or_no}");
    }
}

#[test]
fn health_is_special_and_nothing_else_is() {
    let form = privatboende();
    let special: Vec<&str> = form.fields.iter().filter(|field| field.sensitivity == Sensitivity::Special).map(|field| field.name.as_str()).collect();
    assert_eq!(special, ["tilrettelegging_behov", "tilrettelegging", "tilrettelegging_beskrivelse"]);
    for field in &form.fields {
        assert!(field.legal_basis.contains("integreringsloven § 41"), "{}", field.name);
        assert_eq!(field.legal_basis.contains("artikkel 9"), field.sensitivity == Sensitivity::Special, "{}", field.name);
    }
}

#[test]
fn every_zone_can_be_found_and_read() {
    for form in forms::load(&folder()).expect("forms") {
        let mut taken: Vec<(u32, RectMm)> = Vec::new();
        for field in &form.fields {
            assert!(!field.zones.is_empty(), "{} has a place", field.name);
            for zone in &field.zones {
                let page = form.page(zone.page).expect("a page of the form");
                assert!(inside(RectMm::new(0.0, 0.0, 210.0, 297.0), zone.rect), "{} is on its page", field.name);
                for mark in page.fiducials.iter().map(|mark| mark.inset(-2.0)).chain(page.code.map(|code| code.inset(-2.0))) {
                    assert!(!touch(mark, zone.rect), "{} leaves the marks alone", field.name);
                }
                assert!(!taken.iter().any(|(on, rect)| *on == zone.page && touch(*rect, zone.rect)), "{} lies on no other", field.name);
                taken.push((zone.page, zone.rect));
                assert_eq!(zone.kind == ZoneKind::Comb, !zone.cells.is_empty(), "{}", field.name);
                assert!(zone.cells.iter().all(|cell| inside(zone.rect.inset(-0.001), *cell)), "{} holds its cells", field.name);
                assert!(zone.cells.is_sorted_by(|left, right| left.x() < right.x()));
            }
            let boxes: Vec<&str> = field.zones.iter().filter_map(|zone| zone.option.as_deref()).collect();
            let options: Vec<&str> = field.options.iter().map(|option| option.code.as_str()).collect();
            assert_eq!(boxes, options, "{} has a box an option", field.name);
        }
    }
}

fn inside(outer: RectMm, inner: RectMm) -> bool {
    outer.x() <= inner.x() && outer.y() <= inner.y() && inner.x() + inner.w() <= outer.x() + outer.w() && inner.y() + inner.h() <= outer.y() + outer.h()
}

fn touch(one: RectMm, other: RectMm) -> bool {
    one.x() < other.x() + other.w() && other.x() < one.x() + one.w() && one.y() < other.y() + other.h() && other.y() < one.y() + one.h()
}

#[test]
fn the_marks_are_in_a_pattern_that_no_turn_repeats_even_with_two_of_them_lost() {
    let near = |one: &[f64; 2], other: &[f64; 2]| (one[0] - other[0]).hypot(one[1] - other[1]) < 6.0;
    for page in &privatboende().pages {
        let centres: Vec<[f64; 2]> = page.fiducials.iter().map(|mark| [mark.x() + mark.w() / 2.0, mark.y() + mark.h() / 2.0]).collect();
        assert_eq!(centres.len(), 6);
        for (first, second) in (0..6).flat_map(|first| (first..6).map(move |second| (first, second))) {
            let left: Vec<[f64; 2]> = (0..6).filter(|at| *at != first && *at != second).map(|at| centres[at]).collect();
            let upside_down = left.iter().all(|[x, y]| centres.iter().any(|other| near(&[210.0 - x, 297.0 - y], other)));
            // Only without both of the marks on the edges is a page like itself upside down; then the page code tells.
            assert_eq!(upside_down, (first, second) == (4, 5), "without the marks {first} and {second}");
        }
        let code = page.code.expect("a page code");
        assert!((16.0..=18.0).contains(&code.w()) && code.w().to_bits() == code.h().to_bits());
        assert!(code.x() > 105.0 && code.y() + code.h() < 148.5, "in one quarter of the page");
    }
}

#[test]
fn the_rules_of_the_form_are_there() {
    let form = privatboende();
    let codes: BTreeSet<&str> = form.rules.iter().map(|rule| rule.code.as_str()).collect();
    for code in [
        "oensker_ikke_men_helse",
        "seks_maaneder",
        "verge_mangler",
        "behov_nei_men_utfylt",
        "behov_ja_uten_innhold",
        "vedtak_etter_politi",
        "mottak_motstrid",
        "husstand_ufullstendig",
    ] {
        assert!(codes.contains(code), "{code}");
    }
    let verge: Vec<&Condition> = form
        .rules
        .iter()
        .filter_map(|rule| match &rule.check {
            Check::Requires { when, fields } if fields.iter().any(|field| field == "underskrift_verge") => Some(when),
            _ => None,
        })
        .collect();
    let minor = Condition::Is { field: "hvem".into(), option: "enslig_mindreaarig".into() };
    assert_eq!(verge, [&minor, &Condition::YoungerThan { field: "foedselsdato".into(), years: 18 }]);
    let rows = form.rules.iter().filter(|rule| rule.code == "husstand_ufullstendig").map(|rule| rule.field.as_str()).collect::<Vec<_>>();
    assert_eq!(rows, ["husstand.1.navn", "husstand.2.navn", "husstand.3.navn", "husstand.4.navn"]);
    assert!(form.field("underskrift").expect("a field").required);
    assert!(form.rules.iter().any(|rule| matches!(&rule.check, Check::WithinMonths { date, months: 6 } if date == "politi_informert_dato")));
}

/// What was drawn: words, and the number and kind of marks.
#[derive(Default)]
struct Drawn {
    texts: Vec<(f64, f64, f64, String)>,
    filled: Vec<RectMm>,
    outlined: Vec<RectMm>,
    separators: usize,
    greys: BTreeSet<u8>,
}

impl Canvas for Drawn {
    fn text(&mut self, x: f64, y_baseline: f64, size_pt: f64, bold: bool, text: &str) {
        self.texts.push((x, y_baseline, forms::width_mm(text, size_pt, bold), text.to_owned()));
    }
    fn fill_rects(&mut self, rects: &[RectMm], grey: u8) {
        self.filled.extend(rects);
        self.greys.insert(grey);
    }
    fn stroke_rect(&mut self, rect: RectMm, _width_mm: f64, grey: u8) {
        self.outlined.push(rect);
        self.greys.insert(grey);
    }
    fn line(&mut self, from: [f64; 2], to: [f64; 2], _width_mm: f64, grey: u8) {
        self.separators += usize::from(to[1] - from[1] > 1.0);
        self.greys.insert(grey);
    }
}

fn drawn(form: &Form, page: u32, language: &str) -> Drawn {
    let mut canvas = Drawn::default();
    forms::draw(form, form.page(page).expect("a page"), language, &mut canvas).expect("a drawn page");
    canvas
}

#[test]
fn the_blank_has_its_words_outlines_marks_and_code_in_every_language() {
    let form = privatboende();
    for language in &form.languages {
        for page in 1..=4 {
            let canvas = drawn(&form, page, language);
            let zones: Vec<RectMm> = form.zones_on(page).map(|(_, zone)| zone.rect).collect();
            assert_eq!(canvas.outlined, zones, "every zone is outlined where it is read");
            let cells = form.zones_on(page).map(|(_, zone)| zone.cells.len().saturating_sub(1)).sum::<usize>();
            assert_eq!(canvas.separators, cells, "each cell is told from the next");
            assert_eq!(canvas.greys, BTreeSet::from([0]), "nothing is grey: G4 would turn it to specks");
            let layout = form.page(page).expect("a page");
            assert_eq!(canvas.filled[..6], layout.fiducials);
            let code = layout.code.expect("a code");
            assert!(canvas.filled.iter().filter(|rect| inside(code.inset(-0.001), **rect)).count() > 100, "a code of many modules");
            for (x, y, width, text) in &canvas.texts {
                assert!(*x >= 20.0 - 0.001 && x + width <= 190.001 && (10.0..=287.0).contains(y), "`{text}` stays between the margins");
                let clear = RectMm::new(*x, y - 2.0, *width, 2.0);
                assert!(!touch(code.inset(-2.4), clear), "`{text}` leaves the code alone");
                assert!(!zones.iter().any(|zone| touch(zone.inset(0.1), clear)), "`{text}` is printed in no zone");
            }
            let words = canvas.texts.iter().map(|(.., text)| text.as_str()).collect::<Vec<_>>().join(" ");
            assert!(words.contains(&format!("side {page} av 4")) && words.contains("IMDi-PB · versjon 1") && words.contains("Postboks 672, 8508 Narvik"));
        }
    }
    let first = |language| drawn(&form, 1, language).texts.into_iter().map(|(.., text)| text).collect::<Vec<_>>().join(" ");
    let (nb, nn) = (first("nb"), first("nn"));
    for needed in ["mørk penn", "STOR BOKSTAV", "integreringsloven § 41 første ledd bokstav d", "(§ 42)", "trenger ikke å si hvorfor", "seks måneder"] {
        assert!(nb.contains(needed), "{needed}: {nb}");
    }
    for needed in ["mørk penn", "STOR BOKSTAV", "integreringslova § 41 første ledd bokstav d", "(§ 42)", "treng ikkje å seie kvifor", "seks månader"] {
        assert!(nn.contains(needed), "{needed}: {nn}");
    }
}

#[test]
fn each_page_says_which_it_is() {
    let form = privatboende();
    assert_eq!(form.page_code(2, "nn").to_string(), "PSL1:privatboende:1:2/4:nn");
    let code: PageCode = "PSL1:privatboende:1:4/4:nb".parse().expect("a page code");
    assert_eq!(code, form.page_code(4, "nb"));
    let codes: BTreeSet<Vec<String>> = (1..=4)
        .flat_map(|page| ["nb", "nn"].map(|language| drawn(&form, page, language).filled.iter().skip(6).map(|rect| format!("{rect:?}")).collect()))
        .collect();
    assert_eq!(codes.len(), 8, "no two pages have the same code");
}

#[test]
fn a_language_the_form_has_not_is_refused_with_those_it_has() {
    let form = privatboende();
    let refused = forms::draw(&form, &form.pages[0], "en", &mut Drawn::default()).expect_err("no English labels");
    assert_eq!(refused, BlankError::Language { form: "privatboende".into(), language: "en".into(), known: "nb, nn".into() });
}

#[test]
fn bokmaal_and_nynorsk_are_not_one_and_the_same() {
    let form = privatboende();
    let same: Vec<&str> = form.fields.iter().filter(|field| field.label.get("nb") == field.label.get("nn")).map(|field| field.name.as_str()).collect();
    assert!(same.len() * 3 < form.fields.len(), "{same:?}");
}

#[test]
fn the_examples_of_the_documentation_are_sound() {
    let examples: Vec<&str> =
        include_str!("../../docs/forms.md").split("```xml\n").skip(1).map(|rest| rest.split("```").next().expect("the end of an example")).collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        forms::parse(example, "docs/forms.md").unwrap_or_else(|errors| panic!("{errors}"));
    }
}
