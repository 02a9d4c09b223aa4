//! The folder the keys live in, and the care it takes: who may reach it, how its files are read and written.
//!
//! Every file is opened once, without following a link and without waiting for a pipe, and judged by what was opened. A file is written
//! under a temporary name, brought to disk, renamed, and the folder brought to disk after it, so that a power cut leaves the old file or the
//! new one and never half of one.

use nix::fcntl::{Flock, FlockArg, OFlag};
use nix::unistd::Uid;
use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::error::KeyError;
use super::secret::{Kek, KekId};
use super::wrap::{WRAPPED_BYTES, WrappedIndexSecret};

/// The keyset's file.
const KEYSET: &str = "keyset.json";
/// A keyset lists a few keys; what is larger is not one.
const KEYSET_BYTES_MAX: u64 = 1 << 20;
const ASK_OWNER: &str = "run the program as the user that owns the keys, and see that the disk is sound";
const MAKE_ROOM: &str = "see that the folder can be written by this user and that the disk has room; what was there is unchanged";

/// Where the keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A folder of our own: mode 0700, files 0400, ours or root's.
    Folder(PathBuf),
    /// The folder in which systemd hands over credentials (`$CREDENTIALS_DIRECTORY`), with the credentials `keyset.json`, `kek-<id>` and
    /// `index-<id>`. systemd sets owner and mode; where it grants access by an access-control list, the group bits show the list's mask.
    Credentials(PathBuf),
}

impl KeySource {
    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Folder(path) | Self::Credentials(path) => path,
        }
    }

    /// The permission bits that no folder or file may have.
    fn forbidden_bits(&self) -> u32 {
        match self {
            Self::Folder(_) => 0o077,
            Self::Credentials(_) => 0o027,
        }
    }
}

/// A folder of keys that is there and that nobody else can reach.
pub(super) struct Folder {
    source: KeySource,
    handle: File,
}

impl Folder {
    /// Opens the folder and checks it.
    pub(super) fn open(source: &KeySource) -> Result<Self, KeyError> {
        let path = source.path().to_owned();
        let handle = File::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => KeyError::FolderMissing { path: path.clone() },
            _ => failed("open", &path, ASK_OWNER)(error),
        })?;
        let metadata = handle.metadata().map_err(failed("examine", &path, ASK_OWNER))?;
        if !metadata.is_dir() {
            return Err(KeyError::NotAFolder { path });
        }
        check_access(source, &path, Standing::of(&metadata), "0700")?;
        Ok(Self { source: source.clone(), handle })
    }

    /// Makes the folder if it is not there, and closes it to others if it is ours and holds no keys yet.
    pub(super) fn create(path: &Path) -> Result<Self, KeyError> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed("make", path, MAKE_ROOM))?;
        if let Some(taken) = key_files(path)?.into_iter().next() {
            return Err(KeyError::Exists { path: path.join(taken) });
        }
        std::fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(failed("close to others", path, MAKE_ROOM))?;
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            File::open(parent).and_then(|parent| parent.sync_all()).map_err(failed("write", parent, MAKE_ROOM))?;
        }
        Self::open(&KeySource::Folder(path.to_owned()))
    }

    /// Keeps every other program from changing the keys until the lock is dropped.
    pub(super) fn lock(&self) -> Result<Flock<File>, KeyError> {
        let path = self.source.path();
        let handle = self.handle.try_clone().map_err(failed("lock", path, ASK_OWNER))?;
        Flock::lock(handle, FlockArg::LockExclusiveNonblock).map_err(|(_, error)| match error {
            nix::errno::Errno::EWOULDBLOCK => KeyError::Busy { path: path.to_owned() },
            _ => failed("lock", path, ASK_OWNER)(error.into()),
        })
    }

    /// The path of a key's file.
    pub(super) fn path_of_kek(&self, id: KekId) -> PathBuf {
        self.path_of(&kek_name(id))
    }

    /// The path of the index secret's file.
    pub(super) fn path_of_index_secret(&self, id: KekId) -> PathBuf {
        self.path_of(&index_name(id))
    }

    /// The path and content of `keyset.json`.
    pub(super) fn read_keyset(&self) -> Result<(PathBuf, Vec<u8>), KeyError> {
        let path = self.path_of(KEYSET);
        let (file, bytes) = self.open_file(KEYSET)?.ok_or_else(|| KeyError::KeysetMissing { path: path.clone() })?;
        if bytes > KEYSET_BYTES_MAX {
            return Err(KeyError::Malformed { path, reason: format!("it has {bytes} bytes; the limit is {KEYSET_BYTES_MAX}") });
        }
        let mut text = Vec::new();
        file.take(KEYSET_BYTES_MAX).read_to_end(&mut text).map_err(failed("read", &path, ASK_OWNER))?;
        Ok((path, text))
    }

    /// The key in the file of `id`.
    pub(super) fn read_kek(&self, id: KekId) -> Result<Kek, KeyError> {
        let mut kek = Kek::blank();
        self.read_exactly(&kek_name(id), kek.bytes_mut())?;
        Ok(kek)
    }

    /// The content of the index secret's file that is wrapped under `id`.
    pub(super) fn read_index_secret(&self, id: KekId) -> Result<[u8; WRAPPED_BYTES], KeyError> {
        let mut wrapped = [0; WRAPPED_BYTES];
        self.read_exactly(&index_name(id), &mut wrapped)?;
        Ok(wrapped)
    }

    /// Whether the file of key `id` is there.
    pub(super) fn has_kek(&self, id: KekId) -> bool {
        self.path_of_kek(id).symlink_metadata().is_ok()
    }

    /// The first key file that `known` does not know.
    pub(super) fn stray_kek(&self, known: impl Fn(KekId) -> bool) -> Result<Option<PathBuf>, KeyError> {
        let stray = |name: &String| name.strip_prefix(KEK_PREFIX).is_some_and(|id| !id.parse().is_ok_and(&known));
        Ok(key_files(self.source.path())?.into_iter().find(stray).map(|name| self.path_of(&name)))
    }

    pub(super) fn write_kek(&self, id: KekId, kek: &Kek) -> Result<(), KeyError> {
        self.write(&kek_name(id), kek.bytes())
    }

    pub(super) fn write_index_secret(&self, wrapped: &WrappedIndexSecret) -> Result<(), KeyError> {
        self.write(&index_name(wrapped.kek()), wrapped.as_bytes())
    }

    pub(super) fn write_keyset(&self, json: &[u8]) -> Result<(), KeyError> {
        self.write(KEYSET, json)
    }

    /// Removes the file of key `id`, if it is there.
    pub(super) fn remove_kek(&self, id: KekId) -> Result<(), KeyError> {
        self.remove(&kek_name(id))
    }

    /// Removes every index secret file but the one under `id`: a step that was interrupted may have left one.
    pub(super) fn remove_index_secrets_but(&self, id: KekId) -> Result<(), KeyError> {
        let names = key_files(self.source.path())?;
        names.iter().filter(|name| name.starts_with(INDEX_PREFIX) && **name != index_name(id)).try_for_each(|name| self.remove(name))
    }

    fn path_of(&self, name: &str) -> PathBuf {
        self.source.path().join(name)
    }

    /// Opens a file of the folder and checks it; none when it is not there. Gives its length too.
    fn open_file(&self, name: &str) -> Result<Option<(File, u64)>, KeyError> {
        let path = self.path_of(name);
        let opened = OpenOptions::new().read(true).custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits()).open(&path);
        let file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if path.symlink_metadata().is_ok_and(|metadata| !metadata.is_file()) => {
                drop(error);
                return Err(KeyError::NotAFile { path });
            }
            Err(error) => return Err(failed("open", &path, ASK_OWNER)(error)),
        };
        let metadata = file.metadata().map_err(failed("examine", &path, ASK_OWNER))?;
        if !metadata.is_file() {
            return Err(KeyError::NotAFile { path });
        }
        check_access(&self.source, &path, Standing::of(&metadata), "0400")?;
        Ok(Some((file, metadata.len())))
    }

    fn read_exactly(&self, name: &str, content: &mut [u8]) -> Result<(), KeyError> {
        let path = self.path_of(name);
        let (mut file, bytes) = self.open_file(name)?.ok_or_else(|| KeyError::FileMissing { path: path.clone() })?;
        let expected = content.len() as u64;
        if bytes != expected {
            return Err(KeyError::Length { path, bytes, expected });
        }
        file.read_exact(content).map_err(failed("read", &path, ASK_OWNER))
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), KeyError> {
        let (path, temporary) = (self.path_of(name), self.path_of(&format!("{name}{TEMPORARY_SUFFIX}")));
        let write = || -> io::Result<()> {
            match std::fs::remove_file(&temporary) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o400).open(&temporary)?;
            file.write_all(content)?;
            file.sync_all()?;
            std::fs::rename(&temporary, &path)?;
            self.handle.sync_all()
        };
        write().map_err(failed("write", &path, MAKE_ROOM))
    }

    fn remove(&self, name: &str) -> Result<(), KeyError> {
        let path = self.path_of(name);
        match std::fs::remove_file(&path).and_then(|()| self.handle.sync_all()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", &path, ASK_OWNER)(error)),
            _ => Ok(()),
        }
    }
}

const KEK_PREFIX: &str = "kek-";
const INDEX_PREFIX: &str = "index-";
/// A file with this end is being written, or its writing was interrupted: it is nobody's key.
const TEMPORARY_SUFFIX: &str = ".tmp";

fn kek_name(id: KekId) -> String {
    format!("{KEK_PREFIX}{id}")
}

fn index_name(id: KekId) -> String {
    format!("{INDEX_PREFIX}{id}")
}

/// The names in the folder that belong to a keyset.
fn key_files(folder: &Path) -> Result<Vec<String>, KeyError> {
    let read = || -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let ours = name == KEYSET || name.starts_with(KEK_PREFIX) || name.starts_with(INDEX_PREFIX);
            if ours && !name.ends_with(TEMPORARY_SUFFIX) {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    };
    read().map_err(failed("list", folder, ASK_OWNER))
}

/// Who owns a folder or file, and who may reach it.
#[derive(Debug, Clone, Copy)]
struct Standing {
    mode: u32,
    owner: u32,
    user: u32,
}

impl Standing {
    fn of(metadata: &Metadata) -> Self {
        Self { mode: metadata.mode() & 0o7777, owner: metadata.uid(), user: Uid::effective().as_raw() }
    }
}

fn check_access(source: &KeySource, path: &Path, standing: Standing, right_mode: &str) -> Result<(), KeyError> {
    let Standing { mode, owner, user } = standing;
    if owner != 0 && owner != user {
        return Err(KeyError::Owner { path: path.to_owned(), owner, user });
    }
    if mode & source.forbidden_bits() != 0 {
        let advice = match source {
            KeySource::Folder(_) => format!("run `chmod {right_mode} {}`; if others may have read it, make a new key and rewrap", path.display()),
            KeySource::Credentials(_) => "hand it over with `LoadCredentialEncrypted=` or `LoadCredential=`, which set the mode".to_owned(),
        };
        return Err(KeyError::Mode { path: path.to_owned(), mode, advice });
    }
    Ok(())
}

fn failed<'a>(action: &'static str, path: &'a Path, advice: &'static str) -> impl Fn(io::Error) -> KeyError + 'a {
    move |source| KeyError::Io { action, path: path.to_owned(), advice, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(source: &KeySource, mode: u32, owner: u32, user: u32) -> Result<(), String> {
        check_access(source, source.path(), Standing { mode, owner, user }, "0400").map_err(|error| error.to_string())
    }

    /// As another user than the one the tests run as, which may be root or not.
    #[test]
    fn only_root_and_we_may_own_a_key() {
        for source in [KeySource::Folder("/k".into()), KeySource::Credentials("/k".into())] {
            assert_eq!(judged(&source, 0o400, 1000, 1000), Ok(()));
            assert_eq!(judged(&source, 0o400, 0, 1000), Ok(()));
            let message = judged(&source, 0o400, 1001, 1000).unwrap_err();
            assert_eq!(
                message,
                "/k belongs to user 1001, and this program runs as user 1000\nrun `chown 1000 /k`, or start the program as the user that owns the keys"
            );
            assert!(judged(&source, 0o400, 1001, 0).is_err());
        }
    }

    #[test]
    fn every_bit_of_group_and_others_is_refused_in_a_folder_of_our_own() {
        let folder = KeySource::Folder("/k".into());
        assert!([0o400, 0o600, 0o700].iter().all(|mode| judged(&folder, *mode, 0, 0).is_ok()));
        for bit in [0o040, 0o020, 0o010, 0o004, 0o002, 0o001] {
            let message = judged(&folder, 0o400 | bit, 0, 0).unwrap_err();
            assert!(message.starts_with(&format!("/k has mode {:04o}, so others", 0o400 | bit)), "{message}");
        }
    }

    /// systemd with access-control lists: root's, r--r----- and r-xr-x---, where the group bits are the list's mask.
    #[test]
    fn a_credential_may_show_the_mask_of_its_list_and_no_more() {
        let credentials = KeySource::Credentials("/k".into());
        assert!([0o400, 0o440, 0o500, 0o550].iter().all(|mode| judged(&credentials, *mode, 0, 1000).is_ok()));
        assert!([0o404, 0o460, 0o444, 0o701].iter().all(|mode| judged(&credentials, *mode, 0, 1000).is_err()));
    }
}
