//! Keys are made once, kept closed, and refused with a clear word when anything about them is not as it was left.

use nix::sys::stat::Mode;
use postsluse::audit::{self, Action, Actor, Chain, Detail, Entry, Subject};
use postsluse::clock::SharedEntropy;
use postsluse::document::{Digest, EnvelopeId};
use postsluse::vault::{KekId, KeyError, KeySource, KeyStatus, OpenError, Place, Vault};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

use crate::vault::{clock, entropy};

/// A new instance's keys in a folder of their own.
struct Keys {
    _outer: TempDir,
    folder: PathBuf,
    entropy: SharedEntropy,
    primary: KekId,
}

fn keys(seed: u64) -> Keys {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("keys");
    let entropy = entropy(seed);
    let primary = Vault::init(&folder, &clock(), entropy.clone()).unwrap().primary();
    Keys { _outer: outer, folder, entropy, primary }
}

impl Keys {
    fn open(&self) -> Result<Vault, KeyError> {
        Vault::open(&KeySource::Folder(self.folder.clone()), self.entropy.clone())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn kek(&self) -> PathBuf {
        self.file(&format!("kek-{}", self.primary))
    }

    fn index(&self) -> PathBuf {
        self.file(&format!("index-{}", self.primary))
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Replaces a file's content, whatever its mode forbids.
fn overwrite(path: &Path, content: impl AsRef<[u8]>) {
    fs::remove_file(path).unwrap();
    fs::write(path, content).unwrap();
    set_mode(path, 0o400);
}

#[test]
fn a_new_keyset_is_closed_to_others_and_opens_again() {
    let keys = keys(1);
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
    assert_eq!(mode(&keys.folder), 0o700);
    assert_eq!(keys.names(), [format!("index-{}", keys.primary), format!("kek-{}", keys.primary), "keyset.json".to_owned()]);
    assert!(keys.names().iter().all(|name| mode(&keys.file(name)) == 0o400));
    assert_eq!(fs::metadata(keys.kek()).unwrap().len(), 32);

    let vault = keys.open().unwrap();
    assert_eq!(vault.primary(), keys.primary);
    let [key] = vault.keys() else { panic!("one key") };
    assert_eq!((key.id, key.status, key.created.to_string().as_str()), (keys.primary, KeyStatus::Enabled, "2026-11-21T09:00:00Z"));
}

#[test]
fn init_closes_a_folder_that_is_there_and_leaves_what_else_lies_in_it() {
    let outer = tempfile::tempdir().unwrap();
    set_mode(outer.path(), 0o755);
    fs::write(outer.path().join("README.md"), "The keys of this instance.").unwrap();
    fs::write(outer.path().join("keyset.json.tmp"), "half").unwrap();
    fs::write(outer.path().join("kek-00000000.tmp"), "half").unwrap();
    Vault::init(outer.path(), &clock(), entropy(1)).unwrap();
    assert_eq!(fs::metadata(outer.path()).unwrap().mode() & 0o7777, 0o700);
    assert_eq!(fs::read_to_string(outer.path().join("README.md")).unwrap(), "The keys of this instance.");
}

#[test]
fn init_never_touches_a_folder_that_holds_any_key() {
    let keys = keys(1);
    let before: Vec<Vec<u8>> = keys.names().iter().map(|name| fs::read(keys.file(name)).unwrap()).collect();
    let message = Vault::init(&keys.folder, &clock(), entropy(2)).unwrap_err().to_string();
    assert!(message.contains("exists already, and keys are never overwritten\n"), "{message}");
    let after: Vec<Vec<u8>> = keys.names().iter().map(|name| fs::read(keys.file(name)).unwrap()).collect();
    assert!(before == after);

    fs::remove_file(keys.file("keyset.json")).unwrap();
    assert!(matches!(Vault::init(&keys.folder, &clock(), entropy(2)), Err(KeyError::Exists { .. })));
    fs::remove_file(keys.index()).unwrap();
    assert!(matches!(Vault::init(&keys.folder, &clock(), entropy(2)), Err(KeyError::Exists { path }) if path == keys.kek()));
}

/// What is broken, how, and the beginning of what the program says of it.
type Breakage = (&'static str, fn(&Keys), fn(&Keys) -> String);

const BREAKAGES: &[Breakage] = &[
    ("no folder", |keys| fs::remove_dir_all(&keys.folder).unwrap(), |keys| format!("the key folder {} does not exist", keys.folder.display())),
    (
        "a file for a folder",
        |keys| {
            fs::remove_dir_all(&keys.folder).unwrap();
            fs::write(&keys.folder, "").unwrap();
        },
        |keys| format!("{} is not a folder", keys.folder.display()),
    ),
    ("no keyset", |keys| fs::remove_file(keys.file("keyset.json")).unwrap(), |keys| format!("{} does not exist", keys.file("keyset.json").display())),
    ("no key", |keys| fs::remove_file(keys.kek()).unwrap(), |keys| format!("{} does not exist, and keyset.json names it", keys.kek().display())),
    ("no index secret", |keys| fs::remove_file(keys.index()).unwrap(), |keys| format!("{} does not exist, and keyset.json names it", keys.index().display())),
    ("a short key", |keys| overwrite(&keys.kek(), [7; 31]), |keys| format!("{} has 31 bytes; it must have exactly 32", keys.kek().display())),
    ("a line end behind the key", |keys| overwrite(&keys.kek(), [7; 33]), |keys| format!("{} has 33 bytes; it must have exactly 32", keys.kek().display())),
    ("an empty key", |keys| overwrite(&keys.kek(), []), |keys| format!("{} has 0 bytes; it must have exactly 32", keys.kek().display())),
    ("another key", |keys| overwrite(&keys.kek(), [7; 32]), |keys| format!("{} holds another key than the one keyset.json means", keys.kek().display())),
    (
        "another index secret",
        |keys| {
            let mut wrapped = fs::read(keys.index()).unwrap();
            wrapped[80] ^= 1;
            overwrite(&keys.index(), wrapped);
        },
        |keys| format!("{} holds another key than the one keyset.json means", keys.index().display()),
    ),
    ("a short index secret", |keys| overwrite(&keys.index(), [7; 32]), |keys| format!("{} has 32 bytes; it must have exactly 118", keys.index().display())),
    ("an open folder", |keys| set_mode(&keys.folder, 0o750), |keys| format!("{} has mode 0750, so others", keys.folder.display())),
    ("an open key", |keys| set_mode(&keys.kek(), 0o644), |keys| format!("{} has mode 0644, so others", keys.kek().display())),
    ("a key for the group", |keys| set_mode(&keys.kek(), 0o440), |keys| format!("{} has mode 0440, so others", keys.kek().display())),
    ("an open index secret", |keys| set_mode(&keys.index(), 0o404), |keys| format!("{} has mode 0404, so others", keys.index().display())),
    ("an open keyset", |keys| set_mode(&keys.file("keyset.json"), 0o444), |keys| format!("{} has mode 0444, so others", keys.file("keyset.json").display())),
    (
        "a link for a key",
        |keys| {
            fs::rename(keys.kek(), keys.folder.with_file_name("elsewhere")).unwrap();
            symlink(keys.folder.with_file_name("elsewhere"), keys.kek()).unwrap();
        },
        |keys| format!("{} is not a regular file", keys.kek().display()),
    ),
    (
        "a pipe for a key, which nobody writes to",
        |keys| {
            fs::remove_file(keys.kek()).unwrap();
            nix::unistd::mkfifo(&keys.kek(), Mode::S_IRUSR).unwrap();
        },
        |keys| format!("{} is not a regular file", keys.kek().display()),
    ),
    (
        "a folder for a keyset",
        |keys| {
            fs::remove_file(keys.file("keyset.json")).unwrap();
            fs::create_dir(keys.file("keyset.json")).unwrap();
        },
        |keys| format!("{} is not a regular file", keys.file("keyset.json").display()),
    ),
    (
        "a key that nobody knows",
        |keys| overwrite_new(&keys.file("kek-00c0ffee"), [7; 32]),
        |keys| format!("{} is a key that keyset.json does not know", keys.file("kek-00c0ffee").display()),
    ),
    (
        "a copy of a key",
        |keys| overwrite_new(&keys.file("kek-copy"), [7; 32]),
        |keys| format!("{} is a key that keyset.json does not know", keys.file("kek-copy").display()),
    ),
    ("an unknown primary key", |keys| edit_keyset(keys, |json| json["primary"] = "00c0ffee".into()), |_| "keyset.json knows no key 00c0ffee".to_owned()),
    (
        "a primary key that may not seal",
        |keys| edit_keyset(keys, |json| json["keys"][0]["status"] = "decrypt-only".into()),
        |keys| format!("the primary key {} is decrypt-only; only an enabled key can seal", keys.primary),
    ),
    (
        "a later version",
        |keys| edit_keyset(keys, |json| json["version"] = 2.into()),
        |keys| format!("{} has version 2; this program knows version 1", keys.file("keyset.json").display()),
    ),
    (
        "half a keyset",
        |keys| overwrite(&keys.file("keyset.json"), r#"{"version": 1, "primary""#),
        |keys| format!("{} cannot be read: EOF while parsing", keys.file("keyset.json").display()),
    ),
    (
        "an endless keyset",
        |keys| overwrite(&keys.file("keyset.json"), vec![b' '; (1 << 20) + 1]),
        |keys| format!("{} cannot be read: it has 1048577 bytes; the limit is 1048576", keys.file("keyset.json").display()),
    ),
];

fn overwrite_new(path: &Path, content: impl AsRef<[u8]>) {
    fs::write(path, content).unwrap();
    set_mode(path, 0o400);
}

fn edit_keyset(keys: &Keys, edit: fn(&mut serde_json::Value)) {
    let path = keys.file("keyset.json");
    let mut json = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    edit(&mut json);
    overwrite(&path, json.to_string());
}

#[test]
fn whatever_is_wrong_with_the_keys_is_said_in_one_line_with_what_to_do_in_another() {
    for (number, (what, break_it, expected)) in BREAKAGES.iter().enumerate() {
        let keys = keys(number as u64);
        assert!(keys.open().is_ok(), "before: {what}");
        break_it(&keys);
        let message = keys.open().map(|_| ()).unwrap_err().to_string();
        assert!(message.starts_with(&expected(&keys)), "{what}: {message}");
        let lines: Vec<&str> = message.lines().collect();
        assert!(lines.len() == 2 && lines[1].len() > 20, "{what}: {message}");
    }
}

/// Only root can give a file away, so this says something only when the tests run as root; the rule itself is tested beside the code.
#[test]
fn a_key_of_another_user_is_refused() {
    if !nix::unistd::Uid::effective().is_root() {
        return;
    }
    for name in ["", "keyset.json", "kek", "index"] {
        let keys = keys(1);
        let path = match name {
            "" => keys.folder.clone(),
            "kek" => keys.kek(),
            "index" => keys.index(),
            other => keys.file(other),
        };
        std::os::unix::fs::chown(&path, Some(12_345), None).unwrap();
        let message = keys.open().map(|_| ()).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{} belongs to user 12345, and this program runs as user 0\n", path.display())), "{message}");
    }
}

/// systemd's folder of credentials: read-only, with other services' secrets beside ours.
#[test]
fn keys_come_as_systemd_credentials_too() {
    let keys = keys(1);
    fs::write(keys.file("smtp-password"), "x").unwrap();
    for name in keys.names() {
        set_mode(&keys.file(&name), 0o440);
    }
    set_mode(&keys.folder, 0o550);
    assert!(keys.open().is_err());
    let source = KeySource::Credentials(keys.folder.clone());
    let vault = Vault::open(&source, keys.entropy.clone()).unwrap();
    assert_eq!(vault.primary(), keys.primary);

    set_mode(&keys.kek(), 0o444);
    let message = Vault::open(&source, keys.entropy.clone()).unwrap_err().to_string();
    assert!(
        message.contains("has mode 0444") && message.ends_with("hand it over with `LoadCredentialEncrypted=` or `LoadCredential=`, which set the mode"),
        "{message}"
    );
    set_mode(&keys.folder, 0o700);
}

#[test]
fn a_keyset_of_another_instance_is_noticed() {
    let (ours, other) = (keys(1).open().unwrap(), keys(2).open().unwrap());
    let stored = ours.adopt(None).unwrap();
    assert_eq!(ours.adopt(Some(stored.as_bytes())).unwrap(), stored);
    let message = other.adopt(Some(stored.as_bytes())).unwrap_err().to_string();
    assert!(message.starts_with(&format!("this is keyset {}, and what is stored was sealed with keyset {stored}\n", other.fingerprint())), "{message}");
    assert!(ours.adopt(Some(b"")).is_err());
}

const PLACE: Place<'static> = Place { table: "field", record: &[7; 16], field: "etternavn", revision: 0 };

#[test]
fn a_rotation_keeps_everything_and_an_old_key_can_go_after_it() {
    let keys = keys(1);
    let before = keys.open().unwrap();
    let id = EnvelopeId::new(&clock(), &*keys.entropy);
    let (envelope, wrapped) = before.new_envelope(id);
    let sealed = envelope.seal(&PLACE, b"Nordmann");
    let (tag, digest, mac) =
        (before.blind_index("person", "duf", "202203141502"), before.digest_index(&Digest([7; 32])), *before.audit_key().sign(&[b"x"]).as_bytes());

    let second = Vault::add_key(&keys.folder, &clock(), &keys.entropy).unwrap();
    assert_eq!(keys.open().unwrap().primary(), keys.primary);
    Vault::make_primary(&keys.folder, second, &keys.entropy).unwrap();
    let after = keys.open().unwrap();
    assert_eq!(after.keys().iter().map(|key| (key.id, key.status)).collect::<Vec<_>>(), [(keys.primary, KeyStatus::DecryptOnly), (second, KeyStatus::Enabled)]);
    assert_eq!(keys.names().iter().filter(|name| name.starts_with("index-")).count(), 1);

    // What outlives every rotation.
    assert_eq!(after.fingerprint(), before.fingerprint());
    assert_eq!(after.blind_index("person", "duf", "202203141502"), tag);
    assert_eq!(after.digest_index(&Digest([7; 32])), digest);
    assert_eq!(*after.audit_key().sign(&[b"x"]).as_bytes(), mac);

    // Old rows open, and are wrapped anew one by one; doing it twice does no harm.
    assert!(!after.is_current(&wrapped));
    let rewrapped = after.rewrap(id, &wrapped).unwrap();
    assert!(after.is_current(&rewrapped) && rewrapped.kek() == second);
    let again = after.rewrap(id, &rewrapped).unwrap();
    for wrapped in [&wrapped, &rewrapped, &again] {
        assert_eq!(&**after.open_envelope(id, wrapped).unwrap().open(&PLACE, sealed.as_bytes()).unwrap(), b"Nordmann");
    }
    assert_eq!(after.rewrap(EnvelopeId::new(&clock(), &*keys.entropy), &wrapped).unwrap_err().to_string().lines().count(), 2);

    // The old key goes; what was not rewrapped goes with it.
    Vault::destroy_key(&keys.folder, keys.primary).unwrap();
    Vault::destroy_key(&keys.folder, keys.primary).unwrap();
    assert!(!keys.kek().exists());
    let last = keys.open().unwrap();
    assert_eq!(last.open_envelope(id, &wrapped).unwrap_err(), OpenError::DestroyedKek { id: keys.primary });
    assert_eq!(&**last.open_envelope(id, &rewrapped).unwrap().open(&PLACE, sealed.as_bytes()).unwrap(), b"Nordmann");
}

#[test]
fn a_rotation_refuses_what_would_lose_data() {
    let keys = keys(1);
    let stranger: KekId = "00c0ffee".parse().unwrap();
    assert!(matches!(Vault::destroy_key(&keys.folder, keys.primary), Err(KeyError::PrimaryInUse { .. })));
    assert!(matches!(Vault::destroy_key(&keys.folder, stranger), Err(KeyError::UnknownId { .. })));
    assert!(matches!(Vault::make_primary(&keys.folder, stranger, &keys.entropy), Err(KeyError::UnknownId { .. })));

    let second = Vault::add_key(&keys.folder, &clock(), &keys.entropy).unwrap();
    Vault::make_primary(&keys.folder, second, &keys.entropy).unwrap();
    assert!(matches!(Vault::make_primary(&keys.folder, keys.primary, &keys.entropy), Err(KeyError::PrimaryNotEnabled { status: KeyStatus::DecryptOnly, .. })));
    assert_eq!(keys.open().unwrap().primary(), second);
}

/// The points where a step may have been interrupted, and what the next run makes of them.
#[test]
fn an_interrupted_rotation_is_finished_by_running_it_again() {
    let keys = keys(1);
    let old_index = fs::read(keys.index()).unwrap();
    let old_kek = fs::read(keys.kek()).unwrap();
    let second = Vault::add_key(&keys.folder, &clock(), &keys.entropy).unwrap();

    // make_primary: the new index secret is written, keyset.json is not.
    overwrite_new(&keys.file(&format!("index-{second}")), vec![0; 118]);
    assert!(keys.open().is_ok());
    Vault::make_primary(&keys.folder, second, &keys.entropy).unwrap();
    // make_primary: keyset.json is written, the old index secret is still there.
    overwrite_new(&keys.index(), old_index);
    assert!(keys.open().is_ok());
    Vault::make_primary(&keys.folder, second, &keys.entropy).unwrap();
    assert!(!keys.index().exists());

    // destroy_key: keyset.json is written, the key is still there.
    Vault::destroy_key(&keys.folder, keys.primary).unwrap();
    overwrite_new(&keys.kek(), old_kek);
    let message = keys.open().unwrap_err().to_string();
    assert!(message.starts_with(&format!("key {} is marked destroyed, and {} is still there\n", keys.primary, keys.kek().display())), "{message}");
    Vault::destroy_key(&keys.folder, keys.primary).unwrap();
    assert!(keys.open().is_ok());
}

#[test]
fn two_programs_do_not_change_the_keys_at_once() {
    let keys = keys(1);
    let lock = nix::fcntl::Flock::lock(fs::File::open(&keys.folder).unwrap(), nix::fcntl::FlockArg::LockExclusiveNonblock).unwrap();
    assert!(matches!(Vault::add_key(&keys.folder, &clock(), &keys.entropy), Err(KeyError::Busy { .. })));
    assert!(matches!(Vault::make_primary(&keys.folder, keys.primary, &keys.entropy), Err(KeyError::Busy { .. })));
    assert!(matches!(Vault::destroy_key(&keys.folder, keys.primary), Err(KeyError::Busy { .. })));
    assert!(keys.open().is_ok());
    drop(lock);
    assert!(Vault::add_key(&keys.folder, &clock(), &keys.entropy).is_ok());
}

/// The audit key is the index secret's, so a chain that was begun before a rotation goes on after it.
#[test]
fn the_audit_chain_goes_on_through_a_rotation() {
    let keys = keys(1);
    let at = "2026-11-21T09:00:00Z".parse().unwrap();
    let entry = |action, detail| Entry { actor: Actor::Operator { uid: 0 }, action, subject: Subject::System, detail };
    let first = Chain::link(&keys.open().unwrap().audit_key(), None, at, &entry(Action::InstancePinned, Detail::Nothing));
    let second = Vault::add_key(&keys.folder, &clock(), &keys.entropy).unwrap();
    Vault::make_primary(&keys.folder, second, &keys.entropy).unwrap();
    let key = keys.open().unwrap().audit_key();
    let next = Chain::link(&key, Some(&first.head()), at, &entry(Action::LeasesEnded, Detail::Count(2)));
    assert_eq!(audit::verify(&key, &[first, next.clone()]), Ok(next.head()));
}
