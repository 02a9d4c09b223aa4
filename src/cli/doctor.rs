//! `postsluse doctor`: checks everything this instance needs, one line a thing, and says what to do about what is missing.

use anyhow::Context;

use super::setup::Wanted;
use super::{Common, Ending, output, setup};
use crate::audit;
use crate::config::Config;
use crate::config::{Login, Place};
use crate::paper::Fonts;
use crate::pipeline::counted;
use crate::reader;
use crate::store::Store;

/// Options of `doctor`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {}

/// The checks, as they are made.
struct Checkup<'a> {
    common: &'a Common,
    ending: Ending,
}

impl Checkup<'_> {
    fn note(&mut self, what: &str, found: anyhow::Result<String>) -> anyhow::Result<()> {
        let (good, text) = match found {
            Ok(text) => (true, text),
            Err(error) => (false, output::told(&error)),
        };
        if !good {
            self.ending = Ending::Wanting;
        }
        if self.common.json {
            return output::json_line(&serde_json::json!({"v": 1, "check": what, "good": good, "text": text}));
        }
        output::line(&format!("{} {what:<22} {}", if good { "ok     " } else { "missing" }, text.replace('\n', "\n                               ")))
    }
}

pub(super) async fn run(common: &Common, _: &Options) -> anyhow::Result<Ending> {
    let mut checkup = Checkup { common, ending: Ending::Good };
    let config = match setup::config(common) {
        Ok(config) => config,
        Err(error) => {
            checkup.note("configuration", Err(error))?;
            return Ok(Ending::Wanting);
        }
    };
    checkup.note("configuration", Ok(counted(config.watch.len(), "watched folder")))?;
    checkup.note(
        "forms",
        crate::forms::load(&config.forms).map_err(Into::into).map(|forms| format!("{} in {}", counted(forms.len(), "form"), config.forms.display())),
    )?;
    checkup.note("fonts", Fonts::load(config.fonts.as_deref()).map(|_| "letters can be written".to_owned()).map_err(Into::into))?;
    for watch in &config.watch {
        checkup.note(&format!("folder {}", watch.name), writable(&watch.path))?;
    }
    for mailbox in &config.mailboxes {
        checkup.note(&format!("mailbox {}", mailbox.name), reachable(&mailbox.place))?;
    }
    let vault = setup::vault(&config);
    checkup.note("keys", vault.as_ref().map(|vault| counted(vault.keys().len(), "key")).map_err(|error| anyhow::anyhow!(output::told(error))))?;
    if let Ok(vault) = vault {
        match setup::store(&config, &vault, setup::actor()).await {
            Ok(store) => {
                checkup.note("database", Ok(config.database.to_string()))?;
                checkup.note("spool", setup::spool(&config, &store).await.map(|_| config.spool.display().to_string()))?;
                checkup.note("audit chain", audit_chain(&store, &vault).await)?;
            }
            Err(error) => checkup.note("database", Err(error))?,
        }
    }
    readers(&mut checkup, &config).await?;
    Ok(checkup.ending)
}

fn writable(folder: &std::path::Path) -> anyhow::Result<String> {
    use nix::unistd::{AccessFlags, access};
    access(folder, AccessFlags::R_OK | AccessFlags::W_OK | AccessFlags::X_OK).with_context(|| {
        format!("{} cannot be read and written\nmake the folder, and give the service's user leave to read and remove files in it", folder.display())
    })?;
    Ok(folder.display().to_string())
}

/// What of a mailbox can be seen from here; whether a server lets us in, the service says.
fn reachable(place: &Place) -> anyhow::Result<String> {
    match place {
        Place::Maildir { path, .. } => ["new", "cur"].iter().try_for_each(|folder| writable(&path.join(folder)).map(drop)).map(|()| path.display().to_string()),
        Place::Imap(account) => {
            let (Login::Password(file) | Login::Token(file)) = &account.login;
            std::fs::read(file).with_context(|| format!("{} cannot be read\nmake the file, readable by the service alone (mode 0400)", file.display()))?;
            Ok(format!("{} at {}, port {}", account.folder, account.host, account.port))
        }
        Place::Lmtp(address) => Ok(format!("handed over at {address}")),
    }
}

async fn audit_chain(store: &Store, vault: &crate::vault::Vault) -> anyhow::Result<String> {
    let key = vault.audit_key();
    let mut verifier = audit::Verifier::new(&key, &[]);
    let mut next = 1;
    loop {
        let entries = store.audit_entries(next, 1000).await?;
        let Some(last) = entries.last() else { break };
        next = last.sequence + 1;
        for entry in &entries {
            verifier.push(entry)?;
        }
    }
    Ok(format!("{} entries, unbroken", verifier.finish()?.sequence))
}

async fn readers(checkup: &mut Checkup<'_>, config: &Config) -> anyhow::Result<()> {
    let pool = setup::pool_config(Some(config), &config.forms, &Wanted { readers: Some(1), ..Wanted::default() })?;
    match reader::probe(&pool).await {
        Err(error) => checkup.note("reader", Err(error.into())),
        Ok(report) => {
            checkup.note("reader", Ok(report.engines.join(", ")))?;
            for (layer, held) in &report.layers {
                let found = if held.holds() { Ok(held.how().to_owned()) } else { Err(anyhow::anyhow!("{}", held.how().to_owned())) };
                checkup.note(&format!("sandbox: {layer}"), found)?;
            }
            for (trial, held) in &report.trials {
                let found = if held.holds() { Ok(held.how().to_owned()) } else { Err(anyhow::anyhow!("{}", held.how().to_owned())) };
                checkup.note(&format!("sandbox: {trial}"), found)?;
            }
            Ok(())
        }
    }
}
