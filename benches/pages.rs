//! `make bench`: how fast documents are read and with how much memory, and the `tesseract` command on the same pages in the same run.
//!
//! Whole processes are measured from outside, in turn, several times; medians and ratios are printed, since machines are noisy. Nothing is asserted.
//! The program to measure is the argument: the release build.

#![expect(clippy::cast_precision_loss, reason = "a page count and a memory size are far below what a float holds exactly")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often each figure is taken.
const ROUNDS: usize = 5;
/// How many copies of the form are read in one measurement, so that starting the readers does not weigh.
const COPIES: usize = 10;

fn main() {
    // `cargo test --benches` and `cargo bench` without a program have nothing to measure.
    let Some(program) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) else { return };
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let folder = tempfile::tempdir().expect("a folder");
    for (what, sample) in [("form, typed, 300 dpi G4", "skjema-typed-nb-g4.tif"), ("form, typed, grey JPEG in PDF", "skjema-typed-nn-grey.pdf")] {
        let sample = corpus.join(sample);
        if sample.exists() {
            measure(&program, what, &sample, folder.path());
        }
    }
}

fn measure(program: &str, what: &str, sample: &Path, folder: &Path) {
    let copies = folder.join(sample.file_stem().expect("a name"));
    std::fs::create_dir_all(&copies).expect("a folder");
    let ending = sample.extension().expect("an ending");
    for copy in 0..COPIES {
        std::fs::copy(sample, copies.join(format!("{copy:02}")).with_extension(ending)).expect("room");
    }
    let pages = pages_as_pictures(sample, &copies.join("pages"));
    let all_pages = pages.len() * COPIES;
    let (mut one, mut two, mut peer) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        one.push(timed(reading(program, &copies, 1)));
        two.push(timed(reading(program, &copies, 2)));
        peer.push(pages.iter().map(|page| timed(tesseract(page))).sum::<Duration>());
    }
    let a_page = |times: &mut Vec<Duration>, pages: usize| median(times).as_secs_f64() * 1000.0 / pages as f64;
    let (one, two, peer) = (a_page(&mut one, all_pages), a_page(&mut two, all_pages), a_page(&mut peer, pages.len()));
    println!("{what}: {} pages, {COPIES} times, median of {ROUNDS}", pages.len());
    println!("  postsluse read, one reader    {one:8.1} ms a page  {:7.0} pages a minute", 60_000.0 / one);
    println!("  postsluse read, two readers   {two:8.1} ms a page  {:7.0} pages a minute", 60_000.0 / two);
    println!("  tesseract, the whole page     {peer:8.1} ms a page  {:7.0} pages a minute (one thread)", 60_000.0 / peer);
    println!("  ratio, one reader             {:8.1} times as fast", peer / one);
    println!("  largest process               {:8.1} MB", peak_mb(program, &copies));
}

/// The pages of a sample as PNG files of 300 dpi, for the peer.
fn pages_as_pictures(sample: &Path, folder: &Path) -> Vec<PathBuf> {
    std::fs::create_dir_all(folder).expect("a folder");
    let made = if sample.extension().is_some_and(|ending| ending == "pdf") {
        Command::new("pdftoppm").args(["-r", "300", "-gray", "-png"]).arg(sample).arg(folder.join("page")).status()
    } else {
        // tesseract reads a TIFF of several pages by itself, but page by page is fairer to its start-up and simpler to count.
        Command::new("tiffsplit").arg(sample).arg(folder.join("page-")).status()
    };
    assert!(made.is_ok_and(|status| status.success()), "the pages cannot be made: install poppler-utils and libtiff-tools");
    let mut pages: Vec<_> = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    pages.sort();
    pages
}

fn reading(program: &str, folder: &Path, readers: usize) -> Command {
    let mut command = Command::new(program);
    command.args(["--json", "read", "--jobs"]).arg(readers.to_string()).arg(folder).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn tesseract(page: &Path) -> Command {
    let mut command = Command::new("tesseract");
    command.arg(page).args(["-", "-l", "nor+eng", "--dpi", "300"]).env("OMP_THREAD_LIMIT", "1").stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn timed(mut command: Command) -> Duration {
    let started = Instant::now();
    let status = command.status().expect("the program runs");
    // Exit code 1 says that a document was not recognised; that is no failure of the measurement.
    assert!(status.code().is_some_and(|code| code < 2), "{command:?} ended with {status}");
    started.elapsed()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The largest resident memory of any one process below `read`, as the kernel counted it.
fn peak_mb(program: &str, folder: &Path) -> f64 {
    timed(reading(program, folder, 1));
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN).expect("the kernel counts");
    usage.max_rss() as f64 / 1024.0
}
