//! Time and randomness come into the system here, and only here.
//!
//! Stages take a [`Clock`] or an [`Entropy`] as a parameter, so that a test can stop the clock, jump it, or replay the same random
//! bytes. `clippy.toml` bans the functions that would read them behind a stage's back. The random source used in production lives in
//! [`crate::vault`], beside the keys it makes.

use std::sync::Arc;
use std::time::Duration;

pub use jiff::civil::{Date, date};
pub use jiff::tz::TimeZone;
pub use jiff::{Span, Timestamp, ToSpan};

/// Tells the time. Norwegian offices count days in Norwegian time, so a [`Date`] comes from [`Clock::today`], never from a timestamp in UTC.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Today's date in the time zone of the office (Europe/Oslo unless the machine lacks the zone's data; then UTC).
    fn today(&self) -> Date {
        office_date(self.now())
    }
}

/// The office's date at a moment.
#[must_use]
pub fn office_date(at: Timestamp) -> Date {
    let zone = TimeZone::get("Europe/Oslo").unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).date()
}

/// A shared clock.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that may ask the machine for the time")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until it is moved. For tests and for replaying an incident.
#[derive(Debug)]
pub struct StoppedClock(std::sync::Mutex<Timestamp>);

impl StoppedClock {
    /// A clock that shows `at` until [`StoppedClock::advance`] is called.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        Self(std::sync::Mutex::new(at))
    }

    /// Moves the clock forward by `step`, or leaves it where it is when the sum is out of range.
    pub fn advance(&self, step: Duration) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = now.checked_add(step).unwrap_or(*now);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Fills buffers with random bytes. An implementation that cannot deliver must panic: a key or nonce that is not random is worse than a stop.
pub trait Entropy: Send + Sync {
    /// Overwrites the whole of `buffer`.
    fn fill(&self, buffer: &mut [u8]);
}

/// A shared random source.
pub type SharedEntropy = Arc<dyn Entropy>;

/// Repeats a known sequence: for tests that need the same ids, salts and nonces twice. Never for production keys.
#[derive(Debug)]
pub struct CountingEntropy(std::sync::atomic::AtomicU64);

impl CountingEntropy {
    /// A sequence that depends only on `seed`.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(std::sync::atomic::AtomicU64::new(seed))
    }
}

impl Entropy for CountingEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            // SplitMix64 (Steele, Lea, Flood 2014): well mixed from a counter, and not a cryptographic generator.
            let step = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, std::sync::atomic::Ordering::Relaxed);
            let mut z = step.wrapping_add(0x9E37_79B9_7F4A_7C15);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let bytes = (z ^ (z >> 31)).to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}
