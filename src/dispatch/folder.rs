//! The outbox folder: where letters lie as `.eml` files when no mail server is configured.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::message::{Outgoing, Sender, compose};
use super::{Failure, MailerError, Sent};

/// A folder that letters are written into.
#[derive(Debug)]
pub struct Folder {
    folder: PathBuf,
    sender: Sender,
}

impl Folder {
    pub(super) fn new(folder: &Path, sender: Sender) -> Result<Self, MailerError> {
        if folder.is_dir() {
            Ok(Self { folder: folder.to_owned(), sender })
        } else {
            let why = format!("{} is not a folder", folder.display());
            Err(MailerError { field: "outbox.folder", why, advice: "make the folder, or name one that is there" })
        }
    }

    /// Writes the message under its own id. The same letter written again is the same file.
    pub(super) async fn send(&self, outgoing: &Outgoing) -> Result<Sent, Failure> {
        let (_, bytes) = compose(outgoing, &self.sender)?;
        let (folder, name) = (self.folder.clone(), outgoing.message_id.file_name());
        let written = tokio::task::spawn_blocking(move || write(&folder, &name, &bytes)).await;
        match written {
            Ok(Ok(())) => Ok(Sent),
            Ok(Err(error)) => Err(Failure::retry(code(&error))),
            Err(_) => Err(Failure::retry("folder_interrupted")),
        }
    }
}

/// A new name, its bytes on the disk, then the name that others see, then the folder itself: after a crash there is a whole letter or none.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!(".{name}.tmp"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, folder.join(name))?;
    File::open(folder)?.sync_all()
}

fn code(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "folder_full",
        io::ErrorKind::NotFound => "folder_missing",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "folder_closed",
        _ => "folder_io",
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::dispatch::Mailer;
    use crate::dispatch::message::tests::{outgoing, sender};

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_letter_becomes_one_file_however_often_it_is_sent() {
        let folder = tempfile::tempdir().expect("a folder");
        let mailer = Mailer::folder(folder.path(), sender()).expect("a mailer");
        // What a crash in the middle of an earlier try left.
        std::fs::write(folder.path().join(format!(".{}.tmp", outgoing().message_id.file_name())), b"half").expect("written");
        assert_eq!(mailer.send(&outgoing()).await, Ok(Sent));
        let file = folder.path().join(outgoing().message_id.file_name());
        let once = std::fs::read(&file).expect("the letter");
        assert_eq!(mailer.send(&outgoing()).await, Ok(Sent));
        assert!(once == std::fs::read(&file).expect("the letter"));
        assert_eq!(names(folder.path()), [outgoing().message_id.file_name()]);
        assert_eq!(std::fs::metadata(&file).expect("the letter").permissions().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_folder_that_is_gone_is_tried_again_and_a_bad_letter_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let mailer = Mailer::folder(folder.path(), sender()).expect("a mailer");
        let bad = Outgoing { subject: "x\ny".into(), ..outgoing() };
        assert_eq!(mailer.send(&bad).await, Err(Failure::last("bad_subject")));
        assert_eq!(names(folder.path()), Vec::<String>::new());
        folder.close().expect("removed");
        assert_eq!(mailer.send(&outgoing()).await, Err(Failure::retry("folder_missing")));
    }

    #[test]
    fn a_folder_that_is_not_there_is_told_at_the_start() {
        let message = Mailer::folder(Path::new("/nowhere/outbox"), sender()).unwrap_err().to_string();
        assert_eq!(message, "outbox.folder: /nowhere/outbox is not a folder\nmake the folder, or name one that is there");
    }
}
