//! How a file leaves its folder: in two steps, because whoever wrote it may not be done.
//!
//! First it is set aside under a hidden name, which is atomic, and looked at again: if it is no longer the file that was read it goes back. Some
//! time later it is looked at once more and only then removed: a scanner that had paused writes on into the file it has open, whatever its name is,
//! and what it added is seen. A process that dies in between leaves a hidden file, which is brought back and found to be known.

use std::io;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};

use crate::document::ClaimId;
use crate::inbox::FileIdentity;
use crate::store::Lease;

/// How the name begins of a file that has been set aside. The claim's id follows.
const LEAVING: &str = ".postsluse-leaving-";

/// A file that has been set aside and is not removed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// Where it came from.
    pub(super) path: PathBuf,
    /// Where it is.
    pub(super) hidden: PathBuf,
    /// The file that was read.
    pub(super) identity: FileIdentity,
    /// Its claim.
    pub(super) claim: Lease<ClaimId>,
}

/// Sets aside the file at `path` if it is the one with `identity`; none when it is not there any more, or is another, which is then left alone.
pub(super) fn set_aside(path: &Path, identity: FileIdentity, claim: &Lease<ClaimId>) -> io::Result<Option<Aside>> {
    let hidden = path.with_file_name(format!("{LEAVING}{}", claim.id()));
    match std::fs::rename(path, &hidden) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        moved => moved?,
    }
    if FileIdentity::of(&std::fs::symlink_metadata(&hidden)?) == identity {
        return Ok(Some(Aside { path: path.to_owned(), hidden, identity, claim: claim.clone() }));
    }
    bring_back(&hidden, path)?;
    Ok(None)
}

/// Gives a message its place among those that are done with; if it is not there any more, somebody else has.
pub(super) fn rename(path: &Path, to: &Path) -> io::Result<()> {
    match std::fs::rename(path, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !path.exists() => Ok(()),
        moved => moved,
    }
}

/// Removes a file that was set aside, or brings it back if it has been written to since. Says whether it is gone.
pub(super) fn remove(aside: &Aside) -> io::Result<bool> {
    match std::fs::symlink_metadata(&aside.hidden) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
        Ok(found) if FileIdentity::of(&found) == aside.identity => std::fs::remove_file(&aside.hidden).map(|()| true),
        Ok(_) => bring_back(&aside.hidden, &aside.path).map(|()| false),
    }
}

/// Gives a file that was set aside its name again, or another one if that has been taken meanwhile. The next scan sees it.
pub(super) fn bring_back(hidden: &Path, path: &Path) -> io::Result<()> {
    match rename_to_free(hidden, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => rename_to_free(hidden, &found_again(hidden)),
        moved => moved,
    }
}

/// The visible name of a file of which nobody knows what it was called.
pub(super) fn found_again(hidden: &Path) -> PathBuf {
    let name = hidden.file_name().map(|name| name.to_string_lossy().replacen(LEAVING, "gjenfunnet-", 1)).unwrap_or_default();
    hidden.with_file_name(name)
}

/// Renames a file to a name that nobody has. A hard link would do as well, but the kernel refuses one to a file of somebody else's
/// (`fs.protected_hardlinks`), and what lies in a watched folder is somebody else's.
fn rename_to_free(from: &Path, to: &Path) -> io::Result<()> {
    match renameat2(AT_FDCWD, from, AT_FDCWD, to, RenameFlags::RENAME_NOREPLACE) {
        // A file system of another machine may not know how: then the look and the renaming are two steps.
        Err(Errno::EINVAL | Errno::ENOSYS | Errno::EOPNOTSUPP) => {
            if std::fs::symlink_metadata(to).is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            std::fs::rename(from, to)
        }
        outcome => outcome.map_err(Into::into),
    }
}

/// The files in and below `folder` that were set aside, each with the id of its claim. What cannot be read is passed over: it is looked at again.
pub(super) fn left_over(folder: &Path) -> Vec<(PathBuf, Option<ClaimId>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            } else if let Some(claim) = entry.file_name().to_string_lossy().strip_prefix(LEAVING) {
                found.push((entry.path(), claim.parse().ok()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{CountingEntropy, StoppedClock, Timestamp};

    fn claim() -> Lease<ClaimId> {
        let start: Timestamp = "2026-11-21T09:00:00Z".parse().expect("a timestamp");
        Lease::of(ClaimId::new(&StoppedClock::at(start), &CountingEntropy::seeded(1)), start)
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn identity(path: &Path) -> FileIdentity {
        FileIdentity::of(&std::fs::metadata(path).expect("it is there"))
    }

    #[test]
    fn the_file_that_was_read_is_set_aside_and_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.pdf");
        std::fs::write(&path, b"x").expect("a file");
        let aside = set_aside(&path, identity(&path), &claim()).expect("it goes").expect("it is the file");
        assert!(names(folder.path())[0].starts_with('.'), "no scan sees it");
        assert_eq!(left_over(folder.path()), [(aside.hidden.clone(), Some(claim().id()))]);
        assert!(remove(&aside).expect("it goes"));
        assert!(remove(&aside).expect("a file that is gone is no error"));
        assert!(names(folder.path()).is_empty());
        assert_eq!(set_aside(&path, aside.identity, &claim()).expect("no error"), None);
    }

    #[test]
    fn f1_what_a_slow_writer_adds_after_its_file_was_set_aside_comes_back() {
        use std::io::Write;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.tif");
        let mut writer = std::fs::File::create(&path).expect("a file");
        writer.write_all(b"first page").expect("room");
        let aside = set_aside(&path, identity(&path), &claim()).expect("it goes").expect("it is the file");
        writer.write_all(b", second page").expect("room");
        assert!(!remove(&aside).expect("no error"), "it was written to");
        assert_eq!(std::fs::read(&path).expect("it has its name again"), b"first page, second page");
    }

    #[test]
    fn a_file_swapped_in_meanwhile_is_never_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.pdf");
        std::fs::write(&path, b"first").expect("a file");
        let first = identity(&path);
        std::fs::write(folder.path().join("b"), b"second").expect("a file");
        std::fs::rename(folder.path().join("b"), &path).expect("swapped");
        assert_eq!(set_aside(&path, first, &claim()).expect("nothing is lost"), None);
        assert_eq!(std::fs::read(&path).expect("readable"), b"second");
    }

    #[test]
    fn a_name_that_was_taken_meanwhile_is_not_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.pdf");
        std::fs::write(&path, b"first").expect("a file");
        let aside = set_aside(&path, identity(&path), &claim()).expect("it goes").expect("it is the file");
        std::fs::write(&aside.hidden, b"first and more").expect("written to");
        std::fs::write(&path, b"second").expect("a file");
        assert!(!remove(&aside).expect("no error"));
        assert_eq!(std::fs::read(&path).expect("readable"), b"second");
        assert_eq!(std::fs::read(found_again(&aside.hidden)).expect("visible"), b"first and more");
    }
}
