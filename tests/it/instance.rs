//! An instance of the product in a folder of its own: the real binary, a real configuration, real folders. Tests see it as its users do.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value as Json;

/// The program under test.
pub fn program() -> &'static str {
    env!("CARGO_BIN_EXE_postsluse")
}

/// The samples that the repository holds.
pub fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

/// Where letters go in a test.
pub enum Mail {
    /// Into a folder, as .eml files.
    Folder,
    /// To an SMTP server: the lines of `[mail.smtp]`.
    Smtp(String),
}

/// A kommune's decision.
pub const LETTER: &str = "Lunner kommune\n\nSaksprotokoll\nSaksnummer: PS 12/25\nUtvalg: Kommunestyret\nMøtedato: 12.11.2025\n\nVedtak\nLunner kommunestyre vedtar å bosette 31 flyktninger i 2026.\n";

/// One instance.
pub struct Instance {
    root: tempfile::TempDir,
    config: PathBuf,
}

impl Instance {
    /// An instance on SQLite that writes letters into a folder, with keys and schema made.
    pub fn new() -> Self {
        Self::with("sqlite:postsluse.db", &Mail::Folder, "")
    }

    /// An instance on any database, with `more` lines at the end of its configuration.
    pub fn with(database: &str, mail: &Mail, more: &str) -> Self {
        let instance = Self::unprepared(database, mail, more);
        instance.good(&["keys", "init"]);
        instance.good(&["db", "migrate"]);
        instance
    }

    /// An instance without keys and schema.
    pub fn unprepared(database: &str, mail: &Mail, more: &str) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        for folder in ["watchdir/skjema", "watchdir/vedtak", "outbox"] {
            std::fs::create_dir_all(root.path().join(folder)).expect("a folder");
        }
        let mail = match mail {
            Mail::Folder => "[mail]\nfrom = \"post@postsluse.example\"\nfolder = \"outbox\"\n".to_owned(),
            Mail::Smtp(lines) => format!("[mail]\nfrom = \"post@postsluse.example\"\n[mail.smtp]\n{lines}\n"),
        };
        let forms = Path::new(env!("CARGO_MANIFEST_DIR")).join("forms");
        let kommuner = std::fs::read_to_string(corpus().join("kommuner.toml")).expect("the addresses of the samples' kommuner");
        let office = include_str!("office.toml");
        let text = format!(
            "test_ids = true\nspool = \"spool\"\nforms = \"{}\"\n[database]\nurl = \"{database}\"\n[keys]\nfolder = \"keys\"\n\
             [[watch]]\nname = \"skjema\"\npath = \"watchdir/skjema\"\n[[watch]]\nname = \"vedtak\"\npath = \"watchdir/vedtak\"\n\
             [intake]\nsettle_ms = 50\ntrailer_wait_ms = 0\nrescan_seconds = 1\n[reader]\nprocesses = 2\nsandbox = \"best-effort\"\n{mail}{office}\n{kommuner}\n{more}\n",
            forms.display()
        );
        let config = root.path().join("postsluse.toml");
        std::fs::write(&config, text).expect("a configuration");
        Self { root, config }
    }

    pub fn path(&self, below: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(below)
    }

    /// Changes the configuration by replacing text that must be there.
    pub fn reconfigure(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(&self.config).expect("a configuration");
        assert!(text.contains(from), "the configuration has no {from:?}");
        std::fs::write(&self.config, text.replacen(from, to, 1)).expect("a configuration");
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.arg("--config").arg(&self.config).args(arguments).current_dir(self.root.path()).env("POSTSLUSE_LOG", "postsluse=debug,info");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().expect("the program runs")
    }

    /// Runs a command that must refuse, with one line that says what and one that says what to do; its standard error.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        let text = String::from_utf8(output.stderr).expect("UTF-8");
        let said: Vec<&str> = text.lines().filter(|line| !line.contains(" INFO ") && !line.contains("DEBUG ") && !line.contains("WARN ")).collect();
        assert_eq!(said.len(), 2, "one line that says what, one that says what to do: {text}");
        text
    }

    /// Runs a command that must end well; its standard output.
    pub fn good(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Runs a command with `--json`; its lines.
    pub fn json(&self, arguments: &[&str]) -> Vec<Json> {
        let mut all = vec!["--json"];
        all.extend(arguments);
        self.good(&all).lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect()
    }

    /// Runs a command and hands it `input`.
    pub fn good_with_input(&self, arguments: &[&str], input: &str) -> String {
        use std::io::Write;
        let mut child = self.command(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
        child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{arguments:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Drops a file into a watched folder as a copying program does: under another name, then renamed.
    pub fn drop_file(&self, folder: &str, name: &str, bytes: &[u8]) {
        let folder = self.path("watchdir").join(folder);
        std::fs::write(folder.join(".arriving"), bytes).expect("a file");
        std::fs::rename(folder.join(".arriving"), folder.join(name)).expect("a file");
    }

    /// Runs the service until nothing is left to do; its events.
    pub fn serve_until_idle(&self) -> Vec<Json> {
        self.json(&["serve", "--until-idle"])
    }

    /// Starts the service.
    pub fn serve(&self) -> Service {
        let log = std::fs::File::options().create(true).append(true).open(self.path("log")).expect("a log");
        let mut child = self.command(&["--json", "serve"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().expect("the program runs");
        let events = BufReader::new(child.stdout.take().expect("a pipe"));
        Service { child, events }
    }

    /// Every document, as `list --json` shows them.
    pub fn documents(&self) -> Vec<Json> {
        self.json(&["list", "--limit", "10000"]).into_iter().filter(|line| line.get("document").is_some()).collect()
    }

    /// Every file below the instance.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.root.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() { folders.push(path) } else { found.push(path) }
            }
        }
        found
    }

    /// The files that hold `needle` anywhere in their bytes.
    pub fn files_with(&self, needle: &str) -> Vec<PathBuf> {
        self.files().into_iter().filter(|file| holds(&std::fs::read(file).unwrap_or_default(), needle)).collect()
    }

    /// Names left in a watched folder, hidden ones aside.
    pub fn left_in(&self, folder: &str) -> Vec<String> {
        let names = std::fs::read_dir(self.path("watchdir").join(folder))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
        names.filter(|name| !name.starts_with('.')).collect()
    }
}

/// Whether `bytes` hold `needle`, in UTF-8 or in UTF-16.
pub fn holds(bytes: &[u8], needle: &str) -> bool {
    let wide: Vec<u8> = needle.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [needle.as_bytes(), wide.as_slice()].into_iter().any(|needle| bytes.windows(needle.len()).any(|window| window == needle))
}

/// A service that runs.
pub struct Service {
    child: Child,
    events: BufReader<std::process::ChildStdout>,
}

impl Service {
    pub fn pid(&self) -> nix::unistd::Pid {
        nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).expect("a process id"))
    }

    /// The next event; none when the service has ended.
    pub fn next_event(&mut self) -> Option<Json> {
        let mut line = String::new();
        match self.events.read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => serde_json::from_str(&line).ok(),
        }
    }

    /// Reads events until one fits; all that were read.
    pub fn events_until(&mut self, mut fits: impl FnMut(&Json) -> bool) -> Vec<Json> {
        let mut seen = Vec::new();
        loop {
            let event = self.next_event().unwrap_or_else(|| panic!("the service ended before the event came; it told {seen:#?}"));
            let last = fits(&event);
            seen.push(event);
            if last {
                return seen;
            }
        }
    }

    /// Stops it in order and waits for its end.
    pub fn stop(mut self) -> std::process::ExitStatus {
        let _ = nix::sys::signal::kill(self.pid(), nix::sys::signal::Signal::SIGTERM);
        self.child.wait().expect("it ends")
    }

    /// Kills it where it stands.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
