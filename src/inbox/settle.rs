//! Says when a file has settled: nobody writes to it any more, so it may be taken (failures F1, F2).
//!
//! A file has settled when its size and time of change have stood still for the configured time, by our own observation; a file that is minutes
//! old when it is first seen came whole. One that does not end as its kind ends (a PDF without its trailer, nothing at all) gets a longer, bounded
//! wait: a slow scanner may have paused; after that it is taken and judged as it is. A file is never given up: what has not settled is
//! looked at again at every scan.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Candidate, FileIdentity};
use crate::clock::Timestamp;

/// A file this old was not being written a moment ago, whatever clock its folder goes by.
const OLD: Duration = Duration::from_mins(5);
/// The end of a file in which the mark is looked for that its kind ends with, bytes.
const TAIL: u64 = 1024;

/// Remembers since when each file has stood still.
#[derive(Debug)]
pub struct Settling {
    settle: Duration,
    trailer_wait: Duration,
    seen: HashMap<PathBuf, (FileIdentity, Timestamp)>,
}

impl Settling {
    /// A file settles after `settle` without a change; one that looks unfinished after `settle + trailer_wait`.
    #[must_use]
    pub fn new(settle: Duration, trailer_wait: Duration) -> Self {
        Self { settle, trailer_wait, seen: HashMap::new() }
    }

    /// Which of `candidates` have settled at `now`; the rest are remembered. Files that are gone are forgotten.
    pub fn settled(&mut self, candidates: Vec<Candidate>, now: Timestamp) -> Vec<Candidate> {
        let mut still_here = HashMap::with_capacity(candidates.len());
        let mut settled = Vec::new();
        for candidate in candidates {
            let since = match self.seen.get(&candidate.path) {
                Some((identity, since)) if *identity == candidate.identity => *since,
                // A file that came by renaming is as old as its content: it need not wait as if it were being written. The time is that of the folder's
                // machine, whose clock may be behind ours: only what is minutes old is believed.
                None => {
                    candidate.identity.modified().filter(|modified| Duration::try_from(now.duration_since(*modified)).is_ok_and(|age| age > OLD)).unwrap_or(now)
                }
                Some(_) => now,
            };
            still_here.insert(candidate.path.clone(), (candidate.identity, since));
            let stood_still = Duration::try_from(now.duration_since(since)).unwrap_or(Duration::ZERO);
            let whole = || stood_still >= self.settle.saturating_add(self.trailer_wait) || !looks_unfinished(&candidate.path, candidate.identity.size);
            if stood_still >= self.settle && whole() {
                settled.push(candidate);
            }
        }
        self.seen = still_here;
        settled
    }

    /// How many files are watched until they settle.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.seen.len()
    }
}

/// Whether the file does not end as its kind ends: `%%EOF` in the last line of a PDF (ISO 32000-1, 7.5.5; readers look in the last 1024 bytes), `IEND`
/// in a PNG, the end mark of a JPEG, a TIFF whose first directory is beyond its end. Less than a signature is nothing yet. A file that
/// cannot be read here is left to the intake to judge.
fn looks_unfinished(path: &Path, size: u64) -> bool {
    let looks = || -> std::io::Result<bool> {
        let flags = (nix::fcntl::OFlag::O_NOFOLLOW | nix::fcntl::OFlag::O_NONBLOCK).bits();
        let mut file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let mut head = [0u8; 8];
        if size < 8 {
            return Ok(true);
        }
        file.read_exact(&mut head)?;
        file.seek(SeekFrom::Start(size.saturating_sub(TAIL)))?;
        let mut tail = Vec::new();
        file.take(TAIL).read_to_end(&mut tail)?;
        let ends_with = |mark: &[u8]| tail.windows(mark.len()).any(|window| window == mark);
        let [_, _, _, _, offset @ ..] = head;
        Ok(match &head {
            [b'%', b'P', b'D', b'F', b'-', ..] => !ends_with(b"%%EOF"),
            [0x89, b'P', b'N', b'G', ..] => !ends_with(b"IEND"),
            [0xff, 0xd8, 0xff, ..] => !ends_with(&[0xff, 0xd9]),
            [b'I', b'I', 42, 0, ..] => u64::from(u32::from_le_bytes(offset)) >= size || offset == [0; 4],
            [b'M', b'M', 0, 42, ..] => u64::from(u32::from_be_bytes(offset)) >= size || offset == [0; 4],
            _ => false,
        })
    };
    looks().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ToSpan;
    use crate::document::Origin;

    fn candidate(path: &Path, size: u64, modified: Timestamp) -> Candidate {
        Candidate {
            folder: "skjema".into(),
            relative: PathBuf::from("x"),
            path: path.to_owned(),
            identity: FileIdentity { device: 1, inode: 2, size, modified_ns: modified.as_nanosecond() },
            origin: Origin::File,
        }
    }

    fn start() -> Timestamp {
        "2026-11-21T09:00:00Z".parse().expect("a literal timestamp")
    }

    #[test]
    fn f1_a_file_that_grows_settles_only_after_the_last_change() {
        let mut settling = Settling::new(Duration::from_millis(500), Duration::ZERO);
        let path = Path::new("/nonexistent/x");
        let at = |ms: i64| start() + ms.milliseconds();
        assert!(settling.settled(vec![candidate(path, 10, at(0))], at(100)).is_empty());
        assert!(settling.settled(vec![candidate(path, 20, at(400))], at(600)).is_empty(), "it grew");
        assert!(settling.settled(vec![candidate(path, 20, at(400))], at(1_000)).is_empty(), "400 ms since we saw it grow");
        assert_eq!(settling.settled(vec![candidate(path, 20, at(400))], at(1_100)).len(), 1);
    }

    #[test]
    fn a_file_moved_in_whole_is_taken_at_once() {
        let mut settling = Settling::new(Duration::from_millis(500), Duration::ZERO);
        let old = candidate(Path::new("/nonexistent/x"), 10, start() - 1.hours());
        assert_eq!(settling.settled(vec![old], start()).len(), 1);
        // A minute may be the difference of two clocks.
        let recent = candidate(Path::new("/nonexistent/y"), 10, start() - 1.minutes());
        assert!(settling.settled(vec![recent.clone()], start()).is_empty());
        assert_eq!(settling.settled(vec![recent], start() + 500.milliseconds()).len(), 1);
    }

    #[test]
    fn f1_what_does_not_end_as_its_kind_ends_waits_longer() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x");
        let tiff = |offset: u8| [b'I', b'I', 42, 0, offset, 0, 0, 0, 1, 0, 0, 0];
        let cases: [(&[u8], bool); 11] = [
            (b"", true),
            (b"%PDF", true),
            (b"%PDF-1.7 half", true),
            (b"%PDF-1.7 whole %%EOF\n", false),
            (b"\x89PNG\r\n\x1a\n half", true),
            (b"\x89PNG\r\n\x1a\n whole IEND\xae\x42\x60\x82", false),
            (b"\xff\xd8\xff\xe0 half a picture", true),
            (b"\xff\xd8\xff\xe0 whole \xff\xd9", false),
            (&tiff(0), true),
            (&tiff(8), false),
            (b"Vedtak: ja.", false),
        ];
        for (bytes, unfinished) in cases {
            std::fs::write(&path, bytes).expect("a file");
            assert_eq!(looks_unfinished(&path, bytes.len() as u64), unfinished, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_file_from_the_future_still_settles() {
        let mut settling = Settling::new(Duration::from_millis(500), Duration::ZERO);
        let odd = candidate(Path::new("/nonexistent/x"), 10, start() + 1.hours());
        assert!(settling.settled(vec![odd.clone()], start()).is_empty());
        assert_eq!(settling.settled(vec![odd], start() + 500.milliseconds()).len(), 1);
    }

    #[test]
    fn a_pdf_without_its_trailer_waits_longer_and_is_then_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cut.pdf");
        std::fs::write(&path, b"%PDF-1.7 half a scan").expect("a file");
        let mut settling = Settling::new(Duration::from_millis(500), Duration::from_secs(10));
        let cut = candidate(&path, 20, start());
        assert!(settling.settled(vec![cut.clone()], start() + 5.seconds()).is_empty());
        assert_eq!(settling.settled(vec![cut.clone()], start() + 16.seconds()).len(), 1);
        std::fs::write(&path, b"%PDF-1.7 whole\n%%EOF\n").expect("a file");
        let mut settling = Settling::new(Duration::from_millis(500), Duration::from_secs(10));
        assert!(settling.settled(vec![cut.clone()], start() + 1.seconds()).is_empty());
        assert_eq!(settling.settled(vec![cut], start() + 2.seconds()).len(), 1);
    }
}
