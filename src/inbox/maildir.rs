//! Reads a Maildir: the messages in `new` and in `cur`, and where they go when they are safe.
//!
//! A message is written in `tmp` and renamed, so what is seen is whole. A mail program that opens the mailbox moves messages from `new` to `cur` before
//! anybody has read them: both are read, and what tells a message that is done with is that it lies in another folder (Maildir++).

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::folder::Scan;
use super::{Candidate, FileIdentity, Hindrance, Obstacle};
use crate::document::Origin;

/// Reads the Maildir at `path` in full. Messages that somebody has marked as deleted (`T`) or as a draft (`D`) are left alone.
#[must_use]
pub fn scan(name: &str, path: &Path) -> Scan {
    let mut found = Scan::default();
    for folder in ["new", "cur"] {
        if let Err(error) = read(name, path, folder, &mut found) {
            let why = Hindrance::Unreadable(error.kind());
            found.obstacles.push(Obstacle { folder: name.to_owned(), relative: PathBuf::from(folder), inode: 0, why });
        }
    }
    found.candidates.sort_by(|a, b| (a.identity.modified_ns, &a.relative).cmp(&(b.identity.modified_ns, &b.relative)));
    found
}

fn read(name: &str, path: &Path, folder: &str, found: &mut Scan) -> io::Result<()> {
    for entry in std::fs::read_dir(path.join(folder))?.flatten() {
        let file_name = entry.file_name();
        let text = file_name.to_string_lossy();
        let (unique, flags) = text.split_once(":2,").unwrap_or((&text, ""));
        // What is gone since the folder was read has been moved by somebody, and is found again where it is.
        let Ok(metadata) = entry.metadata() else { continue };
        if text.starts_with('.') || flags.contains(['T', 'D']) {
            continue;
        }
        if metadata.is_file() {
            let (path, identity) = (entry.path(), FileIdentity::of(&metadata));
            // Flags come and go: the name without them stays.
            found.candidates.push(Candidate { folder: name.to_owned(), relative: PathBuf::from(unique), path, identity, origin: Origin::Mail });
        } else {
            let why = if metadata.is_symlink() { Hindrance::Link } else { Hindrance::Special("folder or device") };
            found.obstacles.push(Obstacle { folder: name.to_owned(), relative: PathBuf::from(unique), inode: FileIdentity::of(&metadata).inode, why });
        }
    }
    Ok(())
}

/// The folder for messages that are safe, made if it is not there.
///
/// # Errors
/// When it cannot be made.
pub fn done_folder(path: &Path, done: &str) -> io::Result<PathBuf> {
    let folder = path.join(format!(".{done}"));
    for part in ["new", "cur", "tmp"] {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder.join(part))?;
    }
    // Tells the programs that read Maildir++ that this is a folder of the mailbox.
    std::fs::OpenOptions::new().append(true).create(true).open(folder.join("maildirfolder"))?;
    Ok(folder)
}

/// The path of a message in that folder, marked as seen.
#[must_use]
pub fn done_path(folder: &Path, candidate: &Candidate) -> PathBuf {
    let mut name = candidate.relative.clone().into_os_string();
    name.push(":2,S");
    folder.join("cur").join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_whether_or_not_a_mail_program_has_seen_them() {
        let root = tempfile::tempdir().expect("a folder");
        for folder in ["new", "cur", "tmp"] {
            std::fs::create_dir(root.path().join(folder)).expect("a folder");
        }
        for file in ["new/1.a.host", "cur/2.b.host:2,S", "cur/3.c.host:2,ST", "cur/4.d.host:2,D", "tmp/5.e.host", "new/.hidden"] {
            std::fs::write(root.path().join(file), b"From: a@b\n\nx\n").expect("a message");
        }
        std::os::unix::fs::symlink("/etc/passwd", root.path().join("new/6.f.host")).expect("a link");
        let scan = scan("post", root.path());
        let mut names: Vec<_> = scan.candidates.iter().map(|candidate| candidate.relative.to_str().expect("ASCII")).collect();
        names.sort_unstable();
        assert_eq!(names, ["1.a.host", "2.b.host"]);
        assert!(scan.candidates.iter().all(|candidate| candidate.origin == Origin::Mail));
        assert_eq!(scan.obstacles.iter().map(|obstacle| &obstacle.why).collect::<Vec<_>>(), [&Hindrance::Link]);
        assert_eq!(self::scan("post", &root.path().join("tmp")).obstacles.len(), 2);
    }
}
