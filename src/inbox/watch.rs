//! Wakes the intake when something may have happened in a watched folder.
//!
//! A wake-up carries no news but itself: whoever is woken scans the folder. So an event that is lost, doubled or late (failures F3, F4) costs
//! a moment until the next full rescan. Network file systems send no events (F5); a folder on one is polled.

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Notify;

use crate::config::{Watch, WatchMode};

/// Holds the kernel's watches. Dropping it ends them.
#[derive(Debug)]
pub struct Watches {
    _watchers: Vec<RecommendedWatcher>,
    /// The names of the folders that send no events and must be polled.
    pub polled: Vec<String>,
}

/// Watches every folder that sends events; `wake` is notified at each change.
///
/// A folder whose watch cannot be set up is polled instead, and the log says so: the rescan is the truth anyway.
#[must_use]
pub fn watch(folders: &[Watch], wake: &Arc<Notify>) -> Watches {
    let mut watchers = Vec::new();
    let mut polled = Vec::new();
    for folder in folders {
        let by_events = match folder.mode {
            WatchMode::Events => true,
            WatchMode::Poll => false,
            WatchMode::Auto => !is_remote(&folder.path),
        };
        match by_events.then(|| watcher(&folder.path, wake)) {
            Some(Ok(watcher)) => watchers.push(watcher),
            Some(Err(error)) => {
                tracing::warn!(folder = folder.name, error = ?error.kind, "the folder sends no events and is polled instead");
                polled.push(folder.name.clone());
            }
            None => polled.push(folder.name.clone()),
        }
    }
    Watches { _watchers: watchers, polled }
}

fn watcher(path: &Path, wake: &Arc<Notify>) -> notify::Result<RecommendedWatcher> {
    let wake = Arc::clone(wake);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading a file is an event too (F4), and our own reading would wake us for ever.
        if !matches!(event, Ok(notify::Event { kind: notify::EventKind::Access(_), .. })) {
            wake.notify_one();
        }
    })?;
    watcher.watch(path, RecursiveMode::Recursive)?;
    Ok(watcher)
}

/// Whether the folder lies on a file system that other machines write to without our kernel knowing.
fn is_remote(path: &Path) -> bool {
    // The magic numbers of linux/magic.h.
    const REMOTE: [i64; 6] = [
        0x6969,      // NFS
        0xFF53_4D42, // CIFS
        0xFE53_4D42, // SMB2
        0x517B,      // SMB
        0x6573_5546, // FUSE
        0x0102_1997, // 9P
    ];
    nix::sys::statfs::statfs(path).is_ok_and(|found| REMOTE.contains(&(found.filesystem_type().0 & 0xFFFF_FFFF)))
}
