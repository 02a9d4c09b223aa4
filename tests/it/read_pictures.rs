//! `read --debug-dir` from outside: a picture a page, special zones covered, and files that only their owner can read.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;

use crate::instance::{corpus, program};

/// A form of four pages on a scanner's TIFF; its special fields are filled in.
const FORM: &str = "skjema-typed-nb-g4.tif";
/// The margin above a page and the page itself, px at 150 dpi.
const TOP: usize = 106;
const PAGE: [usize; 2] = [1240, 1754];
/// The width of a column of the legend, px.
const COLUMN: usize = 638;

fn read(more: &[&str], paths: &[PathBuf]) -> Output {
    let mut command = Command::new(program());
    command.args(["--json", "read", "--received", "2026-11-21"]).args(more).args(paths).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.output().expect("the program runs")
}

/// [`read`] with pictures in `folder`, which must end with `code`.
fn drawn(folder: &Path, more: &[&str], paths: &[PathBuf], code: i32) -> Output {
    let output = read(&[&["--debug-dir", folder.to_str().expect("UTF-8")], more].concat(), paths);
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn names(folder: &Path) -> BTreeSet<String> {
    std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect()
}

/// Width, height and the pixels, red, green and blue.
fn pixels(file: &Path) -> (usize, usize, Vec<[u8; 3]>) {
    let decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(file).expect("a picture")));
    let mut reader = decoder.read_info().expect("a PNG");
    let mut data = vec![0; reader.output_buffer_size().expect("a size")];
    let frame = reader.next_frame(&mut data).expect("whole");
    assert_eq!((frame.color_type, frame.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight));
    (frame.width as usize, frame.height as usize, data.as_chunks::<3>().0.to_vec())
}

/// The page and the rectangle, mm, of each special zone.
fn special_zones() -> Vec<(u64, [f64; 4])> {
    let output = Command::new(program()).args(["--json", "forms", "zones", "privatboende"]).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let zones: Json = serde_json::from_slice(&output.expect("the program runs").stdout).expect("JSON");
    let special = zones["fields"].as_array().expect("fields").iter().filter(|field| field["sensitivity"] == "special");
    let place = |zone: &Json| (zone["page"].as_u64().expect("a page"), serde_json::from_value(zone["rect_mm"].clone()).expect("a rectangle"));
    special.flat_map(|field| field["zones"].as_array().expect("zones").iter().map(place)).collect()
}

/// The pixels of the page's picture within a rectangle of the form, mm.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places on a page")]
fn within(file: &Path, [x, y, w, h]: [f64; 4]) -> Vec<[u8; 3]> {
    let (width, _, data) = pixels(file);
    let px = |mm: f64| (mm * 150.0 / 25.4) as usize;
    (px(y)..px(y + h)).flat_map(|line| data[(line + TOP) * width..][px(x)..px(x + w)].to_vec()).collect()
}

#[test]
fn a_form_gives_a_picture_a_page_and_the_same_output_as_without() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("deep/pictures");
    let sample = [corpus().join(FORM)];
    let output = drawn(&folder, &[], &sample, 0);
    let expected: BTreeSet<String> = (1..=4).map(|page| format!("skjema-typed-nb-g4-{page}.png")).collect();
    assert_eq!(names(&folder), expected);
    assert_eq!(folder.metadata().expect("a folder").permissions().mode() & 0o777, 0o700);
    for name in names(&folder) {
        assert_eq!(folder.join(&name).metadata().expect("a file").permissions().mode() & 0o777, 0o600, "{name}");
        let (width, height, data) = pixels(&folder.join(&name));
        assert!(height == TOP + PAGE[1] && (1..=2).any(|columns| width.abs_diff(PAGE[0] + columns * COLUMN) <= 1), "{name}: {width} x {height}");
        // Outlines of what was accepted are green and of what was not are red.
        let coloured = |is: fn(&[u8; 3]) -> bool| data.iter().filter(|pixel| is(pixel)).count();
        assert!(coloured(|[r, g, b]| g > r && g > b && g - r > 60) > 1000, "{name} has no green");
    }
    let said = |output: &Output| {
        let mut line: Json = serde_json::from_slice(&output.stdout).expect("a line");
        line["ms"] = Json::Null;
        line
    };
    assert_eq!(said(&output), said(&read(&[], &sample)), "looking changes nothing");
}

#[test]
fn special_zones_are_covered_unless_asked_for() {
    let root = tempfile::tempdir().expect("a folder");
    let (covered, whole) = (root.path().join("covered"), root.path().join("whole"));
    drawn(&covered, &[], &[corpus().join(FORM)], 0);
    drawn(&whole, &["--reveal"], &[corpus().join(FORM)], 0);
    let zones = special_zones();
    assert!(zones.len() >= 3);
    for (page, rect) in zones {
        let name = format!("skjema-typed-nb-g4-{page}.png");
        let light = |folder: &Path| {
            let seen = within(&folder.join(&name), rect);
            seen.iter().filter(|pixel| pixel.iter().all(|part| *part > 200)).count() * 100 / seen.len()
        };
        // What is light on a covered zone are the numbers on it.
        assert!(light(&covered) < 20, "page {page}, {rect:?}: {} % is light", light(&covered));
        assert!(light(&whole) > 40, "page {page}, {rect:?}: {} % is light", light(&whole));
    }
}

#[test]
fn documents_of_one_name_are_kept_apart_and_what_is_refused_writes_nothing() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("pictures");
    let (letter, broken) = (root.path().join("brev.txt"), root.path().join("broken.pdf"));
    std::fs::copy(corpus().join("vedtak-clear-nb-utf8.txt"), &letter).expect("a copy");
    std::fs::write(&broken, b"%PDF-1.7 and no more").expect("a file");
    std::fs::create_dir(root.path().join("b")).expect("a folder");
    let scan = root.path().join("b/brev.pdf");
    std::fs::copy(corpus().join("vedtak-scan-nb-g4.pdf"), &scan).expect("a copy");
    let output = drawn(&folder, &[], &[letter, scan.clone(), broken], 1);
    assert!(names(&folder).iter().all(|name| name.starts_with("brev-") || name.starts_with("brev.2-")), "{:?}", names(&folder));
    assert!(names(&folder).contains("brev-1.png") && names(&folder).contains("brev.2-1.png"), "{:?}", names(&folder));
    let note = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(note.contains("are named brev.2") && note.lines().count() == 1, "{note}");
    // And once more: what is there stays.
    let before = names(&folder);
    drawn(&folder, &[], &[scan], 0);
    assert!(names(&folder).is_superset(&before) && names(&folder).contains("brev.3-1.png"));
}

#[test]
fn what_is_neither_form_nor_letter_is_covered_unless_asked_for() {
    let root = tempfile::tempdir().expect("a folder");
    let sample = [corpus().join("annet-legeerklaering.pdf")];
    let (covered, whole) = (root.path().join("covered"), root.path().join("whole"));
    drawn(&covered, &[], &sample, 1);
    drawn(&whole, &["--reveal"], &sample, 1);
    let light = |folder: &Path| {
        let seen = within(&folder.join("annet-legeerklaering-1.png"), [0.0, 0.0, 200.0, 280.0]);
        seen.iter().filter(|pixel| pixel.iter().all(|part| *part > 200)).count() * 100 / seen.len()
    };
    assert!(light(&covered) < 2 && light(&whole) > 50, "{} % and {} % are light", light(&covered), light(&whole));
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_before_anything_is_read() {
    let root = tempfile::tempdir().expect("a folder");
    let file = root.path().join("file");
    std::fs::write(&file, b"x").expect("a file");
    let output = drawn(&file, &[], &[corpus().join(FORM)], 2);
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.lines().count() >= 2 && output.stdout.is_empty(), "{said}");
}
