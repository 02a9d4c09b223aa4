//! The sandbox a reader locks itself into: five layers, each tried after it was set, none of which can be taken off again.
//!
//! 1. *Limits*: memory, processor time a document, file size 0, no core, no new file descriptor, no new process (setrlimit(2)).
//! 2. *Privileges*: no new ones, no debugger, no memory in `/proc`, and death with the daemon (prctl(2)).
//! 3. *Namespaces*: own user, network, IPC and host name, where the kernel and the service manager allow it (unshare(2)).
//! 4. *Landlock*: no file may be read, written or run, no TCP port used, no process outside signalled (landlock(7)).
//! 5. *System calls*: a short list of allowed ones; an attempt at a hostile one kills (`filter.rs`, seccomp(2)).
//!
//! It relies on the process having one thread: namespaces and Landlock bind the thread that asks. The layers overlap on purpose, so that
//! a kernel without one of them, or a hole in one, leaves the others. Namespaces alone are never required: what they take away is taken
//! away by layers 4 and 5 too, and a hardened unit (`RestrictNamespaces=yes`) forbids them.

use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::resource::{RLIM_INFINITY, Resource, UsageWho, getrlimit, getrusage, rlim_t, setrlimit};
use nix::sys::signal::{SigSet, Signal};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::File;
use std::io;

use super::filter;

/// How much stack the work may use. Deeply nested documents recurse; the stack is given by the kernel as it is used.
pub(super) const STACK_BYTES: u64 = 64 * 1024 * 1024;

/// Whether a reader may run without all layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SandboxMode {
    /// A reader that lacks a required layer does not start.
    Required,
    /// A reader starts with the layers there are; what is missing is logged and shown by `doctor`.
    BestEffort,
}

/// A layer of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Memory, time, files, processes.
    Limits,
    /// No new privileges, no debugger, no life after the daemon.
    Privileges,
    /// Own network, IPC and host name.
    Namespaces,
    /// No files, no TCP, no signals.
    Landlock,
    /// The list of allowed system calls.
    SystemCalls,
}

impl Layer {
    /// Every layer, in the order they are put on.
    pub const ALL: [Self; 5] = [Self::Limits, Self::Privileges, Self::Namespaces, Self::Landlock, Self::SystemCalls];

    /// Whether [`SandboxMode::Required`] asks for it.
    #[must_use]
    pub fn required(self) -> bool {
        self != Self::Namespaces
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Limits => "limits",
            Self::Privileges => "privileges",
            Self::Namespaces => "namespaces",
            Self::Landlock => "landlock",
            Self::SystemCalls => "system calls",
        })
    }
}

/// Whether a layer holds, or an attempt to break out was held up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// It holds; how.
    Yes(String),
    /// It does not; why.
    No(String),
}

impl Held {
    /// Whether it holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self, Self::Yes(_))
    }

    /// How it holds or why it does not.
    #[must_use]
    pub fn how(&self) -> &str {
        let (Self::Yes(how) | Self::No(how)) = self;
        how
    }

    fn from_result(result: Result<String, String>) -> Self {
        result.map_or_else(Self::No, Self::Yes)
    }
}

/// Binds the reader's life to the daemon's. To be called first, and again after a change of user namespace, which may undo it.
///
/// # Errors
/// When the kernel refuses, or the daemon was gone before it was asked.
pub(super) fn die_with(daemon: u32) -> Result<(), String> {
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(|errno| told("PR_SET_PDEATHSIG", errno))?;
    // The daemon may have died between the start of this process and the line above; then this process has another parent by now.
    if u32::try_from(nix::unistd::getppid().as_raw()) == Ok(daemon) { Ok(()) } else { Err("the daemon that started the reader is gone".to_owned()) }
}

/// Leaves the signals of a terminal or of a stopping service to the daemon, which then closes the reader's input when its time has come.
/// A reader that died of them in the midst of a document would cost that document an attempt.
pub(super) fn leave_signals_to_the_daemon() {
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        signals.add(signal);
    }
    // Blocked and pending is as good as ignored for these; on failure they keep their meaning, which is no danger.
    let _ = signals.thread_block();
}

/// The bounds that hold while the reader loads what it reads with: memory, no core, no file written.
///
/// # Errors
/// Which limit the kernel refused.
pub(super) fn bound(memory_mib: u64) -> Result<(), String> {
    let memory = memory_mib.saturating_mul(1024 * 1024);
    for (name, resource, limit) in [("memory", Resource::RLIMIT_DATA, memory), ("core", Resource::RLIMIT_CORE, 0), ("file size", Resource::RLIMIT_FSIZE, 0)] {
        set_limit(name, resource, limit)?;
    }
    // The main thread's stack grows up to the limit of the moment, so no second thread is needed to have a large one.
    let (soft, hard) = getrlimit(Resource::RLIMIT_STACK).map_err(|errno| told("RLIMIT_STACK", errno))?;
    if soft < STACK_BYTES {
        setrlimit(Resource::RLIMIT_STACK, STACK_BYTES.min(hard), hard).map_err(|errno| told("RLIMIT_STACK", errno))?;
    }
    Ok(())
}

/// Allows `seconds` more of processor time than were used so far. What uses them up is killed by the kernel, even if the daemon cannot.
///
/// # Errors
/// When the kernel refuses.
pub(super) fn allow_processor_time(seconds: u64) -> io::Result<()> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let used = usage.user_time().tv_sec() + usage.system_time().tv_sec();
    let soft = u64::try_from(used).unwrap_or(0).saturating_add(seconds).saturating_add(1);
    setrlimit(Resource::RLIMIT_CPU, soft, RLIM_INFINITY)?;
    Ok(())
}

/// Puts the layers on, each tried as soon as it is on. The process must have loaded all it needs.
pub(super) fn lock_down(daemon: u32, memory_mib: u64) -> Vec<(Layer, Held)> {
    let threads = other_threads();
    // The order matters: a user namespace resets what is set per privilege, Landlock needs a descriptor, and the filter forbids the rest.
    let namespaces = leave_namespaces();
    let privileges = drop_privileges(daemon);
    let landlock = restrict_files().and_then(|how| threads.map(|()| how));
    let limits = limit_the_rest(memory_mib);
    let system_calls = filter_system_calls();
    [(Layer::Limits, limits), (Layer::Privileges, privileges), (Layer::Namespaces, namespaces), (Layer::Landlock, landlock), (Layer::SystemCalls, system_calls)]
        .map(|(layer, result)| (layer, Held::from_result(result)))
        .into()
}

/// Namespaces and Landlock bind one thread, so a second one would be outside.
fn other_threads() -> Result<(), String> {
    let threads = std::fs::read_dir("/proc/self/task").map_err(|error| format!("the reader's threads cannot be counted: {error}"))?.count();
    if threads == 1 { Ok(()) } else { Err(format!("{} threads were started before the sandbox and are outside it", threads - 1)) }
}

fn leave_namespaces() -> Result<String, String> {
    let inner = CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWUTS;
    match unshare(CloneFlags::CLONE_NEWUSER | inner) {
        Ok(()) => Ok("own user, network, IPC and host name".to_owned()),
        // Root may have the others where user namespaces are switched off.
        Err(errno) => unshare(inner).map(|()| "own network, IPC and host name".to_owned()).map_err(|_| told("unshare", errno)),
    }
}

fn drop_privileges(daemon: u32) -> Result<String, String> {
    die_with(daemon)?;
    prctl::set_dumpable(false).map_err(|errno| told("PR_SET_DUMPABLE", errno))?;
    prctl::set_no_new_privs().map_err(|errno| told("PR_SET_NO_NEW_PRIVS", errno))?;
    let held = prctl::get_dumpable() == Ok(false) && prctl::get_no_new_privs() == Ok(true) && prctl::get_pdeathsig() == Ok(Some(Signal::SIGKILL));
    if held { Ok("no new privileges, no debugger, dies with the daemon".to_owned()) } else { Err("the kernel did not keep what was set".to_owned()) }
}

fn restrict_files() -> Result<String, String> {
    use landlock::{ABI, Access, AccessFs, AccessNet, LandlockStatus, Ruleset, RulesetAttr, Scope};
    let restrict = || {
        // No rule follows, so everything that is handled is forbidden. An older kernel handles less; what it lacks is left out by default.
        Ruleset::default()
            .handle_access(AccessFs::from_all(ABI::V9))?
            .handle_access(AccessNet::from_all(ABI::V9))?
            .scope(Scope::from_all(ABI::V9))?
            .create()?
            .restrict_self()
    };
    let status = restrict().map_err(|error| format!("landlock: {error}"))?;
    let version = match status.landlock {
        LandlockStatus::NotEnabled => return Err("landlock is not enabled at the kernel's start".to_owned()),
        LandlockStatus::NotImplemented => return Err("the kernel has no landlock".to_owned()),
        LandlockStatus::Available { effective_abi, .. } => effective_abi,
    };
    match File::open("/") {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(format!("no file can be opened (ABI {})", version as i32)),
        Err(error) => Err(format!("opening / failed for another reason: {error}")),
        Ok(_) => Err("/ could be opened all the same".to_owned()),
    }
}

fn limit_the_rest(memory_mib: u64) -> Result<String, String> {
    bound(memory_mib)?;
    let none = [
        ("descriptors", Resource::RLIMIT_NOFILE),
        ("processes", Resource::RLIMIT_NPROC),
        ("locked memory", Resource::RLIMIT_MEMLOCK),
        ("message queues", Resource::RLIMIT_MSGQUEUE),
    ];
    none.into_iter().try_for_each(|(name, resource)| set_limit(name, resource, 0))?;
    let beyond = usize::try_from(memory_mib.saturating_mul(1024 * 1024)).unwrap_or(usize::MAX / 2);
    if Vec::<u8>::new().try_reserve_exact(beyond).is_ok() {
        return Err(format!("{memory_mib} MiB beyond what is in use could be had all the same"));
    }
    Ok(format!("{memory_mib} MiB of memory; no file, process or core"))
}

fn filter_system_calls() -> Result<String, String> {
    filter::install()?;
    // Harmless where it is allowed, and on no list of ours.
    match nix::unistd::chdir("/") {
        Err(Errno::EPERM) => Ok(format!("{} system calls allowed", filter::allowed_count())),
        Err(errno) => Err(told("a forbidden system call failed for another reason", errno)),
        Ok(()) => Err("a forbidden system call went through all the same".to_owned()),
    }
}

fn set_limit(name: &str, resource: Resource, limit: rlim_t) -> Result<(), String> {
    setrlimit(resource, limit, limit).map_err(|errno| format!("the limit of {name} could not be set to {limit}: {}", errno.desc()))?;
    match getrlimit(resource) {
        Ok(set) if set == (limit, limit) => Ok(()),
        _ => Err(format!("the limit of {name} is not {limit} after it was set")),
    }
}

fn told(what: &str, errno: Errno) -> String {
    format!("{what}: {} ({errno:?})", errno.desc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_but_namespaces_is_required() {
        let optional: Vec<_> = Layer::ALL.into_iter().filter(|layer| !layer.required()).collect();
        assert_eq!(optional, [Layer::Namespaces]);
    }

    #[test]
    fn modes_are_written_as_in_the_configuration() {
        assert_eq!(serde_json::to_value(SandboxMode::BestEffort).expect("a unit variant"), "best-effort");
        assert_eq!(serde_json::to_value(SandboxMode::Required).expect("a unit variant"), "required");
    }
}
