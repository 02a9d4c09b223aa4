//! Reads a watched folder in full: which files are there, and what is there that is no file.
//!
//! Nothing is opened and no link is followed, so a FIFO, a device or a link out of the folder can neither block nor mislead. Sub-folders are
//! read too, unless they are watched folders of their own. Hidden files are left alone.

use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use super::{Candidate, FileIdentity, Hindrance, Obstacle};
use crate::config::Watch;
use crate::document::Origin;

/// How many folders below a watched folder are followed.
const DEPTH_MAX: usize = 8;

/// Endings under which scanners, browsers and copying programs write a file that they rename when it is whole (failure F1).
const UNFINISHED_ENDINGS: [&str; 6] = ["part", "tmp", "temp", "crdownload", "filepart", "partial"];

/// Endings of documents; only used to say that a folder is named like one.
const DOCUMENT_ENDINGS: [&str; 7] = ["pdf", "tif", "tiff", "png", "jpg", "jpeg", "txt"];

/// What a folder held at one moment.
#[derive(Debug, Default)]
pub struct Scan {
    /// Regular files, oldest first.
    pub candidates: Vec<Candidate>,
    /// What is not taken.
    pub obstacles: Vec<Obstacle>,
}

/// Reads `watch` in full. `others` are the paths of all watched folders: one that lies below this one is left to itself.
/// A folder that cannot be read is an obstacle, not an error: the others are still read.
#[must_use]
pub fn scan(watch: &Watch, others: &[PathBuf]) -> Scan {
    let mut walk = Walk { watch, others, found: Scan::default() };
    walk.folder(&watch.path, 0);
    walk.found.candidates.sort_by(|a, b| (a.identity.modified_ns, &a.relative).cmp(&(b.identity.modified_ns, &b.relative)));
    walk.found
}

struct Walk<'a> {
    watch: &'a Watch,
    others: &'a [PathBuf],
    found: Scan,
}

impl Walk<'_> {
    fn folder(&mut self, path: &Path, depth: usize) {
        let entries = match std::fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => return self.obstacle(path, 0, Hindrance::Unreadable(error.kind())),
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            match entry.metadata() {
                Ok(metadata) => self.entry(&path, &metadata, depth),
                // It was there a moment ago: whoever took it away may have it.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => self.obstacle(&path, 0, Hindrance::Unreadable(error.kind())),
            }
        }
    }

    fn entry(&mut self, path: &Path, metadata: &std::fs::Metadata, depth: usize) {
        let kind = metadata.file_type();
        let identity = FileIdentity::of(metadata);
        let inode = identity.inode;
        if kind.is_dir() {
            self.sub_folder(path, inode, depth);
        } else if kind.is_symlink() {
            self.obstacle(path, inode, Hindrance::Link);
        } else if !kind.is_file() {
            let what = if kind.is_fifo() {
                "FIFO"
            } else if kind.is_socket() {
                "socket"
            } else {
                "device"
            };
            self.obstacle(path, inode, Hindrance::Special(what));
        } else if ending_is_one_of(path, &UNFINISHED_ENDINGS) {
            self.obstacle(path, inode, Hindrance::Unfinished);
        } else {
            let relative = self.relative(path);
            self.found.candidates.push(Candidate { folder: self.watch.name.clone(), relative, path: path.to_owned(), identity, origin: Origin::File });
        }
    }

    fn sub_folder(&mut self, path: &Path, inode: u64, depth: usize) {
        if self.others.iter().any(|other| other == path) {
            return;
        }
        if depth >= DEPTH_MAX {
            return self.obstacle(path, inode, Hindrance::TooDeep(DEPTH_MAX));
        }
        if ending_is_one_of(path, &DOCUMENT_ENDINGS) {
            self.obstacle(path, inode, Hindrance::FolderNamedLikeDocument);
        }
        self.folder(path, depth + 1);
    }

    fn obstacle(&mut self, path: &Path, inode: u64, why: Hindrance) {
        let relative = self.relative(path);
        self.found.obstacles.push(Obstacle { folder: self.watch.name.clone(), relative, inode, why });
    }

    fn relative(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.watch.path).unwrap_or(path).to_owned()
    }
}

fn ending_is_one_of(path: &Path, endings: &[&str]) -> bool {
    path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| endings.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::WatchMode;

    fn watch(path: &Path) -> Watch {
        Watch { name: "skjema".into(), path: path.to_owned(), mode: WatchMode::Auto }
    }

    #[test]
    fn files_are_found_in_sub_folders_and_a_folder_watched_by_itself_is_left_alone() {
        let root = tempfile::tempdir().expect("a folder");
        for folder in ["a/b", "vedtak"] {
            std::fs::create_dir_all(root.path().join(folder)).expect("a folder");
        }
        for file in ["one.pdf", "a/b/two.tif", "vedtak/not-mine.pdf", ".hidden", "three.pdf.part"] {
            std::fs::write(root.path().join(file), b"x").expect("a file");
        }
        let scan = scan(&watch(root.path()), &[root.path().to_owned(), root.path().join("vedtak")]);
        let mut names: Vec<_> = scan.candidates.iter().map(|candidate| candidate.relative.to_str().expect("ASCII")).collect();
        names.sort_unstable();
        assert_eq!(names, ["a/b/two.tif", "one.pdf"]);
        assert_eq!(scan.obstacles.len(), 1);
        assert_eq!(scan.obstacles[0].why, Hindrance::Unfinished);
    }

    #[test]
    fn what_is_no_file_is_named_and_not_opened() {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::write(root.path().join("real"), b"x").expect("a file");
        std::os::unix::fs::symlink("/etc/passwd", root.path().join("link.pdf")).expect("a link");
        nix::unistd::mkfifo(&root.path().join("fifo.pdf"), nix::sys::stat::Mode::S_IRUSR).expect("a FIFO");
        let _socket = std::os::unix::net::UnixListener::bind(root.path().join("socket.pdf")).expect("a socket");
        std::fs::create_dir(root.path().join("x.pdf")).expect("a folder");
        let scan = scan(&watch(root.path()), &[]);
        assert_eq!(scan.candidates.len(), 1);
        let mut why: Vec<_> = scan.obstacles.iter().map(|obstacle| obstacle.why.to_string()).collect();
        why.sort_unstable();
        assert_eq!(why, ["a folder with a document's name", "a symbolic link", "not a regular file but a FIFO", "not a regular file but a socket"]);
    }

    #[test]
    fn neither_candidate_nor_obstacle_prints_a_file_name() {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::write(root.path().join("secret-name.pdf"), b"x").expect("a file");
        std::os::unix::fs::symlink("/etc/passwd", root.path().join("secret-link.pdf")).expect("a link");
        assert!(!format!("{:?}", scan(&watch(root.path()), &[])).contains("secret"));
    }
}
