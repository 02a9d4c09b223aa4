//! Where the bytes come from that are sealed into the spool: a file, a message on its way from a mail server, or a sealed copy.

use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::inbox::FileIdentity;
use crate::spool::Spool;
use crate::vault::{OpenedStream, StreamOpener};

/// Bytes that can be asked for. Cheap to clone.
#[derive(Clone)]
pub struct Source(Arc<dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync>);

/// A piece of a message on its way. The last is empty: an end of the channel without it is a cut.
pub type Piece = Zeroizing<Vec<u8>>;

/// Whoever sends here is sent the pieces of a message, from the first on.
pub type Asking = mpsc::Sender<mpsc::Sender<io::Result<Piece>>>;

impl Source {
    /// The file at `path`, as long as it is the one with `identity`.
    #[must_use]
    pub fn file(path: &Path, identity: FileIdentity) -> Self {
        let path = path.to_owned();
        Self(Arc::new(move || Ok(Box::new(SettledFile::open(&path, identity)?))))
    }

    /// A message that whoever listens on `asked` sends piece by piece, each time from the first on.
    #[must_use]
    pub fn message(asked: Asking) -> Self {
        Self(Arc::new(move || {
            let (to, pieces) = mpsc::channel(2);
            asked.blocking_send(to).map_err(|_| cut())?;
            Ok(Box::new(Message { pieces, piece: Piece::default(), at: 0, ended: false }))
        }))
    }

    /// A sealed copy in the spool.
    pub(super) fn spooled(spool: &Spool, name: &str, opener: impl Fn() -> StreamOpener + Send + Sync + 'static) -> Self {
        let (spool, name) = (spool.clone(), name.to_owned());
        Self(Arc::new(move || Ok(Box::new(OpenedStream::new(spool.read(&name)?, opener())))))
    }

    /// The bytes from the first on. To be called where waiting is allowed.
    pub(super) fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        (self.0)()
    }
}

/// Whether the error says that what was to be read is gone or is something else by now.
pub(super) fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.get_ref().and_then(|inner| inner.downcast_ref::<Changed>()).is_some()
}

/// It is not the file that was seen.
#[derive(Debug, thiserror::Error)]
#[error("it is not the file that was seen, or changed while it was read")]
struct Changed;

struct SettledFile {
    file: std::fs::File,
    identity: FileIdentity,
    /// How many bytes may still come. One more than were seen: it tells a file that grows without following it to its end.
    left: u64,
}

impl SettledFile {
    /// Opens a regular file without following a link and without ever waiting for a FIFO's other end or a device.
    fn open(path: &Path, identity: FileIdentity) -> io::Result<Self> {
        let flags = (nix::fcntl::OFlag::O_NOFOLLOW | nix::fcntl::OFlag::O_NONBLOCK).bits();
        let file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let opened = file.metadata()?;
        if !opened.is_file() || FileIdentity::of(&opened) != identity {
            return Err(io::Error::other(Changed));
        }
        Ok(Self { file, identity, left: identity.size + 1 })
    }
}

impl Read for SettledFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = (&mut self.file).take(self.left).read(buffer)?;
        self.left -= read as u64;
        if self.left == 0 || (read == 0 && (self.left != 1 || FileIdentity::of(&self.file.metadata()?) != self.identity)) {
            return Err(io::Error::other(Changed));
        }
        Ok(read)
    }
}

struct Message {
    pieces: mpsc::Receiver<io::Result<Piece>>,
    piece: Piece,
    at: usize,
    ended: bool,
}

impl Read for Message {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() && !self.ended {
            self.piece = self.pieces.blocking_recv().unwrap_or_else(|| Err(cut()))?;
            self.at = 0;
            self.ended = self.piece.is_empty();
        }
        let read = buffer.len().min(self.piece.len() - self.at);
        buffer[..read].copy_from_slice(&self.piece[self.at..self.at + read]);
        self.at += read;
        Ok(read)
    }
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the connection ended in the middle of the message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_is_cut_is_no_message() {
        let (asked, mut asks) = mpsc::channel::<mpsc::Sender<io::Result<Piece>>>(1);
        let server = std::thread::spawn(move || {
            for whole in [true, false] {
                let to = asks.blocking_recv().expect("it is asked for");
                for piece in [&b"From: a"[..], b"@b\r\n"] {
                    to.blocking_send(Ok(piece.to_vec().into())).expect("it is taken");
                }
                if whole {
                    to.blocking_send(Ok(Piece::default())).expect("it is taken");
                }
            }
        });
        let source = Source::message(asked);
        assert_eq!(io::read_to_string(source.open().expect("a message")).expect("whole"), "From: a@b\r\n");
        let error = io::read_to_string(source.open().expect("a message")).expect_err("it was cut");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        server.join().expect("an orderly end");
        assert!(source.open().is_err());
    }

    #[test]
    fn a_file_that_grows_or_is_replaced_is_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        std::fs::write(&path, b"one").expect("a file");
        let identity = FileIdentity::of(&std::fs::metadata(&path).expect("a file"));
        let source = Source::file(&path, identity);
        assert_eq!(io::read_to_string(source.open().expect("a file")).expect("whole"), "one");
        let mut opened = source.open().expect("a file");
        std::fs::write(&path, b"one more").expect("a file");
        assert!(is_gone(&io::copy(&mut opened, &mut io::sink()).expect_err("it grew")));
        assert!(is_gone(&source.open().map(drop).expect_err("it is another")));
        std::fs::remove_file(&path).expect("removed");
        assert!(is_gone(&source.open().map(drop).expect_err("it is gone")));
    }
}
