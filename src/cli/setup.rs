//! What several commands need before they can begin: the configuration, the forms, the vault, the store, the readers.

use anyhow::Context;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Common, Ending};
use crate::audit::Actor;
use crate::clock::{SharedClock, SharedEntropy, SystemClock};
use crate::config::Config;
use crate::document::EnvelopeId;
use crate::pipeline::Desk;
use crate::reader::PoolConfig;
use crate::spool::Spool;
use crate::store::{Options, Pinned, Store};
use crate::vault::{SystemEntropy, Vault};

/// Runs a command to its end.
pub(super) fn block_on(work: impl Future<Output = anyhow::Result<Ending>>) -> anyhow::Result<Ending> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?.block_on(work)
}

/// Keys and values are in this process's memory: it leaves no core file, and no other process of the same user may look into it.
pub(super) fn keep_memory_private() {
    // A kernel that refuses leaves us where we were; the unit asks for the same (`LimitCORE=0`).
    let _ = nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_CORE, 0, 0);
    let _ = nix::sys::prctl::set_dumpable(false);
}

/// Notes go to standard error; `POSTSLUSE_LOG` or `-v` says how many. No level prints a value, a name or a file name.
pub(super) fn logging(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "postsluse=info,warn",
        _ => "postsluse=debug,info",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("POSTSLUSE_LOG").unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    // What watches the folders notes the name of each file, and people name scans after people. What speaks IMAP notes passwords and mail.
    let filter = ["notify=off", "async_imap=off"].iter().fold(filter, |filter, quiet| match quiet.parse() {
        Ok(quiet) => filter.add_directive(quiet),
        Err(_) => filter,
    });
    let is_terminal = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).without_time().with_ansi(is_terminal).init();
}

/// The machine's clock.
pub(super) fn clock() -> SharedClock {
    Arc::new(SystemClock)
}

/// The machine's random source.
pub(super) fn entropy() -> SharedEntropy {
    Arc::new(SystemEntropy)
}

/// The configuration's file, if one is named or lies where it is looked for.
pub(super) fn config_path(common: &Common) -> Option<PathBuf> {
    common
        .config
        .clone()
        .or_else(|| [Path::new("postsluse.toml"), Path::new("/etc/postsluse/postsluse.toml")].into_iter().find(|path| path.exists()).map(Path::to_owned))
}

/// The configuration; a command that stores or sends needs one.
pub(super) fn config(common: &Common) -> anyhow::Result<Config> {
    let path = config_path(common)
        .context("there is no configuration: neither ./postsluse.toml nor /etc/postsluse/postsluse.toml exists\nname one with --config, or make one from systemd/postsluse.toml")?;
    let mut config = Config::load(&path)?;
    if let Some(forms) = &common.forms {
        config.forms.clone_from(forms);
    }
    Ok(config)
}

/// The configuration if there is one; `read` and `forms` work without.
pub(super) fn optional_config(common: &Common) -> anyhow::Result<Option<Config>> {
    config_path(common).map(|_| config(common)).transpose()
}

/// The folder of forms: as named, the configuration's, ./forms, beside the build of a checkout, or where a package puts it.
pub(super) fn forms_folder(common: &Common, config: Option<&Config>) -> PathBuf {
    let beside_build = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.parent()?.parent()?.join("forms")));
    common
        .forms
        .clone()
        .or_else(|| config.map(|config| config.forms.clone()))
        .or_else(|| [Some(PathBuf::from("forms")), beside_build].into_iter().flatten().find(|path| path.is_dir()))
        .unwrap_or_else(|| PathBuf::from("/usr/share/postsluse/forms"))
}

/// What a command wants of its readers beside what the configuration says.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted<'a> {
    /// How many of them.
    pub(super) readers: Option<usize>,
    /// Other thresholds.
    pub(super) thresholds: Option<&'a Path>,
    /// Whether they answer with pictures of pages. Only such readers load fonts.
    pub(super) draws: bool,
}

/// How the readers are started: this very program, as `reader`, with the same forms.
pub(super) fn pool_config(config: Option<&Config>, forms: &Path, wanted: &Wanted) -> anyhow::Result<PoolConfig> {
    let defaults;
    let reader = if let Some(config) = config {
        &config.reader
    } else {
        defaults = crate::config::Reader::default();
        &defaults
    };
    let program = std::env::current_exe().context("cannot tell where this program lies")?;
    let mut arguments: Vec<std::ffi::OsString> = vec!["--forms".into(), forms.into(), "reader".into()];
    arguments.extend(["--languages".into(), reader.languages.clone().into(), "--pages-max".into(), reader.pages_max.to_string().into()]);
    if let Some(tessdata) = &reader.tessdata {
        arguments.extend(["--tessdata".into(), tessdata.into()]);
    }
    if let Some(thresholds) = wanted.thresholds.or(reader.thresholds.as_deref()) {
        arguments.extend(["--thresholds".into(), thresholds.into()]);
    }
    if let Some(fonts) = config.and_then(|config| config.fonts.as_ref()) {
        arguments.extend(["--fonts".into(), fonts.into()]);
    }
    if wanted.draws {
        arguments.push("--draws".into());
    }
    Ok(PoolConfig {
        readers: wanted.readers.unwrap_or(reader.processes),
        memory_mib: reader.memory_mib,
        time_base: reader.time_base,
        time_per_mib: reader.time_per_mib,
        sandbox: reader.sandbox,
        documents_per_reader: reader.documents_per_reader,
        ..PoolConfig::new(program, arguments)
    })
}

/// The keys, opened and checked.
pub(super) fn vault(config: &Config) -> anyhow::Result<Arc<Vault>> {
    Ok(Arc::new(Vault::open(&config.keys, entropy())?))
}

/// The store, connected and of the right version, holding rows of this very keyset.
pub(super) async fn store(config: &Config, vault: &Arc<Vault>, actor: Actor) -> anyhow::Result<Store> {
    let store = Store::connect(&config.database, Options::new(actor, vault.audit_key())).await?;
    if let Pinned::Differs { stored } = store.pin("keyset", &vault.fingerprint().to_string(), clock().now()).await? {
        anyhow::bail!(
            "the keys are not those that sealed this database: it belongs to keyset {stored}, the keys to {}\nbring back the keys that belong to it; nothing was changed",
            vault.fingerprint()
        );
    }
    Ok(store)
}

/// What it takes to file and to settle.
pub(super) async fn desk(common: &Common) -> anyhow::Result<Desk> {
    let config = Arc::new(config(common)?);
    let vault = vault(&config)?;
    let store = store(&config, &vault, actor()).await?;
    Ok(Desk { store, vault, config, clock: clock(), entropy: entropy() })
}

/// The spool, if it is the one that belongs to this database. A daemon on the wrong one would find nothing that it is looking for, and could not
/// tell what may be swept: so it does not start.
pub(super) async fn spool(config: &Config, store: &Store) -> anyhow::Result<Spool> {
    let spool = Spool::open(&config.spool)?;
    let path = config.spool.display();
    let unreadable = || format!("the spool {path} cannot be read\ngive the service's user leave to read and write it");
    let found = spool.identity().with_context(unreadable)?;
    match (found, store.pinned("spool").await?) {
        (Some(found), Some(known)) if found == known => {}
        (_, Some(_)) => anyhow::bail!(
            "the spool {path} is not the one of this database\nsee that its disk is mounted and that `spool` names it, or connect the database that belongs to it; nothing was changed"
        ),
        (_, None) if !spool.names().with_context(unreadable)?.is_empty() => anyhow::bail!(
            "the spool {path} holds sealed originals that this database knows nothing of\nconnect the database that belongs to it, or name another folder as `spool`; nothing was changed"
        ),
        (_, None) => {
            let name = EnvelopeId::new(clock().as_ref(), entropy().as_ref()).to_string();
            let name = spool.identify(&name).with_context(|| format!("the spool {path} cannot be written\ngive the service's user leave to write it"))?;
            if let Pinned::Differs { .. } = store.pin("spool", &name, clock().now()).await? {
                anyhow::bail!("another daemon began with this database and another spool\nname the same folder as `spool` for both; nothing was changed");
            }
        }
    }
    Ok(spool)
}

/// Who works: the machine and the daemon's place at the spool; place 0 is a command.
pub(super) fn owner(place: u32) -> String {
    let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok()).unwrap_or_else(|| "localhost".to_owned());
    if place == 0 { format!("command@{host}") } else { format!("daemon-{place}@{host}") }
}

/// Who is at the keyboard, by the number of the account: the chain names nobody.
pub(super) fn actor() -> Actor {
    Actor::Operator { uid: nix::unistd::getuid().as_raw() }
}
