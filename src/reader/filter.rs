//! Which system calls a locked reader may make (seccomp(2)).
//!
//! Three filters, of whose answers the kernel takes the strictest: hostile calls kill the process; what is on no list fails with `EPERM`,
//! so that a library that merely asks (for a time zone, the number of processors, a colour terminal) goes on without; and `clone3`, whose
//! arguments a filter cannot see, is answered with `ENOSYS`. A reader has one thread and starts no other: two readers a core, each with
//! its own threads, are slower than one.
//!
//! The list of allowed calls is what glibc's memory, Rust's standard library, unwinding, and Tesseract with one OpenMP thread use. Memory
//! can be private only (shared memory is not counted against the limit) and never executable.

use nix::libc;
use seccompiler::{BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch};
use std::collections::BTreeMap;

/// Calls that nothing in a reader makes unless it has been taken over.
const HOSTILE: &[libc::c_long] = &[
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_add_key,
    libc::SYS_bind,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_connect,
    libc::SYS_delete_module,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_finit_module,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_kill,
    libc::SYS_listen,
    libc::SYS_memfd_create,
    libc::SYS_mount,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_personality,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_send_signal,
    libc::SYS_pivot_root,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_sendmmsg,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_setns,
    libc::SYS_shmat,
    libc::SYS_shmget,
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_swapon,
    libc::SYS_tkill,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
];

/// Calls that are allowed with any arguments.
const ALLOWED: &[libc::c_long] = &[
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_clone3,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_fstat,
    libc::SYS_futex,
    libc::SYS_getcpu,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_lseek,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_pread64,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
    libc::SYS_write,
    libc::SYS_writev,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_time,
];

/// How many calls a reader may make, some of them with certain arguments only.
pub(super) fn allowed_count() -> usize {
    // `clone3` is on the list only so that it can be answered with another error.
    ALLOWED.len() - 1 + conditional(0).map_or(0, |rules| rules.len())
}

/// Installs the filters on every thread of the process, for good.
///
/// # Errors
/// When the processor is one for which there are no filters, or the kernel refuses.
pub(super) fn install() -> Result<(), String> {
    let arch: TargetArch = std::env::consts::ARCH.try_into().map_err(|_| format!("there are no filters for {}", std::env::consts::ARCH))?;
    let programs = programs(arch).map_err(|error| format!("the filters could not be made: {error}"))?;
    programs.iter().try_for_each(|program| seccompiler::apply_filter_all_threads(program)).map_err(|error| format!("the kernel refused the filters: {error}"))
}

fn programs(arch: TargetArch) -> Result<[BpfProgram; 3], seccompiler::BackendError> {
    let compile = |rules, otherwise, matched| BpfProgram::try_from(SeccompFilter::new(rules, otherwise, matched, arch)?);
    let eperm = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let enosys = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    Ok([
        compile(hostile()?, SeccompAction::Allow, SeccompAction::KillProcess)?,
        compile([(libc::SYS_clone3, vec![])].into(), SeccompAction::Allow, enosys)?,
        // Last, for it forbids the call that installs filters.
        compile(allowed()?, eperm, SeccompAction::Allow)?,
    ])
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn hostile() -> Result<Rules, seccompiler::BackendError> {
    let mut rules: Rules = HOSTILE.iter().map(|call| (*call, vec![])).collect();
    // A thread is refused softly, a process kills.
    rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![bits(0, flag(libc::CLONE_THREAD), 0)?])?]);
    Ok(rules)
}

fn allowed() -> Result<Rules, seccompiler::BackendError> {
    let mut rules: Rules = ALLOWED.iter().map(|call| (*call, vec![])).collect();
    rules.extend(conditional(u64::from(std::process::id()))?);
    Ok(rules)
}

/// Calls that are allowed with certain arguments only; `own` is the reader's process id.
fn conditional(own: u64) -> Result<Rules, seccompiler::BackendError> {
    const MAP_TYPE: u64 = 0x0f;
    let exec = flag(libc::PROT_EXEC);
    let rule = SeccompRule::new;
    Ok([
        (libc::SYS_mmap, vec![rule(vec![bits(2, exec, 0)?, bits(3, MAP_TYPE, flag(libc::MAP_PRIVATE))?])?]),
        (libc::SYS_mprotect, vec![rule(vec![bits(2, exec, 0)?])?]),
        // glibc's fstat is this call with an empty path.
        (libc::SYS_newfstatat, vec![rule(vec![bits(3, flag(libc::AT_EMPTY_PATH), flag(libc::AT_EMPTY_PATH))?])?]),
        // Its own limit of processor time is set for each document; other limits may be asked for.
        (libc::SYS_prlimit64, vec![rule(vec![number(0, 0)?, number(1, u64::from(libc::RLIMIT_CPU))?])?, rule(vec![number(0, 0)?, null(2)?])?]),
        // abort(3) signals its own process.
        (libc::SYS_tgkill, vec![rule(vec![number(0, own)?])?]),
    ]
    .into())
}

fn bits(argument: u8, mask: u64, value: u64) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(mask), value)
}

/// The argument is an `int`, whose upper half in the register says nothing.
fn number(argument: u8, value: u64) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)
}

fn null(argument: u8) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0)
}

fn flag(value: libc::c_int) -> u64 {
    u64::from(value.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_call_is_both_hostile_and_allowed() {
        let allowed = allowed().expect("sound rules");
        assert!(HOSTILE.iter().all(|call| !allowed.contains_key(call)));
        assert!(!allowed.contains_key(&libc::SYS_openat) && !allowed.contains_key(&libc::SYS_ioctl) && !allowed.contains_key(&libc::SYS_clone));
    }

    #[test]
    fn the_filters_fit_into_the_kernel_on_each_processor() {
        for arch in [TargetArch::x86_64, TargetArch::aarch64] {
            for program in programs(arch).expect("sound filters") {
                assert!(program.len() < 4096);
            }
        }
    }
}
