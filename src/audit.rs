//! The audit chain: who did what to which document, record or key, when, and in which order.
//!
//! Each entry is a [`Link`]: the columns of its row and a MAC over them and over the MAC before. Whoever has the database but not the keys
//! cannot change, remove, reorder or replace an entry without [`verify`] saying where. Only a cut tail leaves a sound chain behind; against
//! that a [`Head`] is written out from time to time, kept elsewhere, and handed to the [`Verifier`] as a checkpoint.
//!
//! This module is pure: the store appends links inside the transactions that make the changes. An entry has no place for free text, so no
//! name, number or health word can get into it; and it refers to nothing that shredding removes, so the chain stays whole after it.

mod entry;

use std::fmt;

pub use entry::{Action, Actor, Code, Detail, Entry, NotACode, Reason, Role, Subject};

use crate::clock::Timestamp;
use crate::vault::{AuditKey, AuditMac};

/// Appends to the chain.
#[derive(Debug)]
pub struct Chain;

impl Chain {
    /// The link of `entry` behind `previous` (none at the beginning), with the clock's time rounded down to a microsecond, which every
    /// database keeps.
    ///
    /// The caller sees to it that two links never follow the same one: by reading the head and writing the link in one transaction.
    #[must_use]
    pub fn link(key: &AuditKey, previous: Option<&Head>, at: Timestamp, entry: &Entry) -> Link {
        let previous = previous.copied().unwrap_or(Head::START);
        let mut link = Link {
            sequence: previous.sequence + 1,
            at: Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at),
            actor: entry.actor.to_string(),
            action: entry.action.to_string(),
            subject: entry.subject.to_string(),
            detail: entry.detail.to_string(),
            mac: previous.mac,
        };
        link.mac = with_encoding(&link, &previous, |parts| key.sign(parts));
        link
    }
}

/// One row of the chain. The columns are texts, so that a row which no program wrote can be judged as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its number, from 1, without gaps.
    pub sequence: u64,
    /// When, by the clock of the machine that wrote it, to the microsecond.
    pub at: Timestamp,
    /// Who: see [`Actor`].
    pub actor: String,
    /// What: [`Action::name`].
    pub action: String,
    /// To what: see [`Subject`].
    pub subject: String,
    /// Numbers and codes: see [`Detail`].
    pub detail: String,
    /// HMAC-SHA-256 over all of it and the MAC before.
    pub mac: AuditMac,
}

impl Link {
    /// The end of a chain that ends with this link.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { sequence: self.sequence, mac: self.mac }
    }
}

/// What the MAC is over, in `docs/vault-format.md` too.
fn with_encoding<T>(link: &Link, previous: &Head, use_it: impl FnOnce(&[&[u8]]) -> T) -> T {
    let (sequence, at) = (link.sequence.to_be_bytes(), link.at.as_microsecond().to_be_bytes());
    use_it(&[
        b"postsluse/1/audit entry",
        previous.mac.as_bytes(),
        &sequence,
        &at,
        link.actor.as_bytes(),
        link.action.as_bytes(),
        link.subject.as_bytes(),
        link.detail.as_bytes(),
    ])
}

/// The end of a chain. Written out (as `17:` and the MAC's 64 digits) and kept away from the database, it is a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of the last entry; 0 when there is none.
    pub sequence: u64,
    /// Its MAC.
    pub mac: AuditMac,
}

impl Head {
    /// The end of the empty chain.
    pub const START: Self = Self { sequence: 0, mac: AuditMac::ZERO };
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sequence, self.mac)
    }
}

impl std::str::FromStr for Head {
    type Err = NotACheckpoint;

    fn from_str(text: &str) -> Result<Self, NotACheckpoint> {
        let parse = || {
            let (sequence, mac) = text.split_once(':')?;
            let head = Self { sequence: sequence.parse().ok()?, mac: AuditMac::parse(mac)? };
            (head.to_string() == text).then_some(head)
        };
        parse().ok_or(NotACheckpoint)
    }
}

/// A text that is not a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a checkpoint of the audit chain\na checkpoint is one line: a number, a colon and 64 digits of 0-9 and a-f")]
pub struct NotACheckpoint;

/// Checks a whole chain, from its first link.
///
/// # Errors
/// At the first place where the chain does not hold.
pub fn verify<'a>(key: &AuditKey, links: impl IntoIterator<Item = &'a Link>) -> Result<Head, Broken> {
    let mut verifier = Verifier::new(key, &[]);
    links.into_iter().try_for_each(|link| verifier.push(link))?;
    verifier.finish()
}

/// Checks a chain link by link, as the rows come, and against checkpoints.
#[derive(Debug)]
pub struct Verifier<'a> {
    key: &'a AuditKey,
    checkpoints: &'a [Head],
    head: Head,
}

impl<'a> Verifier<'a> {
    /// Begins. `checkpoints` are heads that were written out earlier, in any order.
    #[must_use]
    pub fn new(key: &'a AuditKey, checkpoints: &'a [Head]) -> Self {
        Self { key, checkpoints, head: Head::START }
    }

    /// Takes the next link, in the order of the rows' numbers.
    ///
    /// # Errors
    /// When it does not follow the one before.
    pub fn push(&mut self, link: &Link) -> Result<(), Broken> {
        let expected = self.head.sequence + 1;
        if link.sequence > expected {
            return Err(Broken::Missing { first: expected, next: link.sequence });
        }
        if link.sequence < expected {
            return Err(Broken::OutOfOrder { found: link.sequence, expected });
        }
        if !with_encoding(link, &self.head, |parts| self.key.verifies(parts, &link.mac)) {
            return Err(Broken::Altered { sequence: link.sequence });
        }
        self.head = link.head();
        let another = |checkpoint: &Head| checkpoint.sequence == self.head.sequence && *checkpoint != self.head;
        if self.checkpoints.iter().any(another) { Err(Broken::Rewritten { sequence: self.head.sequence }) } else { Ok(()) }
    }

    /// Says that no more links come.
    ///
    /// # Errors
    /// When a checkpoint lies behind the end.
    pub fn finish(self) -> Result<Head, Broken> {
        match self.checkpoints.iter().map(|checkpoint| checkpoint.sequence).max() {
            Some(known) if known > self.head.sequence => Err(Broken::Cut { last: self.head.sequence, known }),
            _ => Ok(self.head),
        }
    }
}

/// Where a chain does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Entries are not there.
    #[error("audit entries {first} to {} are missing\nwhat stands before them is genuine; compare with a backup to see what was removed", next - 1)]
    Missing {
        /// The first missing one.
        first: u64,
        /// The first that is there again.
        next: u64,
    },
    /// An entry stands where another one belongs.
    #[error("audit entry {found} stands where entry {expected} belongs\nwhat stands before it is genuine; compare with a backup to see what was moved")]
    OutOfOrder {
        /// The entry found.
        found: u64,
        /// The entry that belongs there.
        expected: u64,
    },
    /// An entry is not the one that was written.
    #[error("audit entry {sequence} is not the one that was written\nwhat stands before it is genuine; compare with a backup to see what was changed")]
    Altered {
        /// Its number.
        sequence: u64,
    },
    /// The chain is sound and is not the one that the checkpoint was taken of: it was sealed anew by someone who has the keys, or a backup was
    /// restored and went on.
    #[error(
        "the audit chain up to entry {sequence} is sound, but it is not the one that the checkpoint was taken of\nsomeone with the keys wrote it anew, or a backup was restored; compare with the backup of that day"
    )]
    Rewritten {
        /// The checkpoint's number.
        sequence: u64,
    },
    /// The end is missing.
    #[error("the audit chain ends with entry {last}, and entry {known} is known to have been written\nthe end was cut off, or an older backup was restored")]
    Cut {
        /// The last entry there is.
        last: u64,
        /// The last one that a checkpoint knows.
        known: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{CountingEntropy, SharedEntropy, StoppedClock, ToSpan};
    use crate::vault::Vault;
    use proptest::prelude::*;
    use std::sync::{Arc, LazyLock};

    fn moment() -> Timestamp {
        "2026-11-21T09:00:00.123456789Z".parse().unwrap()
    }

    fn key(seed: u64) -> AuditKey {
        let folder = tempfile::tempdir().unwrap();
        let entropy: SharedEntropy = Arc::new(CountingEntropy::seeded(seed));
        Vault::init(folder.path(), &StoppedClock::at(moment()), entropy).unwrap().audit_key()
    }

    static KEY: LazyLock<AuditKey> = LazyLock::new(|| key(1));
    static OTHER_KEY: LazyLock<AuditKey> = LazyLock::new(|| key(2));

    fn entry(number: u64) -> Entry {
        Entry { actor: Actor::Daemon, action: Action::ReadingStarted, subject: Subject::System, detail: Detail::Count(number) }
    }

    fn chain(key: &AuditKey, length: u64) -> Vec<Link> {
        let mut links: Vec<Link> = Vec::new();
        for number in 1..=length {
            let seconds = i64::try_from(number).unwrap().seconds();
            links.push(Chain::link(key, links.last().map(Link::head).as_ref(), moment() + seconds, &entry(number)));
        }
        links
    }

    #[test]
    fn a_chain_that_nobody_touched_holds() {
        let links = chain(&KEY, 30);
        assert_eq!(verify(&KEY, &links), Ok(links[29].head()));
        assert_eq!(verify(&KEY, &[]), Ok(Head::START));
        assert_eq!(links[0].at.to_string(), "2026-11-21T09:00:01.123456Z");
    }

    #[test]
    fn an_edit_of_any_column_of_any_entry_is_found_where_it_is() {
        type Edit = (&'static str, fn(&mut Link));
        let edits: [Edit; 7] = [
            ("at", |link| link.at += 1.microseconds()),
            ("actor", |link| link.actor = "operator:0".to_owned()),
            ("action", |link| link.action = "special_read".to_owned()),
            ("subject", |link| link.subject.push('x')),
            ("detail", |link| link.detail.clear()),
            ("mac", |link| link.mac = AuditMac::ZERO),
            ("actor and action moved together", |link| {
                link.actor.push_str(&link.action);
                link.action.clear();
            }),
        ];
        for at in 0..12 {
            for (column, edit) in edits {
                let mut links = chain(&KEY, 12);
                edit(&mut links[at]);
                assert_eq!(verify(&KEY, &links), Err(Broken::Altered { sequence: at as u64 + 1 }), "{column} of {at}");
            }
        }
    }

    #[test]
    fn a_removed_entry_is_found() {
        for at in 0..11 {
            let mut links = chain(&KEY, 12);
            links.remove(at);
            let first = at as u64 + 1;
            assert_eq!(verify(&KEY, &links), Err(Broken::Missing { first, next: first + 1 }));

            // Closing the gap by giving the rest new numbers does not help.
            links.iter_mut().skip(at).for_each(|link| link.sequence -= 1);
            assert_eq!(verify(&KEY, &links), Err(Broken::Altered { sequence: first }));
        }
    }

    #[test]
    fn entries_that_changed_places_are_found() {
        for (one, other) in [(0, 1), (3, 7), (10, 11)] {
            let mut links = chain(&KEY, 12);
            links.swap(one, other);
            let first = one as u64 + 1;
            assert_eq!(verify(&KEY, &links), Err(Broken::Missing { first, next: other as u64 + 1 }));

            let (number, displaced) = (links[one].sequence, links[other].sequence);
            (links[one].sequence, links[other].sequence) = (displaced, number);
            assert_eq!(verify(&KEY, &links), Err(Broken::Altered { sequence: first }));
        }
        let mut doubled = chain(&KEY, 12);
        doubled.insert(5, doubled[4].clone());
        assert_eq!(verify(&KEY, &doubled), Err(Broken::OutOfOrder { found: 5, expected: 6 }));
    }

    /// Someone without the key edits an entry and seals the rest of the chain anew.
    #[test]
    fn a_chain_sealed_with_another_key_is_found_where_that_begins() {
        let mut links = chain(&KEY, 12);
        for at in 6..12 {
            let head = links[at - 1].head();
            links[at] = Chain::link(&OTHER_KEY, Some(&head), links[at].at, &entry(99));
        }
        assert_eq!(verify(&KEY, &links), Err(Broken::Altered { sequence: 7 }));
        assert_eq!(verify(&OTHER_KEY, &chain(&KEY, 3)), Err(Broken::Altered { sequence: 1 }));
    }

    /// Two chains under one key that part after the fourth entry, as when a backup was restored: an entry of the one does not stand in the
    /// other, though its number and its MAC are genuine.
    #[test]
    fn an_entry_of_another_branch_is_found() {
        let mut links = chain(&KEY, 4);
        for number in 5..=8 {
            links.push(Chain::link(&KEY, links.last().map(Link::head).as_ref(), moment(), &entry(number + 100)));
        }
        assert!(verify(&KEY, &links).is_ok());
        let branch = chain(&KEY, 8);
        for at in 4..8 {
            let mut grafted = links.clone();
            grafted[at] = branch[at].clone();
            let first = if at == 4 { 6 } else { at as u64 + 1 };
            assert_eq!(verify(&KEY, &grafted), Err(Broken::Altered { sequence: first }));
        }
    }

    #[test]
    fn checkpoints_find_a_cut_tail_and_a_chain_written_anew() {
        let links = chain(&KEY, 12);
        let checkpoints = [links[3].head(), links[9].head(), Head::START];
        let check = |links: &[Link]| {
            let mut verifier = Verifier::new(&KEY, &checkpoints);
            links.iter().try_for_each(|link| verifier.push(link)).and_then(|()| verifier.finish())
        };
        assert_eq!(check(&links), Ok(links[11].head()));
        assert_eq!(check(&links[..10]), Ok(links[9].head()));
        assert_eq!(check(&links[..9]), Err(Broken::Cut { last: 9, known: 10 }));
        assert_eq!(check(&[]), Err(Broken::Cut { last: 0, known: 10 }));

        let mut anew = links[..2].to_vec();
        for number in 3..=12 {
            anew.push(Chain::link(&KEY, anew.last().map(Link::head).as_ref(), moment(), &entry(number)));
        }
        assert_eq!(verify(&KEY, &anew), Ok(anew[11].head()));
        assert_eq!(check(&anew), Err(Broken::Rewritten { sequence: 4 }));
    }

    #[test]
    fn a_checkpoint_is_one_line_and_has_one_written_form() {
        let head = chain(&KEY, 17)[16].head();
        let line = head.to_string();
        assert!(line.starts_with("17:") && line.len() == 3 + 64);
        assert_eq!(line.parse(), Ok(head));
        for text in ["", "17", "17:", &line[1..line.len() - 1], &line.to_uppercase().replace("17", "+17"), &format!("0{line}"), &format!("{line}\n")] {
            assert_eq!(text.parse::<Head>(), Err(NotACheckpoint), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Any one change to the rows, whatever it is, is found at or before the row it touches.
        #[test]
        fn any_change_is_found(row in 0..8_usize, column in 0..5_u8, text in "[a-z:=0-9]{0,12}", flip in 0..256_usize) {
            let genuine = chain(&KEY, 8);
            let mut links = genuine.clone();
            let link = &mut links[row];
            match column {
                0 => link.actor = text,
                1 => link.action = text,
                2 => link.subject = text,
                3 => link.detail = text,
                _ => {
                    let mut mac = *link.mac.as_bytes();
                    mac[flip / 8] ^= 1 << (flip % 8);
                    link.mac = AuditMac::from_bytes(mac);
                }
            }
            prop_assume!(links != genuine);
            prop_assert_eq!(verify(&KEY, &links), Err(Broken::Altered { sequence: row as u64 + 1 }));
        }
    }
}
