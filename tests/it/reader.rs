//! The pool and its readers from outside: real processes, which do what the document tells them to.
//!
//! The reader of these tests is this test binary itself. [`child`] is a test that becomes a reader when it is run with the environment of
//! [`SCRIPT`]: the shell hands the pool's pipes on as descriptors 3 and 4, since the test harness prints to standard output, and then
//! becomes the test binary, so that the process, its group and its parent stay what they were. The harness has a thread of its own, which
//! is outside Landlock and keeps namespaces away; the readers here run on best effort, and one test sees that `required` refuses that.
//!
//! A reader lets a test know that it has begun, and by its death that it is gone, through a named pipe that it alone holds open.

use nix::sys::signal::{SigSet, Signal, killpg};
use nix::unistd::Pid;
use postsluse::clock::date;
use postsluse::document::{Origin, Refusal, RefusalCode};
use postsluse::reader::{Death, Exit, Job, Layer, Pictures, Pool, PoolConfig, Progress, ReadFailure, SandboxMode, StartError, Trial, Warm, probe, serve_on};
use postsluse::record::{
    Confidence, Content, Crop, Decision, Field, FieldType, Finding, Guarded, Kind, PagePicture, Part, Purpose, ReaderKind, Reading, Sensitivity, Special, Value,
};
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Becomes the test binary with the pool's pipes as descriptors 3 and 4. `$1` is the named pipe or empty, `$2` what goes wrong at the warm-up.
const SCRIPT: &str = r#"export POSTSLUSE_TEST_READER=1 POSTSLUSE_TEST_PIPE="$1" POSTSLUSE_TEST_TROUBLE="$2" RUST_MIN_STACK=67108864
exec "$0" --exact reader::child --nocapture 3<&0 4>&1 </dev/null >/dev/null"#;
/// How long anything may take that must happen.
const SOON: Duration = Duration::from_mins(1);
/// What must not be found in any error.
const SECRET: &str = "x-secret";

// ---- the inside: what a reader of these tests does -------------------------------------------------------------------------------------

#[test]
fn child() {
    if std::env::var_os("POSTSLUSE_TEST_READER").is_none() {
        return;
    }
    let input = File::open("/proc/self/fd/3").expect("the pool's pipe");
    let output = OpenOptions::new().write(true).open("/proc/self/fd/4").expect("the pool's pipe");
    let answers = output.try_clone().expect("a descriptor");
    serve_on(input, output, || warm_up(answers));
    std::process::exit(0);
}

type Work = Box<dyn FnMut(&Job, Vec<u8>, &mut Progress) -> Result<Reading, Refusal>>;

fn warm_up(mut answers: File) -> Result<Warm<Work>, String> {
    let path = std::env::var_os("POSTSLUSE_TEST_PIPE").unwrap_or_default();
    let mut sign = if path.is_empty() { None } else { OpenOptions::new().write(true).open(path).ok() };
    match std::env::var("POSTSLUSE_TEST_TROUBLE").unwrap_or_default().as_str() {
        "warm-up" => return Err("Tesseract lacks the language `nor`\ninstall tesseract-ocr-nor".into()),
        "abort" => {
            eprintln!("libtesseract.so.5 is not there");
            std::process::abort();
        }
        "grandchild" => {
            let sign = sign.as_ref().expect("a named pipe").try_clone().expect("a descriptor");
            let sleep = Command::new("/bin/sleep").arg("1000").stdout(sign).spawn().expect("sleep starts");
            // It is the daemon's to end it.
            std::mem::forget(sleep);
        }
        _ => {}
    }
    let mut kept = Vec::new();
    let work = move |job: &Job, document: Vec<u8>, progress: &mut Progress| {
        let text = String::from_utf8_lossy(&document[..document.len().min(64)]).into_owned();
        if let Some(sign) = &mut sign {
            sign.write_all(b"begun\n").expect("the test listens");
        }
        behave(&text, &document, job, progress, &mut answers, &mut kept)
    };
    Ok(Warm { work: Box::new(work), engines: vec!["test 1.0".into()] })
}

fn behave(text: &str, document: &[u8], job: &Job, progress: &mut Progress, answers: &mut File, kept: &mut Vec<Vec<u8>>) -> Result<Reading, Refusal> {
    progress.page(1);
    match text {
        "hang" => loop {
            std::thread::park();
        },
        "crash" => std::process::abort(),
        "overflow" => Ok(saying(vec![format!("deep.{}", deep(0, &mut [0; 4096]))])),
        "recurse" => Ok(saying(vec![format!("deep.{}", recurse(6000))])),
        "exit" => std::process::exit(5),
        "panic" => panic!("{SECRET}"),
        "nonsense" => {
            answers.write_all(SECRET.as_bytes()).expect("the daemon listens");
            Ok(saying(vec![]))
        }
        "lie" => Ok(Reading { pages: 0, ..saying(vec![]) }),
        "grow" => loop {
            kept.push(vec![1; 8 << 20]);
        },
        "keep" => {
            kept.push(vec![1; 40 << 20]);
            Ok(saying(vec![pid()]))
        }
        "fork" => Ok(saying(vec![format!("fork.{}", Command::new("/bin/true").status().is_ok())])),
        "socket" => Ok(saying(vec![format!("socket.{}", std::net::UdpSocket::bind("127.0.0.1:0").is_ok())])),
        "thread" => Ok(saying(vec![format!("thread.{}", std::thread::Builder::new().spawn(|| ()).is_ok())])),
        "open" => Ok(saying(vec![format!("open.{}", File::open("/etc/passwd").is_ok())])),
        "pid" => Ok(saying(vec![pid()])),
        "environment" => Ok(saying(std::env::vars_os().map(|(name, _)| format!("env.{}", name.to_string_lossy())).collect())),
        "signals" => {
            let mask = SigSet::thread_get_mask().expect("the mask may be asked for");
            Ok(saying(mask.iter().map(|signal| format!("blocked.{signal}")).collect()))
        }
        "limits" => {
            let (soft, _) = nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_CPU).expect("limits may be asked for");
            Ok(saying(vec![format!("cpu.{soft}")]))
        }
        "locked" => Err(Refusal::new(RefusalCode::Locked, "the document is locked", "ask for an open copy")),
        "field" => Ok(with_a_field()),
        _ => Ok(saying(vec![format!("bytes.{}.sum.{}.test.{}", document.len(), sum(document), job.test_ids)])),
    }
}

fn pid() -> String {
    format!("pid.{}", std::process::id())
}

fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(7, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)))
}

/// Some 30 MiB of stack, which the work may use.
fn recurse(depth: u32) -> u32 {
    let mut page = [0u8; 5000];
    std::hint::black_box(&mut page);
    if depth == 0 { 0 } else { recurse(depth - 1) + 1 + u32::from(page[17]) }
}

/// More stack than there is.
fn deep(depth: u32, above: &mut [u8; 4096]) -> u32 {
    let mut page = [1; 4096];
    above[0] = std::hint::black_box(&page)[1];
    if std::hint::black_box(depth) == u32::MAX { 0 } else { deep(depth + 1, &mut page) + u32::from(page[0]) }
}

/// A reading that says these words, as the codes of findings.
fn saying(words: Vec<String>) -> Reading {
    let findings = words.into_iter().map(|word| Finding::general(word, "Sagt av leseren.")).collect();
    Reading {
        parts: vec![Part { part: None, kind: Kind::Other, form: None, pages: 1, fields: vec![], findings, text: None }],
        pages: 1,
        pictures: vec![],
        ms: 1,
    }
}

fn with_a_field() -> Reading {
    let content = Content { value: Some(Value::Text(SECRET.into())), text: None, raw: None };
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x01\x08\0\0\0\0".to_vec();
    let field = Field {
        name: "helse.annet".into(),
        kind: FieldType::Text,
        content: Guarded::new(Sensitivity::Special, content),
        confidence: Confidence::new(0.5),
        threshold: Confidence::CERTAIN,
        decision: Decision::Review,
        reader: ReaderKind::Free,
        model: "test 1.0".into(),
        rule: None,
        page: Some(1),
        zone: None,
        span: None,
        crop: Some(Crop { png }),
    };
    let mut reading = saying(vec![]);
    reading.parts[0].fields.push(field);
    reading.parts[0].text = Some(Special::new(SECRET.into()));
    reading.pictures = vec![PagePicture { page: 1, png: b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x01\x08\x02\0\0".to_vec() }];
    reading
}

// ---- the outside ------------------------------------------------------------------------------------------------------------------------

fn config() -> PoolConfig {
    with("", Path::new(""))
}

fn with(trouble: &str, pipe: &Path) -> PoolConfig {
    let this = std::env::current_exe().expect("a running program");
    let arguments: [OsString; 5] = ["-c".into(), SCRIPT.into(), this.into(), pipe.into(), trouble.into()];
    PoolConfig { readers: 1, memory_mib: 256, sandbox: SandboxMode::BestEffort, ..PoolConfig::new("/bin/sh".into(), arguments.into()) }
}

fn job() -> Job {
    Job { crops: true, text: true, pictures: Pictures::Whole, ..Job::plain(date(2026, 11, 21), Origin::File, true) }
}

async fn pool(config: PoolConfig) -> Pool {
    Pool::start(config).await.expect("readers start")
}

async fn read(pool: &Pool, document: &[u8]) -> Result<Reading, ReadFailure> {
    timeout(SOON, pool.read(&job(), document.len() as u64, &mut &document[..])).await.expect("an answer in time")
}

/// The words of a reading by [`saying`].
async fn words(pool: &Pool, document: &[u8]) -> Vec<String> {
    let reading = read(pool, document).await.expect("a reading");
    reading.parts[0].findings.iter().map(|finding| finding.code.clone()).collect()
}

async fn death(pool: &Pool, document: &[u8]) -> Death {
    match read(pool, document).await {
        Err(ReadFailure::Died(death)) => {
            assert!(!format!("{death}{death:?}").contains(SECRET), "a death tells of the content");
            death
        }
        other => panic!("the reader lives: {other:?}"),
    }
}

/// A named pipe that a reader holds open: its lines, and its end when the reader is gone.
struct Sign {
    path: PathBuf,
    heard: mpsc::UnboundedReceiver<String>,
    _folder: tempfile::TempDir,
}

impl Sign {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sign");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).expect("a named pipe");
        let (say, heard) = mpsc::unbounded_channel();
        let open = path.clone();
        // Opening waits for a reader to open it too. Its end is the end of the channel.
        std::thread::spawn(move || {
            for line in io::BufRead::lines(io::BufReader::new(File::open(open)?)) {
                let _ = say.send(line?);
            }
            io::Result::Ok(())
        });
        Self { path, heard, _folder: folder }
    }

    /// Waits until a reader has begun with a document.
    async fn begun(&mut self) {
        assert_eq!(timeout(SOON, self.heard.recv()).await.expect("in time").as_deref(), Some("begun"));
    }

    /// Waits until every process that held the pipe is gone.
    async fn gone(&mut self) {
        assert_eq!(timeout(SOON, self.heard.recv()).await.expect("the reader is gone in time"), None);
    }
}

#[tokio::test]
async fn a_document_comes_whole_and_the_answer_too() {
    let pool = pool(config()).await;
    assert_eq!(pool.engines(), ["test 1.0"]);
    for length in [0, 1, 65_536, 65_537, 3_000_000] {
        let document: Vec<u8> = (0..length).map(|at: usize| at.to_le_bytes()[at % 3]).collect();
        assert_eq!(words(&pool, &document).await, [format!("bytes.{length}.sum.{}.test.true", sum(&document))]);
    }
    let reading = read(&pool, b"field").await.expect("a reading");
    let part = &reading.parts[0];
    assert_eq!(part.fields[0].content.sensitivity(), Sensitivity::Special);
    assert!(part.fields[0].content.expose(Purpose::Seal).value == Some(Value::Text(SECRET.into())));
    assert!(part.fields[0].crop.is_some() && part.text.is_some());
    assert_eq!(reading.pictures.iter().map(|picture| picture.page).collect::<Vec<_>>(), [1]);

    let plain = Job { crops: false, text: false, pictures: Pictures::No, ..job() };
    let reading = pool.read(&plain, 5, &mut b"field".as_slice()).await.expect("a reading");
    assert!(reading.parts[0].fields[0].crop.is_none() && reading.parts[0].text.is_none() && reading.pictures.is_empty());
    pool.stop().await;
}

#[tokio::test]
async fn a_refusal_is_final_and_kills_nobody() {
    let pool = pool(config()).await;
    let before = words(&pool, b"pid").await;
    let failure = read(&pool, b"locked").await.expect_err("refused");
    assert!(matches!(&failure, ReadFailure::Refused(refusal) if refusal.code == RefusalCode::Locked), "{failure}");
    let too_large = pool.read(&job(), 200 << 20, &mut io_never()).await.expect_err("more than half of the memory");
    assert!(matches!(&too_large, ReadFailure::Refused(refusal) if refusal.code == RefusalCode::TooLarge), "{too_large}");
    assert_eq!(words(&pool, b"pid").await, before);
}

/// A source that nobody may read.
fn io_never() -> impl tokio::io::AsyncRead + Send + Unpin {
    struct Never;
    impl tokio::io::AsyncRead for Never {
        fn poll_read(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>, _: &mut tokio::io::ReadBuf<'_>) -> std::task::Poll<io::Result<()>> {
            panic!("somebody reads a document that was refused by its size")
        }
    }
    Never
}

#[tokio::test]
async fn f6_f15_f16_f24_one_poisoned_document_stops_no_other() {
    let pool = pool(config()).await;
    let signal = |signal: Signal| Death::Crash(Exit::Signal(signal as i32));
    assert_eq!(death(&pool, b"crash").await, signal(Signal::SIGABRT));
    assert_eq!(death(&pool, b"overflow").await, signal(Signal::SIGABRT));
    assert_eq!(death(&pool, b"exit").await, Death::Crash(Exit::Status(5)));
    assert_eq!(death(&pool, b"panic").await, Death::Panic);
    assert_eq!(death(&pool, b"grow").await, Death::Memory { limit_mib: 256 });
    assert_eq!(death(&pool, b"nonsense").await, Death::Nonsense("a frame of no known kind"));
    assert_eq!(death(&pool, b"lie").await, Death::Nonsense("a number of pages that cannot be"));
    assert_eq!(death(&pool, b"fork").await, signal(Signal::SIGSYS));
    assert_eq!(death(&pool, b"socket").await, signal(Signal::SIGSYS));
    assert_eq!(words(&pool, b"open").await, ["open.false"]);
    assert_eq!(words(&pool, b"thread").await, ["thread.false"]);
    assert_eq!(words(&pool, b"recurse").await, ["deep.6000"]);
}

#[tokio::test]
async fn the_reader_is_bounded_and_knows_nothing_of_the_daemon() {
    let config = PoolConfig { time_max: Duration::from_secs(77), ..config() };
    let pool = pool(config).await;
    let limits = words(&pool, b"limits").await;
    let cpu: u64 = limits[0].strip_prefix("cpu.").and_then(|seconds| seconds.parse().ok()).expect("a number of seconds");
    assert!((78..90).contains(&cpu), "{cpu}");
    let known = ["LANG", "OMP_THREAD_LIMIT", "TESSDATA_PREFIX", "PWD", "OLDPWD", "_", "SHLVL", "RUST_MIN_STACK", "RUST_TEST_THREADS"];
    for name in words(&pool, b"environment").await {
        let name = name.trim_start_matches("env.");
        assert!(known.contains(&name) || name.starts_with("POSTSLUSE_TEST_"), "{name}");
    }
}

#[tokio::test]
async fn an_original_that_fails_reaches_no_reader_and_costs_none() {
    struct Broken;
    impl tokio::io::AsyncRead for Broken {
        fn poll_read(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>, _: &mut tokio::io::ReadBuf<'_>) -> std::task::Poll<io::Result<()>> {
            std::task::Poll::Ready(Err(io::Error::other("not authentic")))
        }
    }
    let pool = pool(config()).await;
    let before = words(&pool, b"pid").await;
    let crash = b"crash";
    let mut last_chunk_fails = tokio::io::AsyncReadExt::chain(crash.as_slice(), Broken);
    let failure = pool.read(&job(), 100_000, &mut last_chunk_fails).await.expect_err("not authentic");
    assert!(matches!(&failure, ReadFailure::Source(error) if error.to_string() == "not authentic"), "{failure}");
    for (length, kind) in [(6, io::ErrorKind::UnexpectedEof), (4, io::ErrorKind::InvalidData)] {
        let failure = pool.read(&job(), length, &mut crash.as_slice()).await.expect_err("not as long as was said");
        assert!(matches!(&failure, ReadFailure::Source(error) if error.kind() == kind), "{failure}");
    }
    assert_eq!(words(&pool, b"pid").await, before);
}

#[tokio::test]
async fn readers_are_replaced_when_they_are_worn() {
    let by_number = pool(PoolConfig { documents_per_reader: 2, ..config() }).await;
    let pids = [words(&by_number, b"pid").await, words(&by_number, b"pid").await, words(&by_number, b"pid").await];
    assert!(pids[0] == pids[1] && pids[1] != pids[2], "{pids:?}");

    let by_memory = pool(PoolConfig { memory_idle_mib: 30, ..config() }).await;
    let pids = [words(&by_memory, b"pid").await, words(&by_memory, b"keep").await, words(&by_memory, b"pid").await];
    assert!(pids[0] == pids[1] && pids[1] != pids[2], "{pids:?}");
}

#[tokio::test]
async fn readers_work_side_by_side_and_a_caller_who_goes_takes_his_reader_along() {
    let mut sign = Sign::new();
    let pool = pool(PoolConfig { readers: 2, ..with("", &sign.path) }).await;
    let hanging = tokio::spawn({
        let pool = pool.clone();
        async move { pool.read(&job(), 4, &mut b"hang".as_slice()).await }
    });
    sign.begun().await;
    let other = words(&pool, b"pid").await;
    sign.begun().await;
    hanging.abort();
    assert!(hanging.await.is_err_and(|error| error.is_cancelled()));
    assert_eq!(words(&pool, b"pid").await, other);
    pool.stop().await;
}

#[tokio::test]
async fn f17_a_hanging_reader_is_killed_with_all_it_started() {
    let mut sign = Sign::new();
    let config =
        PoolConfig { time_base: Duration::from_millis(500), time_per_mib: Duration::ZERO, time_per_page: Duration::ZERO, ..with("grandchild", &sign.path) };
    let pool = pool(config).await;
    assert!(matches!(death(&pool, b"hang").await, Death::Hang { .. }));
    sign.begun().await;
    pool.stop().await;
    sign.gone().await;
}

#[tokio::test]
async fn stopping_ends_idle_readers_and_kills_the_others() {
    let mut idle = Sign::new();
    let resting = pool(with("", &idle.path)).await;
    resting.clone().stop().await;
    idle.gone().await;
    assert!(matches!(read(&resting, b"pid").await, Err(ReadFailure::Stopped)));

    let mut sign = Sign::new();
    let pool = pool(PoolConfig { time_stop: Duration::from_millis(200), ..with("", &sign.path) }).await;
    let hanging = tokio::spawn({
        let pool = pool.clone();
        async move { pool.read(&job(), 4, &mut b"hang".as_slice()).await }
    });
    sign.begun().await;
    pool.stop().await;
    let failure = hanging.await.expect("no panic").expect_err("stopped");
    assert!(matches!(failure, ReadFailure::Stopped) && !failure.blames_document(), "{failure}");
    sign.gone().await;
}

#[tokio::test]
async fn why_a_reader_does_not_start_is_told() {
    let warm_up = Pool::start(with("warm-up", Path::new(""))).await.expect_err("it lacks a language");
    assert_eq!(warm_up.to_string(), "Tesseract lacks the language `nor`\ninstall tesseract-ocr-nor");

    let abort = Pool::start(with("abort", Path::new(""))).await.expect_err("it aborts");
    assert!(matches!(&abort, StartError::Died { exit: Exit::Signal(6), said } if said == "libtesseract.so.5 is not there"), "{abort:?}");

    let small = Pool::start(PoolConfig { memory_mib: 1, sandbox: SandboxMode::Required, ..config() }).await.expect_err("1 MiB is not enough");
    assert!(matches!(small, StartError::Died { .. } | StartError::Sandbox { .. }), "{small:?}");
}

#[tokio::test]
async fn callers_are_told_when_there_is_no_reader_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("reader");
    std::os::unix::fs::symlink("/bin/sh", &program).expect("a link");
    let pool = pool(PoolConfig { program: program.clone(), ..config() }).await;
    std::fs::remove_file(&program).expect("the link goes");
    assert_eq!(death(&pool, b"crash").await, Death::Crash(Exit::Signal(6)));
    let failure = read(&pool, b"pid").await.expect_err("there is no reader");
    assert!(matches!(&failure, ReadFailure::NoReader(StartError::Spawn { .. })) && !failure.blames_document(), "{failure}");
    // It is tried again, and goes on by itself.
    std::os::unix::fs::symlink("/bin/sh", &program).expect("a link");
    let again = async {
        while read(&pool, b"pid").await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, again).await.expect("readers come back");
}

#[tokio::test]
async fn a_required_sandbox_refuses_a_process_with_a_second_thread() {
    let refused = Pool::start(PoolConfig { sandbox: SandboxMode::Required, ..config() }).await.expect_err("the harness has a thread");
    assert!(matches!(&refused, StartError::Sandbox { layer: Layer::Landlock, .. }), "{refused}");
    assert!(refused.to_string().contains("`landlock`") && refused.to_string().contains("best-effort"), "{refused}");
}

#[tokio::test]
async fn no_attempt_to_break_out_succeeds() {
    let report = probe(&config()).await.expect("a reader starts");
    for (trial, held) in &report.trials {
        assert!(held.holds(), "{trial}: {}", held.how());
    }
    assert_eq!(report.trials.iter().map(|(trial, _)| *trial).collect::<Vec<_>>(), Trial::ALL);
    for layer in [Layer::Limits, Layer::Privileges, Layer::SystemCalls] {
        assert!(report.layers.iter().any(|(found, held)| *found == layer && held.holds()), "{layer}: {:?}", report.layers);
    }
}

#[tokio::test]
async fn signals_of_a_terminal_or_a_stopping_service_are_the_daemons_alone() {
    let pool = pool(config()).await;
    // The harness's own thread would take the signals, so it is asked and not tried.
    assert_eq!(words(&pool, b"signals").await, ["blocked.SIGHUP", "blocked.SIGINT", "blocked.SIGTERM"]);
}

#[tokio::test]
async fn a_reader_that_is_killed_from_outside_is_replaced() {
    let pool = pool(config()).await;
    let before = words(&pool, b"pid").await;
    let group: i32 = before[0].trim_start_matches("pid.").parse().expect("a process id");
    killpg(Pid::from_raw(group), Signal::SIGKILL).expect("the reader leads its own group");
    assert_eq!(death(&pool, b"pid").await, Death::Crash(Exit::Signal(9)));
    assert_ne!(words(&pool, b"pid").await, before);
}

/// A daemon for [`readers_do_not_outlive_a_daemon_that_is_killed`]: it gives its only reader a document over which that hangs.
#[test]
fn daemon() {
    let Some(pipe) = std::env::var_os("POSTSLUSE_TEST_DAEMON") else { return };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let pool = Pool::start(with("", Path::new(&pipe))).await.expect("a reader starts");
        let _ = pool.read(&job(), 4, &mut b"hang".as_slice()).await;
    });
}

#[tokio::test]
async fn readers_do_not_outlive_a_daemon_that_is_killed() {
    let mut sign = Sign::new();
    let this = std::env::current_exe().expect("a running program");
    let mut command = Command::new(this);
    command.args(["--exact", "reader::daemon", "--nocapture"]).env("POSTSLUSE_TEST_DAEMON", &sign.path).stdout(Stdio::null()).process_group(0);
    let mut daemon = command.spawn().expect("a daemon");
    sign.begun().await;
    daemon.kill().expect("kill -9");
    daemon.wait().expect("its end");
    sign.gone().await;
}

#[test]
fn a_reader_that_is_started_by_hand_says_nothing_to_nobody() {
    // Without a daemon's first word it waits, and ends when its input does.
    let this = std::env::current_exe().expect("a running program");
    let arguments: [OsString; 5] = ["-c".into(), SCRIPT.into(), this.into(), "".into(), "".into()];
    let output = Command::new("/bin/sh").args(arguments).stdin(Stdio::null()).output().expect("it runs");
    assert!(output.stdout.is_empty(), "{:?}", output.stdout);
    let mut pipe = Command::new("/bin/sh");
    pipe.args(["-c", SCRIPT]).arg(std::env::current_exe().expect("a running program")).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = pipe.spawn().expect("it runs");
    child.stdin.take().expect("a pipe").write_all(b"GET / HTTP/1.1\r\n\r\n").expect("it listens");
    let mut said = Vec::new();
    child.stdout.take().expect("a pipe").read_to_end(&mut said).expect("it ends");
    assert!(said.is_empty() && child.wait().is_ok());
}
