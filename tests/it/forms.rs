//! Forms from outside: what a sound XML becomes, and what a writer is told about one that is not.

use postsluse::forms::{self, Check, Condition, Form, FormError, FormErrors, ZoneKind};
use postsluse::record::{FieldType, RectMm, Sensitivity};
use proptest::prelude::*;

/// A form with one of everything, on lines that the tests below count on.
pub const SMALL: &str = r#"<form name="proeve" version="2" id="P-1" languages="nb nn" legal="lov">
  <title nb="Prøve" nn="Prøve"/>
  <header short="IMDi" nb="Integrerings- og mangfoldsdirektoratet" nn="Integrerings- og mangfaldsdirektoratet"/>
  <pageline nb="side {page} av {pages}" nn="side {page} av {pages}"/>
  <footer nb="Bunn" nn="Botn"/>
  <basis code="lov" text="integreringsloven § 41"/>
  <basis code="helse" text="personvernforordningen artikkel 9" special="yes"/>
  <page>
    <section>
      <title nb="Om deg" nn="Om deg"/>
      <row>
        <comb name="duf" type="duf" required="yes"><label nb="DUF" nn="DUF"/></comb>
        <choice name="svar" w="60"><label nb="Svar" nn="Svar"/>
          <option code="ja" nb="Ja" nn="Ja"/>
          <option code="nei" nb="Nei" nn="Nei"/>
        </choice>
      </row>
      <comb name="dato" type="date"><label nb="Dato" nn="Dato"/></comb>
      <flag name="aldri"><label nb="Aldri" nn="Aldri"/></flag>
      <free name="behov" h="20" sensitivity="special" legal="helse"><label nb="Behov" nn="Behov"/></free>
      <repeat name="barn" times="2">
        <label nb="Barn {n}" nn="Barn {n}"/>
        <comb name="navn" type="name" cells="10"><label nb="navn" nn="namn"/></comb>
      </repeat>
      <signature name="underskrift" w="80"><label nb="Underskrift" nn="Underskrift"/></signature>
    </section>
  </page>
  <rule code="regel" field="svar">
    <message nb="Feil." nn="Feil."/>
    <forbids when="svar is nei" fields="behov"/>
  </rule>
</form>"#;

fn small() -> Form {
    forms::parse(SMALL, "proeve.xml").unwrap_or_else(|errors| panic!("{errors}"))
}

/// What is said of the small form after one change.
fn told(from: &str, to: &str) -> FormErrors {
    assert!(SMALL.contains(from), "the small form has no `{from}`");
    forms::parse(&SMALL.replacen(from, to, 1), "proeve.xml").expect_err("the change is a fault")
}

#[track_caller]
fn fault(from: &str, to: &str, line: u32, words: &str) {
    let errors = told(from, to);
    let found = errors.complaints.iter().any(|complaint| complaint.line == line && complaint.message.contains(words));
    assert!(found, "line {line} should say `{words}`; told:\n{errors}");
    assert!(errors.complaints.iter().all(|complaint| !complaint.advice.is_empty()));
}

#[test]
fn zones_are_told_as_the_contract_says() {
    let form = forms::parse(
        r#"<form name="foto" version="1" id="F" languages="nb" blank="foreign" picture="foto.png" legal="lov">
             <title nb="Foto"/>
             <basis code="lov" text="lov"/>
             <basis code="helse" text="artikkel 9" special="yes"/>
             <page>
               <comb name="aar" type="year" at="30 40.5" cell="5 7"><label nb="År"/></comb>
               <choice name="svar" sensitivity="special" legal="helse"><label nb="Svar"/>
                 <option code="ja" nb="Ja" at="30 60"/>
                 <option code="nei" nb="Nei" at="50 60"/>
               </choice>
             </page>
           </form>"#,
        "foto.xml",
    )
    .unwrap_or_else(|errors| panic!("{errors}"));
    let lines: Vec<String> = forms::zones_json(&form)["fields"].as_array().expect("fields").iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    {"name":"aar","sensitivity":"ordinary","type":"year","zones":[{"cells_mm":[[30,40.5,5,7],[35,40.5,5,7],[40,40.5,5,7],[45,40.5,5,7]],"kind":"comb","page":1,"rect_mm":[30,40.5,20,7]}]}
    {"name":"svar","sensitivity":"special","type":"choice","zones":[{"kind":"checkbox","option":"ja","page":1,"rect_mm":[30,60,4,4]},{"kind":"checkbox","option":"nei","page":1,"rect_mm":[50,60,4,4]}]}
    "#);
    let mut whole = forms::zones_json(&form);
    whole["fields"] = "...".into();
    insta::assert_snapshot!(whole.to_string(), @r#"{"fields":"...","form":"foto","page_mm":[210,297],"pages":1,"v":1,"version":"1"}"#);
}

#[test]
fn a_field_has_its_type_sensitivity_legal_basis_and_labels() {
    let form = small();
    assert_eq!(
        form.fields.iter().map(|field| (field.name.as_str(), field.kind)).collect::<Vec<_>>(),
        [
            ("duf", FieldType::Duf),
            ("svar", FieldType::Choice),
            ("dato", FieldType::Date),
            ("aldri", FieldType::Flag),
            ("behov", FieldType::Text),
            ("barn.1.navn", FieldType::Name),
            ("barn.2.navn", FieldType::Name),
            ("underskrift", FieldType::Signature),
        ]
    );
    let behov = form.field("behov").expect("a field");
    assert_eq!((behov.sensitivity, behov.legal_basis.as_str()), (Sensitivity::Special, "personvernforordningen artikkel 9"));
    let duf = form.field("duf").expect("a field");
    assert_eq!((duf.sensitivity, duf.legal_basis.as_str(), duf.required), (Sensitivity::Ordinary, "integreringsloven § 41", true));
    assert_eq!(duf.zones[0].cells.len(), 12);
    assert_eq!(form.field("barn.2.navn").expect("a field").label.get("nn"), "Barn 2: namn");
    let svar = form.field("svar").expect("a field");
    assert_eq!(svar.zones.iter().map(|zone| zone.option.as_deref()).collect::<Vec<_>>(), [Some("ja"), Some("nei")]);
}

#[test]
fn a_rule_that_looks_at_a_special_field_is_known_to_tell_of_it() {
    // It is about `svar`, which is ordinary, and is broken only where `behov` is filled in.
    assert!(small().tells_of_special("regel"));
    assert!(!small().tells_of_special("required"));
    let shipped = forms::parse(SHIPPED, "privatboende.xml").unwrap_or_else(|errors| panic!("{errors}"));
    for (code, tells) in
        [("oensker_ikke_men_helse", true), ("behov_nei_men_utfylt", true), ("behov_annet_uten_beskrivelse", true), ("kjaeledyr_uten_art", false)]
    {
        assert_eq!(shipped.tells_of_special(code), tells, "{code}");
    }
}

#[test]
fn rules_are_read_with_their_conditions() {
    let form = small();
    let [rule] = form.rules.as_slice() else { panic!("one rule") };
    assert_eq!((rule.code.as_str(), rule.field.as_str(), rule.message.get("nb")), ("regel", "svar", "Feil."));
    let Check::Forbids { when, fields } = &rule.check else { panic!("{:?}", rule.check) };
    assert_eq!(*when, Condition::Is { field: "svar".into(), option: "nei".into() });
    assert_eq!(fields, &["behov"]);

    let others = r#"<requires when="aldri filled" fields="duf dato"/><requires-any when="barn.1.* filled" fields="barn.2.*"/>
      <within-months date="dato" months="6"/><not-after earlier="dato" later="dato"/><requires when="dato younger-than 18" fields="duf"/>"#;
    let form = forms::parse(&SMALL.replace(r#"<forbids when="svar is nei" fields="behov"/>"#, others), "x").unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(form.rules.len(), 5, "each check is a rule of the same code");
    assert!(form.rules.iter().all(|rule| rule.code == "regel"));
    assert!(matches!(&form.rules[0].check, Check::Requires { when: Condition::Filled(field), .. } if field == "aldri"));
    assert!(matches!(&form.rules[1].check, Check::RequiresAny { when: Condition::Filled(field), .. } if field == "barn.1.*"));
    assert!(matches!(&form.rules[2].check, Check::WithinMonths { months: 6, .. }));
    assert!(matches!(&form.rules[3].check, Check::NotAfter { .. }));
    assert!(matches!(&form.rules[4].check, Check::Requires { when: Condition::YoungerThan { years: 18, .. }, .. }));
    assert_eq!(form.matching("barn.*").map(|field| field.name.as_str()).collect::<Vec<_>>(), ["barn.1.navn", "barn.2.navn"]);
    assert_eq!(form.matching("barn.1.*").count() + form.matching("bar.*").count() + form.matching("duf").count(), 2);
}

#[test]
fn unknown_elements_and_attributes_are_named_with_what_is_known() {
    fault("<flag name=\"aldri\">", "<flagg name=\"aldri\">", 19, "not well-formed");
    fault("<row>", "<row gap=\"3\">", 11, "unknown attribute `gap` of <row>");
    fault("    <section>\n", "    <section>\n<linje/>", 10, "unknown element <linje> in <section>");
    fault("<form ", "<form color=\"blue\" ", 1, "unknown attribute `color`");
    fault("<label nb=\"Aldri\" nn=\"Aldri\"/>", "<label nb=\"Aldri\" nn=\"Aldri\"/><hint nb=\"x\" nn=\"x\"/>", 19, "unknown element <hint> in <flag>");
    let whole = forms::parse("<skjema/>", "x").expect_err("no form");
    assert!(whole.to_string().contains("x:1: the outermost element is <skjema>"), "{whole}");
}

#[test]
fn a_label_is_there_in_every_language_and_fits() {
    fault(" nn=\"Aldri\"", "", 19, "no text in `nn`");
    fault("nb=\"Ja\" nn=\"Ja\"", "nb=\"Ja\"", 14, "<option> has no text in `nn`");
    fault("<label nb=\"Dato\" nn=\"Dato\"/>", "", 18, "`dato` has no <label>");
    fault("nn=\"DUF\"", "nn=\"DUF-nummeret som står i alle breva frå Utlendingsdirektoratet\"", 12, "the label needs 2 lines in `nn`; 1 kept for it");
    fault("nn=\"Nei\"", "nn=\"Nei, det har eg ikkje tenkt å gjere\"", 15, "the option needs 3 lines in `nn`; 1 kept for it");
    fault(
        "nb=\"DUF\" nn=\"DUF\"/>",
        "nb=\"DUF\" nn=\"DUF\"/><hint nb=\"x\" nn=\"står i alle breva frå Utlendingsdirektoratet\"/>",
        12,
        "the label with its hint is",
    );
    fault("nn=\"Underskrift\"", "nn=\"Underskriftsfeltetsommågåoverheilebreiddaogvelsåditiformularet\"", 25, "mm wide in `nn`");
    fault("languages=\"nb nn\"", "languages=\"nn nb\"", 1, "does not start with nb");
    fault("nn=\"Botn\"", "nn=\"Botn\" se=\"x\"", 5, "unknown attribute `se`");
}

#[test]
fn names_types_and_options_are_sound() {
    fault("name=\"dato\"", "name=\"duf\"", 18, "`duf` is used twice; first on line 12");
    fault("name=\"dato\"", "name=\"Fødselsdato\"", 18, "small letters");
    fault("type=\"date\"", "type=\"datum\"", 18, "type=\"datum\", which is no type");
    fault("type=\"date\"", "type=\"choice\"", 18, "type=\"choice\", which is no type");
    fault("type=\"duf\"", "type=\"duf\" cells=\"11\"", 12, "a comb of type duf has 11 cells; it takes 12");
    fault("code=\"nei\"", "code=\"ja\"", 15, "the option `ja` is there twice");
    fault("          <option code=\"nei\" nb=\"Nei\" nn=\"Nei\"/>\n", "", 13, "1 options; it takes at least 2");
    fault("required=\"yes\"", "required=\"ja\"", 12, "required=\"ja\" is not no or yes");
    fault("h=\"20\"", "h=\"2000\"", 20, "it takes a number from 6 to 240");
    fault("h=\"20\"", "", 20, "no `h`");
    fault("times=\"2\"", "times=\"21\"", 21, "a whole number from 1 to 20");
    fault("version=\"2\"", "version=\"2:3\"", 1, "version=\"2:3\"");
    fault("name=\"proeve\"", "name=\"../proeve\"", 1, "name=\"../proeve\"");
}

#[test]
fn nothing_is_asked_for_without_a_legal_basis_nor_special_data_without_saying_so() {
    fault(" legal=\"lov\"", "", 12, "`duf` has no legal basis");
    fault("legal=\"helse\"", "legal=\"helsa\"", 20, "`helsa` is not in the form");
    fault(" sensitivity=\"special\"", "", 20, "`behov` rests on `helse`, a basis for special categories, and has no sensitivity");
    fault("sensitivity=\"special\"", "sensitivity=\"ordinary\"", 20, "`behov` is ordinary but rests on `helse`");
    fault(" legal=\"helse\"", "", 20, "`behov` is special but rests on `lov`");
    fault("code=\"helse\"", "code=\"lov\"", 7, "the legal basis `lov` is given twice");
}

#[test]
fn rules_speak_of_what_is_in_the_form() {
    fault("field=\"svar\"", "field=\"svaret\"", 28, "field `svaret`, which is not in the form");
    fault("fields=\"behov\"", "fields=\"behov hjelp\"", 28, "field `hjelp`");
    fault("fields=\"behov\"", "fields=\"hjelp.*\"", 28, "field `hjelp.*`");
    fault("fields=\"behov\"", "fields=\"\"", 30, "names no fields");
    fault("svar is nei", "svar is kanskje", 28, "`kanskje`, which is no option of `svar`");
    fault("svar is nei", "duf is nei", 28, "`nei`, which is no option of `duf`");
    fault("svar is nei", "svar er nei", 30, "when=\"svar er nei\" is not a condition");
    fault("svar is nei", "duf younger-than 18", 28, "takes `duf` for a date");
    fault("<forbids when=\"svar is nei\" fields=\"behov\"/>", "<within-months date=\"dato\" months=\"0\"/>", 30, "months=\"0\"");
    fault("<forbids when=\"svar is nei\" fields=\"behov\"/>", "", 28, "checks nothing");
    fault("    <message nb=\"Feil.\" nn=\"Feil.\"/>\n", "", 28, "has no <message>");
    let twice = "<rule code=\"regel\" field=\"duf\"><message nb=\"x\" nn=\"x\"/><forbids when=\"duf filled\" fields=\"dato\"/></rule></form>";
    fault("</form>", twice, 32, "the rule `regel` is there twice; first on line 28");
}

#[test]
fn zones_stay_on_the_page_off_the_marks_and_off_each_other() {
    let placed = |at: &str| format!("<page>\n<comb name=\"her\" type=\"year\" at=\"{at}\"><label nb=\"x\" nn=\"x\"/></comb>");
    fault("<page>", &placed("195 100"), 9, "goes 5.0 mm over the edge of page 1");
    fault("<page>", &placed("0 13"), 9, "nearer than 2 mm to a mark of page 1");
    fault("<page>", &placed("152 25"), 9, "nearer than 2.4 mm to the code of page 1");
    fault("<page>", &placed("20 52"), 9, "the zone of `her` overlaps the zone of `duf` of line 13");
    fault("<page>", &placed("20"), 9, "at=\"20\" is not a place");
    fault("<page>", &placed("20 -4"), 9, "at=\"20 -4\" is not a place");
}

#[test]
fn a_page_that_is_too_long_and_a_row_that_is_too_wide_say_by_how_much() {
    fault("h=\"20\"", "h=\"180\"", 8, "page 1 is ");
    let errors = told("h=\"20\"", "h=\"180\"");
    let more = told("h=\"20\"", "h=\"190\"");
    let by = |errors: &FormErrors| -> f64 {
        let told = errors.to_string();
        let number = told.split("page 1 is ").nth(1).and_then(|rest| rest.split(" mm too long").next()).expect("a number");
        number.parse().expect("a number")
    };
    assert!((by(&more) - by(&errors) - 10.0).abs() < 0.05);
    fault("w=\"60\"", "w=\"120\"", 11, "15.0 mm too wide for 170 mm");
    fault("cells=\"10\"", "cells=\"35\"", 23, "5.0 mm too wide for 170 mm");
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_their_lines() {
    let xml = SMALL
        .replace("type=\"date\"", "type=\"datum\"")
        .replace(" nb=\"Bunn\"", "")
        .replace("svar is nei", "svar er nei")
        .replace("code=\"nei\"", "code=\"ja\"")
        .replace("h=\"20\"", "h=\"150\"");
    let errors = forms::parse(&xml, "forms/proeve.xml").expect_err("faults");
    let lines: Vec<u32> = errors.complaints.iter().map(|complaint| complaint.line).collect();
    assert_eq!(lines, [5, 8, 15, 18, 30]);
    let told = errors.to_string();
    assert!(told.starts_with("forms/proeve.xml:5: <footer> has no text in `nb`\n    add nb=\"...\" to it\nforms/proeve.xml:8: "), "{told}");
}

#[test]
fn somebody_elses_form_has_zones_only() {
    let foreign = |inner: &str| {
        let xml = format!(
            "<form name=\"a\" version=\"1\" id=\"A\" languages=\"nb\" blank=\"foreign\" picture=\"a.pdf\" legal=\"l\"><title nb=\"A\"/><basis code=\"l\" text=\"l\"/>\n<page>{inner}</page></form>"
        );
        forms::parse(&xml, "a.xml")
    };
    let form = foreign("<signature name=\"underskrift\" at=\"20 200\" w=\"70\" h=\"15\"><label nb=\"x\"/></signature><comb name=\"husstand.1.navn\" type=\"name\" cells=\"3\" cell=\"4.5 6\" at=\"20 20\"><label nb=\"x\"/></comb>")
        .unwrap_or_else(|errors| panic!("{errors}"));
    assert!(form.pages[0].fiducials.is_empty() && form.pages[0].code.is_none() && form.pages[0].print.is_empty());
    assert_eq!(form.fields[1].name, "husstand.1.navn");
    assert_eq!(form.fields[1].zones[0].rect, RectMm::new(20.0, 20.0, 13.5, 6.0));
    for (inner, words) in [
        ("<section><comb name=\"a\" type=\"year\"><label nb=\"x\"/></comb></section>", "on a foreign form nothing can be laid out"),
        ("<text nb=\"x\" at=\"20 20\"/>", "<text> is printed"),
        ("<line name=\"a\" type=\"email\" at=\"20 20\"><label nb=\"x\"/></line>", "a placed field needs its width"),
    ] {
        let errors = foreign(inner).expect_err(inner);
        assert!(errors.complaints.iter().any(|complaint| complaint.line == 2 && complaint.message.contains(words)), "{errors}");
    }
}

#[test]
fn somebody_elses_form_names_the_picture_of_its_blank() {
    let complaints = |attributes: &str| {
        let xml = format!(
            "<form name=\"a\" version=\"1\" id=\"A\" languages=\"nb\" legal=\"l\" {attributes}><title nb=\"A\"/><basis code=\"l\" text=\"l\"/><page><line name=\"a\" type=\"text\" at=\"20 20\" w=\"50\"><label nb=\"x\"/></line></page></form>"
        );
        forms::parse(&xml, "a.xml").err().map_or(String::new(), |errors| errors.to_string())
    };
    assert_eq!(complaints("blank=\"foreign\" picture=\"a-2019.pdf\""), "");
    assert!(complaints("blank=\"foreign\"").contains("without one its pages cannot be known"));
    assert!(complaints("picture=\"a.pdf\"").contains("this blank is our own"));
    for name in ["../a.pdf", "/etc/a.pdf", ".a.pdf", ""] {
        assert!(complaints(&format!("blank=\"foreign\" picture=\"{name}\"")).contains("is not the name of a file beside this one"), "{name}");
    }
}

#[test]
fn a_folder_of_forms_wants_the_pictures_that_they_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let xml = include_str!("../corpus/fremmed/arbeidslivsetaten.xml");
    std::fs::write(folder.path().join("a.xml"), xml).expect("room");
    let missing = forms::load(folder.path()).expect_err("no picture").to_string();
    assert!(
        missing.contains("arbeidslivsetaten.pdf: the picture of the blank cannot be read") && missing.contains("\nlay it beside the form's file"),
        "{missing}"
    );
    std::fs::write(folder.path().join("arbeidslivsetaten.pdf"), b"x").expect("room");
    assert_eq!(forms::load(folder.path()).map(|forms| forms.len()).map_err(|error| error.to_string()), Ok(1));
}

#[test]
fn the_layout_is_the_same_in_every_language() {
    let longer = SMALL.replace("nn=\"Aldri\"", "nn=\"Eg har aldri budd i mottak, og eg kjem ikkje til å gjere det\"");
    let longer = forms::parse(&longer, "x").unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(forms::zones_json(&longer), forms::zones_json(&small()));
    let third = SMALL.replace("languages=\"nb nn\"", "languages=\"nb\"");
    let bokmaal_only = forms::parse(&without_nn(&third), "x").unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(forms::zones_json(&bokmaal_only), forms::zones_json(&small()));
}

/// The XML without its ` nn="..."` attributes.
fn without_nn(xml: &str) -> String {
    let mut parts = xml.split(" nn=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once('"').expect("a closing quote").1)
}

#[test]
fn a_folder_of_forms_is_loaded_whole_or_not_at_all() {
    let dir = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &[u8]| std::fs::write(dir.path().join(name), text).expect("a file");
    assert!(matches!(forms::load(dir.path()), Err(FormError::Empty { .. })));
    assert!(matches!(forms::load(&dir.path().join("none")), Err(FormError::Unreadable { .. })));
    write("b.xml", SMALL.replace("name=\"proeve\"", "name=\"annen\"").as_bytes());
    write("a.xml", format!("\u{feff}{SMALL}").as_bytes());
    write("a-2.xml", SMALL.replace("version=\"2\"", "version=\"3\"").as_bytes());
    write("LESMEG.txt", b"not a form");
    let names: Vec<_> = forms::load(dir.path()).expect("forms").into_iter().map(|form| (form.name, form.version)).collect();
    assert_eq!(names, [("proeve".into(), "3".into()), ("proeve".into(), "2".into()), ("annen".to_owned(), "2".to_owned())]);
    write("c.xml", SMALL.as_bytes());
    let twice = forms::load(dir.path()).expect_err("two files of one form");
    assert!(twice.to_string().contains("are both the form `proeve` version 2"), "{twice}");
    write("c.xml", b"<form/>");
    write("d.xml", b"<form/>");
    let faults = forms::load(dir.path()).expect_err("faults").to_string();
    assert!(faults.contains("c.xml:1: ") && faults.contains("d.xml:1: "), "{faults}");
    write("c.xml", &[b'<', 0xFF]);
    assert!(matches!(forms::load(dir.path()), Err(FormError::NoForm { .. })));
    write("c.xml", &vec![b' '; 300 * 1024]);
    assert!(forms::load(dir.path()).expect_err("too large").to_string().contains("more than 262144 bytes"));
}

#[test]
fn a_comb_is_a_row_of_cells_inside_its_outline() {
    let form = small();
    let zone = &form.field("duf").expect("a field").zones[0];
    assert_eq!(zone.kind, ZoneKind::Comb);
    assert!(zone.cells.iter().zip(0..).all(|(cell, at)| *cell == RectMm::new(20.0 + 5.0 * f64::from(at), zone.rect.y(), 5.0, 7.0)));
}

/// A change to a text: where, how much of it goes, what comes (a word of XML, or a piece of the text from elsewhere). Places and lengths
/// are thousandths of the text.
fn mutation() -> impl Strategy<Value = (usize, usize, usize, usize)> {
    (0..=1000_usize, 0..50_usize, 0..=1000_usize, 0..24_usize)
}

const SHIPPED: &str = include_str!("../../forms/privatboende.xml");

const WORDS: [&str; 16] = [
    "<",
    ">",
    "\"",
    "</page>",
    "<page>",
    "<repeat name=\"a\" times=\"20\">",
    "&#0;",
    "&x;",
    "{n}",
    " at=\"209 1\"",
    "<!--",
    "]]>",
    "99999999",
    "0",
    "ø",
    "\u{0}",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_xml_makes_the_reader_panic_and_each_fault_has_a_line_of_the_file(whole in prop::sample::select(vec![SMALL, SHIPPED]), changes in prop::collection::vec(mutation(), 1..6)) {
        let mut text: Vec<char> = whole.chars().collect();
        for (at, length, source, word) in changes {
            let place = |thousandths: usize, size: usize| (thousandths * size / 1000).min(size);
            let (from, to) = (place(at, text.len()), place(at + length, text.len()));
            let piece: Vec<char> = match WORDS.get(word) {
                Some(word) => word.chars().collect(),
                None => text[place(source, text.len())..place(source + length, text.len())].to_vec(),
            };
            text.splice(from..to, piece);
        }
        let text: String = text.into_iter().collect();
        let lines = u32::try_from(text.lines().count()).expect("a short text") + 1;
        match forms::parse(&text, "x.xml") {
            Ok(form) => prop_assert!(!form.pages.is_empty()),
            Err(errors) => {
                prop_assert!(!errors.complaints.is_empty());
                prop_assert!(errors.complaints.iter().all(|complaint| 1 <= complaint.line && complaint.line <= lines));
            }
        }
    }
}
