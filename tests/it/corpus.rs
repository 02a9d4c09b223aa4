//! The samples under `tests/corpus`, read by the real program: what is identified, what is exact, and that nothing is accepted that is wrong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

use crate::instance::{corpus, program};

/// Runs `read` over files or folders; its lines, and its exit code.
fn read(paths: &[&Path], more: &[&str]) -> (Vec<Json>, Option<i32>) {
    let output = Command::new(program())
        .args(["--json", "read", "--received", "2026-11-21"])
        .args(more)
        .args(paths)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect();
    assert!(!lines.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (lines, output.status.code())
}

/// Runs `read` by the forms of a folder.
fn read_by(forms: &Path, paths: &[&Path]) -> (Vec<Json>, Option<i32>) {
    let output = Command::new(program())
        .arg("--forms")
        .arg(forms)
        .args(["--json", "read", "--reveal", "--received", "2026-11-21"])
        .args(paths)
        .output()
        .expect("the program runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    (text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect(), output.status.code())
}

/// What each sample says.
fn expected() -> BTreeMap<PathBuf, Json> {
    let files = std::fs::read_dir(corpus()).expect("the samples").map(|entry| entry.expect("an entry").path());
    let samples = files.filter_map(|file| {
        let json = std::fs::read_to_string(file.with_extension("expected.json")).ok()?;
        Some((file, serde_json::from_str(&json).expect("JSON")))
    });
    samples.collect()
}

#[test]
fn every_sample_is_identified_every_typed_field_is_exact_and_nothing_wrong_is_accepted() {
    let samples = expected();
    assert!(samples.len() >= 24, "there are {} samples", samples.len());
    let (lines, code) = read(&[&corpus()], &["--reveal"]);
    assert_eq!(code, Some(1), "some samples are no form and no letter we know");
    let mut wrong = Vec::new();
    let (mut scored, mut accepted) = (0, 0);
    for (file, expected) in &samples {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        let parts: Vec<&Json> = lines.iter().filter(|line| Path::new(line["file"].as_str().expect("a path")) == file.as_path()).collect();
        assert!(!parts.is_empty(), "{name} gave no line");
        let known: Vec<&&Json> = parts.iter().filter(|part| !part["form"].is_null()).collect();
        if expected["form"].is_null() {
            assert!(known.is_empty(), "{name} must not be recognised");
            continue;
        }
        assert_eq!((known.len(), &known[0]["form"]["name"]), (1, &expected["form"]), "{name} is identified");
        let read: BTreeMap<&str, &Json> =
            known[0]["fields"].as_array().expect("fields").iter().map(|field| (field["name"].as_str().expect("a name"), field)).collect();
        for (field, value) in expected["fields"].as_object().expect("fields") {
            let found = read.get(field.as_str()).unwrap_or_else(|| panic!("{name} has no field {field}"));
            let (exact, typed) = (&found["value"] == value, !name.starts_with("skjema-hand"));
            scored += 1;
            accepted += usize::from(found["decision"] != "review");
            if !exact && (typed || found["decision"] != "review") {
                wrong.push(format!("{name} {field}: {} ({}) instead of {value}", found["value"], found["decision"]));
            }
        }
    }
    println!("corpus: {} samples, {scored} fields scored, {accepted} accepted or blank, {} wrong", samples.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A form that another body prints, known by its print alone: upright, turned, small, and written by hand.
#[test]
fn a_form_without_marks_or_code_is_known_by_its_print_and_read() {
    let folder = corpus().join("fremmed");
    let samples = ["introplan-typed-g4.tif", "introplan-typed-turned.pdf", "introplan-hand.pdf"].map(|name| folder.join(name));
    let paths: Vec<&Path> = samples.iter().map(PathBuf::as_path).collect();
    let (lines, code) = read_by(&folder, &paths);
    assert_eq!((lines.len(), code), (3, Some(0)), "{lines:#?}");
    for (sample, line) in samples.iter().zip(&lines) {
        let expected: Json = serde_json::from_str(&std::fs::read_to_string(sample.with_extension("expected.json")).expect("true values")).expect("JSON");
        assert_eq!(
            (&line["form"]["name"], &line["pages"], &line["findings"]),
            (&"introplan".into(), &2.into(), &serde_json::json!([])),
            "{}",
            sample.display()
        );
        let by_hand = sample.ends_with("introplan-hand.pdf");
        for field in line["fields"].as_array().expect("fields") {
            let (name, exact) = (field["name"].as_str().expect("a name"), field["value"] == expected["fields"][field["name"].as_str().expect("a name")]);
            assert!(exact || by_hand && field["decision"] == "review", "{} {name}: {} ({})", sample.display(), field["value"], field["decision"]);
        }
    }
    // Our own pages are none of theirs, and a letter is not either.
    let others = ["skjema-typed-one-page.png", "annet-vedlegg.jpg", "annet-legeerklaering.pdf"].map(|name| corpus().join(name));
    let (lines, _) = read_by(&folder, &others.iter().map(PathBuf::as_path).collect::<Vec<_>>());
    assert!(lines.iter().all(|line| line["form"]["name"] != "introplan"), "{lines:#?}");
}

/// The decoder of JPEG pictures hands its rows to a pool of workers: a blank that is one is decoded before the reader locks itself in, and must start no thread.
#[test]
fn the_blank_of_a_form_may_be_a_jpeg() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = image::open(corpus().join("annet-vedlegg.jpg")).expect("a picture").to_luma8();
    page.save(folder.path().join("vedlegg.jpg")).expect("room");
    let xml = "<form name=\"vedlegg\" version=\"1\" id=\"V\" languages=\"nb\" blank=\"foreign\" picture=\"vedlegg.jpg\" legal=\"l\"><title nb=\"V\"/><basis code=\"l\" text=\"l\"/>\
        <page><flag name=\"lest\" box=\"4\" at=\"180 280\"><label nb=\"Lest\"/></flag></page></form>";
    std::fs::write(folder.path().join("vedlegg.xml"), xml).expect("room");
    let sample = corpus().join("annet-vedlegg.jpg");
    let (lines, _) = read_by(folder.path(), &[&sample]);
    assert_eq!(lines[0]["form"]["name"], "vedlegg", "{lines:#?}");
}

/// A page whose code and marks are covered is known by its print. Nothing says then which version of the form it is, so every value waits for a person,
/// with what was read as the suggestion.
#[test]
fn a_page_that_lost_its_code_and_marks_is_read_by_its_print() {
    let folder = tempfile::tempdir().expect("a folder");
    let sample = corpus().join("skjema-typed-one-page.png");
    let expected: Json = serde_json::from_str(&std::fs::read_to_string(sample.with_extension("expected.json")).expect("true values")).expect("JSON");
    let whole = image::open(&sample).expect("a picture").to_luma8();
    let px = |mm: u32| mm * whole.width() / 210;
    for (name, covered) in [("code", vec![[168, 5, 42, 28]]), ("code-and-marks", vec![[0, 0, 20, 297], [190, 0, 20, 297], [160, 0, 50, 33]])] {
        let mut page = whole.clone();
        for [x, y, w, h] in covered {
            for (column, row, pixel) in page.enumerate_pixels_mut() {
                if (px(x)..px(x + w)).contains(&column) && (px(y)..px(y + h)).contains(&row) {
                    pixel.0 = [250];
                }
            }
        }
        let path = folder.path().join(format!("{name}.png"));
        page.save(&path).expect("room");
        let (lines, _) = read(&[&path], &["--reveal"]);
        assert_eq!(lines[0]["form"]["name"], "privatboende", "{name}");
        let codes: Vec<&str> = lines[0]["findings"].as_array().expect("findings").iter().filter_map(|finding| finding["code"].as_str()).collect();
        assert!(codes.contains(&"page_code_unread"), "{name}: {codes:?}");
        for field in lines[0]["fields"].as_array().expect("fields").iter().filter(|field| field["page"] == 1) {
            let truth = &expected["fields"][field["name"].as_str().expect("a name")];
            assert_eq!((&field["value"], &field["decision"]), (truth, &"review".into()), "{name} {}", field["name"]);
        }
    }
}

#[test]
fn special_values_are_shown_only_when_asked_for() {
    let sample = corpus().join("skjema-typed-nb-g4.tif");
    let (hidden, _) = read(&[&sample], &[]);
    let special: Vec<&Json> = hidden[0]["fields"].as_array().expect("fields").iter().filter(|field| field["sensitivity"] == "special").collect();
    assert!(special.len() >= 3);
    assert!(special.iter().all(|field| ["value", "text", "raw"].iter().all(|key| field[key] == "[sealed]")));
}

#[test]
fn the_blank_and_its_zones_are_what_the_contract_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let blank = folder.path().join("blank.pdf");
    for language in ["nb", "nn"] {
        let made = Command::new(program())
            .args(["forms", "render", "privatboende", "--lang", language, "-o"])
            .arg(&blank)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        assert!(made.expect("the program runs").success());
        let (lines, code) = read(&[&blank], &["--reveal"]);
        assert_eq!((lines.len(), code), (1, Some(0)), "the program reads its own blank");
        assert_eq!((&lines[0]["form"]["name"], &lines[0]["pages"]), (&"privatboende".into(), &4.into()));
        let filled = lines[0]["fields"].as_array().expect("fields").iter().find(|field| !field["value"].is_null() && field["value"] != false);
        assert!(filled.is_none(), "nothing is filled in: {filled:?}");
    }
    let zones =
        Command::new(program()).args(["--json", "forms", "zones", "privatboende"]).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("the program runs");
    let zones: Json = serde_json::from_slice(&zones.stdout).expect("JSON");
    assert_eq!((&zones["v"], &zones["form"], &zones["page_mm"]), (&1.into(), &"privatboende".into(), &serde_json::json!([210, 297])));
}

#[test]
fn f13_a_picture_of_20_000_pixels_is_read_at_a_smaller_scale() {
    let folder = tempfile::tempdir().expect("a folder");
    // A page of white paper with one black bar, written row by row: 20,000 by 20,000 pixels.
    let path = folder.path().join("large.png");
    let side = 20_000u32;
    let mut encoder = png::Encoder::new(std::io::BufWriter::new(std::fs::File::create(&path).expect("room")), side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().expect("a header");
    let mut stream = writer.stream_writer().expect("a stream");
    for y in 0..side {
        let row = if (9_000..11_000).contains(&y) { [0x00; 2_500] } else { [0xFF; 2_500] };
        std::io::Write::write_all(&mut stream, &row).expect("room");
    }
    stream.finish().expect("room");
    writer.finish().expect("room");
    let (lines, _) = read(&[&path], &[]);
    let codes: Vec<&Json> = lines[0]["findings"].as_array().expect("findings").iter().map(|finding| &finding["code"]).collect();
    assert!(!codes.iter().any(|code| ["too_large", "damaged", "reader"].contains(&code.as_str().unwrap_or_default())), "{lines:#?}");
}

/// The decoder of large JPEG pictures hands its rows to a pool of workers, and in the sandbox no thread can be started.
#[test]
fn f13_a_jpeg_of_20_000_pixels_is_read_at_a_smaller_scale_without_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.jpg");
    let (width, height) = (20_000u32, 2_000u32);
    let pixels: Vec<u8> = (0..width * height).map(|at| if (9_000..11_000).contains(&(at % width)) { 0 } else { 255 }).collect();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(std::fs::File::create(&path).expect("room"), 90);
    encoder.encode(&pixels, width, height, image::ExtendedColorType::L8).expect("it encodes");
    let (lines, _) = read(&[&path], &[]);
    let codes: Vec<&Json> = lines[0]["findings"].as_array().expect("findings").iter().map(|finding| &finding["code"]).collect();
    assert!(!codes.iter().any(|code| ["too_large", "damaged", "reader"].contains(&code.as_str().unwrap_or_default())), "{lines:#?}");
    assert_eq!(lines[0]["pages"], 1, "{lines:#?}");
}
