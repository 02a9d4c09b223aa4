//! A real PostgreSQL for tests, from Debian's package: one server a test binary, a fresh database a test.
//!
//! The server listens on a Unix socket in a folder of its own (trusted) and on loopback (password). It is watched by a shell that waits on a pipe from this
//! process: when the process ends, however it ends, the pipe closes, and the shell stops the server and removes its folder. PostgreSQL refuses to run as
//! root, so root starts it as the user `postgres`.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AnyConnection, Connection as _, Executor as _};

const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";
const PACKAGE: &str = "PostgreSQL 15 is not installed: `make test` installs it (apt-get install postgresql-15)";

/// $1 the programs' folder, $2 the port. Says `ready FOLDER` when the server answers.
const WATCH: &str = r#"
trap '' HUP INT TERM
dir=$(mktemp -d "${TMPDIR:-/tmp}/postsluse-pg-XXXXXX") || exit 1
if "$1/initdb" -D "$dir/data" -U postgres -E UTF8 --locale=C.UTF-8 --auth-local=trust --auth-host=scram-sha-256 --no-sync >"$dir/log" 2>&1 &&
   "$1/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -o "-k $dir -p $2 -c listen_addresses=127.0.0.1 -c max_connections=300 -c fsync=off" start >>"$dir/log" 2>&1
then echo "ready $dir"
else cat "$dir/log" "$dir/server.log" >&2; rm -rf "$dir"; exit 1
fi
exec >/dev/null 2>&1
cat
"$1/pg_ctl" -D "$dir/data" -m immediate stop
rm -rf "$dir"
"#;

/// A server that runs until this process ends.
pub struct Server {
    /// The folder of its socket.
    pub socket: String,
    /// Its port, on loopback and in the socket's name.
    pub port: u16,
    /// Held for its open pipe.
    _watcher: Child,
}

impl Server {
    /// The address of a database by the socket.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost:{}/{database}?host={}", self.port, self.socket)
    }
}

/// The server of this process, started by whoever asks first.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        assert!(std::path::Path::new(PROGRAMS).join("initdb").exists(), "{PACKAGE}");
        // The free port may be gone before the server has it.
        (0..3).find_map(|_| start().inspect_err(|why| eprintln!("{why}")).ok()).expect("a PostgreSQL server")
    })
}

fn start() -> Result<Server, String> {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).map_err(|error| error.to_string())?.port();
    let mut command = if nix::unistd::geteuid().is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    command.args(["-c", WATCH, "sh", PROGRAMS, &port.to_string()]).current_dir("/");
    let mut watcher = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| format!("runuser, sh: {error}"))?;
    let mut line = String::new();
    BufReader::new(watcher.stdout.take().expect("it is piped")).read_line(&mut line).map_err(|error| error.to_string())?;
    if let Some(socket) = line.trim().strip_prefix("ready ") {
        return Ok(Server { socket: socket.to_owned(), port, _watcher: watcher });
    }
    let mut why = String::new();
    let _ = watcher.stderr.take().expect("it is piped").read_to_string(&mut why);
    let _ = watcher.wait();
    Err(format!("PostgreSQL does not start: {why}"))
}

/// A fresh, empty database: its address.
pub async fn database() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    execute(&server().url("postgres"), format!("CREATE DATABASE {name}")).await;
    server().url(&name)
}

/// Runs a statement on any database, past the store.
pub async fn execute(url: &str, statement: impl Into<String>) {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(url).await.expect("a connection");
    connection.execute(sqlx::AssertSqlSafe(statement.into())).await.expect("the statement runs");
    connection.close().await.expect("it closes");
}
