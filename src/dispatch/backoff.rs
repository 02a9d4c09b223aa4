//! When a letter is tried again.

use std::time::Duration;

use crate::clock::{Entropy, Timestamp};

/// Minutes after the first tries that failed; then every four hours.
const MINUTES: [u64; 8] = [1, 2, 5, 15, 30, 60, 120, 240];
/// With the schedule above, tries go on for five to six days, as mail servers do (RFC 5321, 4.5.4.1).
const ATTEMPTS_MAX: u32 = 36;

/// When to try again after attempt number `attempt` (from 1) failed at `now`: the schedule's delay and up to a fifth more, so that letters
/// that failed together do not come back together. None when it is time to give up and ask a person.
#[must_use]
pub fn next_try(attempt: u32, now: Timestamp, entropy: &dyn Entropy) -> Option<Timestamp> {
    if attempt >= ATTEMPTS_MAX {
        return None;
    }
    let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX).min(MINUTES.len() - 1);
    let seconds = MINUTES[index] * 60;
    let mut random = [0; 4];
    entropy.fill(&mut random);
    let jitter = seconds * u64::from(u32::from_le_bytes(random)) / (5 * u64::from(u32::MAX));
    now.checked_add(Duration::from_secs(seconds + jitter)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::CountingEntropy;
    use proptest::prelude::*;

    struct Always(u8);

    impl Entropy for Always {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    fn now() -> Timestamp {
        "2026-11-21T09:00:00Z".parse().expect("a literal timestamp")
    }

    fn delay(attempt: u32, random: u8) -> Option<i64> {
        next_try(attempt, now(), &Always(random)).map(|then| then.as_second() - now().as_second())
    }

    #[test]
    fn the_delays_grow_to_four_hours_and_end() {
        let least: Vec<i64> = (1..=10).filter_map(|attempt| delay(attempt, 0)).collect();
        assert_eq!(least, [60, 120, 300, 900, 1800, 3600, 7200, 14_400, 14_400, 14_400]);
        assert_eq!((delay(1, 255), delay(8, 255)), (Some(72), Some(17_280)), "a fifth more at most");
        assert_eq!((delay(35, 0), delay(36, 0), delay(u32::MAX, 0)), (Some(14_400), None, None));
        let all: i64 = (1..36).filter_map(|attempt| delay(attempt, 0)).sum();
        assert!((4 * 86_400..7 * 86_400).contains(&all), "{} hours", all / 3600);
    }

    proptest! {
        #[test]
        fn it_is_always_later_and_depends_on_nothing_else(attempt in 0_u32..36, seed: u64) {
            let then = next_try(attempt, now(), &CountingEntropy::seeded(seed));
            prop_assert!(then.is_some_and(|then| then > now()));
            prop_assert_eq!(then, next_try(attempt, now(), &CountingEntropy::seeded(seed)));
        }
    }
}
