//! `make bench`: how fast documents are read and with how much memory, where the time of a page goes, and the `tesseract` command on the same pages in
//! the same run.
//!
//! Whole processes are measured from outside, in turn, several times; medians and ratios are printed, since machines are noisy. Nothing is asserted.
//! The program to measure is the argument: the release build. The stages of a page are timed within this process, through the library of that build.

#![expect(clippy::cast_precision_loss, reason = "a page count and a memory size are far below what a float holds exactly")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use postsluse::forms::{self, Form, ZoneKind};
use postsluse::page::{self, Limits};
use postsluse::recognise::{self, Models};
use postsluse::registry::Context;

/// How often each figure is taken.
const ROUNDS: usize = 5;
/// How many pages are read in one measurement, as copies of a sample, so that starting the readers does not weigh: the service starts them once in 500 documents.
const PAGES: usize = 96;
/// How often a page is read to see whether memory grows: few times, and many.
const READ: [usize; 2] = [100, 1_000];

/// The first argument with which this program counts a command's memory and does nothing else.
const PEAK: &str = "--peak";

/// What is measured: a name, the sample, and the folder of its form where that is not the shipped one.
const SAMPLES: [(&str, &str, &str); 3] = [
    ("200 cells and 30 boxes by hand, 300 dpi grey", "fullside/fullside-hand-grey.pdf", "tests/corpus/fullside"),
    ("form, typed, 300 dpi G4", "skjema-typed-nb-g4.tif", "forms"),
    ("form, typed, grey JPEG in PDF", "skjema-typed-nn-grey.pdf", "forms"),
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(PEAK) {
        return count_peak(arguments);
    }
    // `cargo test --benches` and `cargo bench` without a program have nothing to measure.
    let Some(program) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a folder");
    for (what, sample, forms) in SAMPLES {
        measure(&Program { path: &program, forms: root.join(forms) }, what, &root.join("tests/corpus").join(sample), folder.path());
    }
    let (_, sample, forms) = SAMPLES[0];
    let sample = root.join("tests/corpus").join(sample);
    grows(&Program { path: &program, forms: root.join(forms) }, &sample, folder.path());
    stages(&sample, &root.join(forms));
}

/// The program and the forms it reads by.
struct Program<'a> {
    path: &'a str,
    forms: PathBuf,
}

impl Program<'_> {
    fn reading(&self, folder: &Path, readers: usize) -> Command {
        let mut command = Command::new(self.path);
        command.args(["--json", "--forms"]).arg(&self.forms).args(["read", "--jobs"]).arg(readers.to_string()).arg(folder);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

fn measure(program: &Program, what: &str, sample: &Path, folder: &Path) {
    let copies = folder.join(sample.file_stem().expect("a name"));
    std::fs::create_dir_all(&copies).expect("a folder");
    let ending = sample.extension().expect("an ending");
    let pages = pages_as_pictures(sample, &folder.join("pages").join(sample.file_stem().expect("a name")));
    let count = PAGES.div_ceil(pages.len());
    for copy in 0..count {
        std::fs::copy(sample, copies.join(format!("{copy:02}")).with_extension(ending)).expect("room");
    }
    let all_pages = pages.len() * count;
    let (mut one, mut two, mut peer) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        one.push(timed(&mut program.reading(&copies, 1)));
        two.push(timed(&mut program.reading(&copies, 2)));
        peer.push(pages.iter().map(|page| timed(&mut tesseract(page))).sum::<Duration>());
    }
    let a_page = |times: &mut Vec<Duration>, pages: usize| median(times).as_secs_f64() * 1000.0 / pages as f64;
    let (one, two, peer) = (a_page(&mut one, all_pages), a_page(&mut two, all_pages), a_page(&mut peer, pages.len()));
    println!("{what}: {} pages, {count} times, median of {ROUNDS}", pages.len());
    println!("  postsluse read, one reader    {one:8.1} ms a page  {:7.0} pages a minute", 60_000.0 / one);
    println!("  postsluse read, two readers   {two:8.1} ms a page  {:7.0} pages a minute", 60_000.0 / two);
    println!("  tesseract, the whole page     {peer:8.1} ms a page  {:7.0} pages a minute (one thread)", 60_000.0 / peer);
    println!("  ratio, one reader             {:8.1} times as fast", peer / one);
    println!("  largest process               {:8.1} MB", peak_mb(&program.reading(&copies, 1)));
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

fn tesseract(page: &Path) -> Command {
    let mut command = Command::new("tesseract");
    command.arg(page).args(["-", "-l", "nor+eng", "--dpi", "300"]).env("OMP_THREAD_LIMIT", "1").stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn timed(command: &mut Command) -> Duration {
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

/// The largest resident memory of any one process below a command, MB. The kernel keeps the largest of all children that a process ever had, so this very
/// program is started anew to count for one command.
fn peak_mb(command: &Command) -> f64 {
    let mut counting = Command::new(std::env::current_exe().expect("this program"));
    let counted = counting.arg(PEAK).arg(command.get_program()).args(command.get_args()).output().expect("it runs");
    String::from_utf8_lossy(&counted.stdout).trim().parse::<f64>().expect("a number") / 1024.0
}

/// What this program does when [`peak_mb`] starts it: runs a command and prints the most memory one of its processes took, KiB.
fn count_peak(mut arguments: impl Iterator<Item = String>) {
    let mut command = Command::new(arguments.next().expect("a command"));
    timed(command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()));
    println!("{}", nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN).expect("the kernel counts").max_rss());
}

/// Whether memory grows with what was read.
fn grows(program: &Program, sample: &Path, folder: &Path) {
    let peaks = READ.map(|count| {
        let copies = folder.join(format!("grows-{count}"));
        std::fs::create_dir_all(&copies).expect("a folder");
        for copy in 0..count {
            std::fs::hard_link(sample, copies.join(format!("{copy:04}.pdf")))
                .or_else(|_| std::fs::copy(sample, copies.join(format!("{copy:04}.pdf"))).map(|_| ()))
                .expect("room");
        }
        peak_mb(&program.reading(&copies, 1))
    });
    println!("memory of the largest process: {:.1} MB after {} pages, {:.1} MB after {} pages", peaks[0], READ[0], peaks[1], READ[1]);
}

/// Where the milliseconds of one page go.
fn stages(sample: &Path, folder: &Path) {
    let bytes = std::fs::read(sample).expect("the sample");
    let form = forms::load(folder).expect("the form").remove(0);
    let mut models = Models::load("nor+eng", None, None).expect("the languages");
    let kinds = [("combs: cells, network", ZoneKind::Comb), ("boxes", ZoneKind::Checkbox), ("lines of print", ZoneKind::Print), ("free text", ZoneKind::Free)];
    let only = kinds.map(|(_, kind)| Form { fields: form.fields.iter().filter(|field| field.zones[0].kind == kind).cloned().collect(), ..form.clone() });
    let mut times: Vec<(&str, Vec<Duration>)> = Vec::new();
    let mut time = |name: &'static str, took: Duration| match times.iter_mut().find(|(known, _)| *known == name) {
        Some((_, all)) => all.push(took),
        None => times.push((name, vec![took])),
    };
    for _ in 0..4 * ROUNDS {
        let whole = Instant::now();
        let mut started = Instant::now();
        let mut lap = || std::mem::replace(&mut started, Instant::now()).elapsed();
        let raster = page::open(bytes.clone(), &Limits::default()).and_then(|mut source| source.page(1)).expect("a page").raster.expect("a picture");
        time("file to picture", lap());
        let identified = recognise::identify(&raster).expect("a code");
        time("identify", lap());
        let layout = form.page(identified.code.page).expect("its page");
        let registration = recognise::register(&raster, layout, &identified).expect("its marks");
        time("register", lap());
        let zones = recognise::read_page(&mut models, &raster, &form, 1, &registration);
        time("read zones", lap());
        let context = Context { today: postsluse::clock::date(2026, 11, 21), test_ids: true };
        let _ = recognise::decide(&form, zones, &context, models.means());
        time("decide", lap());
        time("whole page", whole.elapsed());
        for ((name, _), form) in kinds.iter().zip(&only).filter(|(_, form)| !form.fields.is_empty()) {
            let started = Instant::now();
            let _ = recognise::read_page(&mut models, &raster, form, 1, &registration);
            time(name, started.elapsed());
        }
    }
    println!("where the time of that page goes, within one process, median of {}", 4 * ROUNDS);
    for (name, mut all) in times {
        println!("  {name:28} {:8.1} ms", median(&mut all).as_secs_f64() * 1000.0);
    }
}
