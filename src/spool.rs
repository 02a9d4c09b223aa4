//! The spool: a folder of sealed originals, one file a document.
//!
//! A file comes into being under a temporary name, is synced, renamed and its folder synced; so under its own name there is only ever a whole
//! file, also after a power cut. The spool sees sealed bytes only and knows nothing of keys, rows or documents; who may remove a file is
//! decided by [`crate::intake`], which knows the rows.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Why the spool cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The folder is not fit to hold sealed originals.
    #[error("the spool {path} cannot be used: {why}\n{advice}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
        /// What to do.
        advice: &'static str,
    },
    /// The disk says no. Tried again later: the file stays where it was.
    #[error("the spool cannot be written: {0}\nfree space on its disk; what waits is taken in by itself")]
    Disk(#[from] io::Error),
}

const SUFFIX: &str = ".sealed";
const UNFINISHED: &str = ".new";
/// Holds the spool's own name, by which a database knows that this is its spool.
const IDENTITY: &str = ".spool";

/// The folder of sealed originals.
#[derive(Debug, Clone)]
pub struct Spool {
    folder: PathBuf,
}

impl Spool {
    /// Opens the spool, and makes the folder (mode 0700) when it is not there.
    ///
    /// # Errors
    /// When it cannot be made, is no folder, or is open to others.
    pub fn open(folder: &Path) -> Result<Self, SpoolError> {
        let unusable = |why: String, advice| SpoolError::Folder { path: folder.to_owned(), why, advice };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| unusable(error.to_string(), "make the folder and give it to the service's user, or change `spool`"))?;
        let mode = std::fs::metadata(folder).map_err(|error| unusable(error.to_string(), "give the service's user leave to read it"))?.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(unusable(format!("its mode is {mode:04o}"), "run chmod 0700 on it: sealed originals are for the service alone"));
        }
        Ok(Self { folder: folder.to_owned() })
    }

    /// The spool's own name; none when it has none yet.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn identity(&self) -> io::Result<Option<String>> {
        match std::fs::read_to_string(self.folder.join(IDENTITY)) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gives the spool a name, unless it has one: the name it has now.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn identify(&self, name: &str) -> io::Result<String> {
        if let Some(known) = self.identity()? {
            return Ok(known);
        }
        let begun = self.folder.join(format!("{IDENTITY}-{name}"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&begun)?;
        writeln!(file, "{name}")?;
        file.sync_all()?;
        // A link and not a renaming: of two daemons that start at once the second finds the name that the first has given.
        match std::fs::hard_link(&begun, self.folder.join(IDENTITY)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => std::fs::remove_file(&begun)?,
        }
        sync_folder(&self.folder)?;
        Ok(self.identity()?.unwrap_or_default())
    }

    /// Starts a new file. It gets its name only by [`NewFile::keep`]; dropped before that, it is removed.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn create(&self, name: &str) -> io::Result<NewFile> {
        let path = self.folder.join(format!("{name}{UNFINISHED}"));
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        Ok(NewFile { file, path, kept: self.path(name), folder: self.folder.clone(), done: false })
    }

    /// Opens a kept file.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    pub fn read(&self, name: &str) -> io::Result<File> {
        File::open(self.path(name))
    }

    /// Removes a kept file; one that is not there is no error.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match std::fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => sync_folder(&self.folder),
        }
    }

    /// The names of all files, kept ones and those that were never finished.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn names(&self) -> io::Result<Vec<SpoolName>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let file = entry?.file_name();
            let Some(text) = file.to_str() else { continue };
            if let Some(name) = text.strip_suffix(UNFINISHED) {
                names.push(SpoolName::Unfinished(name.to_owned()));
            } else if let Some(name) = text.strip_suffix(SUFFIX) {
                names.push(SpoolName::Kept(name.to_owned()));
            }
        }
        Ok(names)
    }

    /// Removes a file that was never finished; one that is not there is no error.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn remove_unfinished(&self, name: &str) -> io::Result<()> {
        match std::fs::remove_file(self.folder.join(format!("{name}{UNFINISHED}"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}{SUFFIX}"))
    }

    /// Takes the first free place of a daemon at this spool. The kernel frees a place when its process dies, however it dies: so whoever takes the
    /// place next knows that the leases of that place are nobody's.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn take_place(&self) -> io::Result<DaemonPlace> {
        for number in 1.. {
            let path = self.folder.join(format!(".daemon-{number}"));
            let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
            match file.try_lock() {
                Ok(()) => return Ok(DaemonPlace { number, _lock: file }),
                Err(std::fs::TryLockError::WouldBlock) => {}
                Err(std::fs::TryLockError::Error(error)) => return Err(error),
            }
        }
        unreachable!("there are more numbers than daemons")
    }
}

/// A daemon's place at a spool, held until it is dropped or the process dies.
#[derive(Debug)]
pub struct DaemonPlace {
    /// The place's number, from 1.
    pub number: u32,
    _lock: File,
}

/// A file in the spool, by its name without ending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpoolName {
    /// Whole and durable.
    Kept(String),
    /// Begun by a daemon that is still writing it, or that died.
    Unfinished(String),
}

/// A file that has not got its name yet.
#[derive(Debug)]
pub struct NewFile {
    file: File,
    path: PathBuf,
    kept: PathBuf,
    folder: PathBuf,
    done: bool,
}

impl NewFile {
    /// Makes the file durable under its name: fsync, rename, fsync of the folder.
    ///
    /// # Errors
    /// When the disk says no; the file is then removed.
    pub fn keep(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        std::fs::rename(&self.path, &self.kept)?;
        self.done = true;
        sync_folder(&self.folder)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.done {
            // Nothing hangs on it: what is left over is swept at the next start.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_name_only_when_it_is_kept() {
        let root = tempfile::tempdir().expect("a folder");
        let spool = Spool::open(&root.path().join("spool")).expect("a new spool");
        let mut begun = spool.create("one").expect("a new file");
        begun.write_all(b"sealed").expect("room");
        assert_eq!(spool.names().expect("readable"), [SpoolName::Unfinished("one".into())]);
        begun.keep().expect("room");
        assert_eq!(spool.names().expect("readable"), [SpoolName::Kept("one".into())]);
        drop(spool.create("two").expect("a new file"));
        assert_eq!(spool.names().expect("readable").len(), 1, "what is dropped leaves nothing");
        spool.remove("one").expect("it is there");
        spool.remove("one").expect("removing twice is no error");
    }

    #[test]
    fn a_spool_keeps_the_first_name_it_is_given() {
        let root = tempfile::tempdir().expect("a folder");
        let spool = Spool::open(&root.path().join("spool")).expect("a new spool");
        assert_eq!(spool.identity().expect("readable"), None);
        assert_eq!(spool.identify("one").expect("room"), "one");
        assert_eq!(spool.identify("two").expect("room"), "one");
        assert_eq!(spool.identity().expect("readable").as_deref(), Some("one"));
        assert!(spool.names().expect("readable").is_empty(), "its name is no sealed file");
    }

    #[test]
    fn a_place_is_free_again_when_its_holder_is_gone() {
        let root = tempfile::tempdir().expect("a folder");
        let spool = Spool::open(&root.path().join("spool")).expect("a new spool");
        let first = spool.take_place().expect("room");
        let second = spool.take_place().expect("room");
        assert_eq!((first.number, second.number), (1, 2));
        drop(first);
        assert_eq!(spool.take_place().expect("room").number, 1);
        assert!(spool.names().expect("readable").is_empty(), "a place is no sealed file");
    }

    #[test]
    fn a_spool_that_others_can_read_is_refused() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("spool");
        DirBuilder::new().mode(0o755).create(&folder).expect("a folder");
        let text = Spool::open(&folder).expect_err("others can read it").to_string();
        assert!(text.contains("0755") && text.contains("chmod 0700"), "{text}");
    }
}
