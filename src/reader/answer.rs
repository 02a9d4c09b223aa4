//! Hears a reader out about one document: the order of its frames, and how long it may take over them.
//!
//! It relies on the bounds of [`super::protocol`] and [`super::wire`], and adds time: what comes too late, or out of its turn, is a
//! [`Fault`]. It knows nothing of processes, so time can be stopped around it.

use std::time::Duration;
use tokio::io::AsyncRead;
use tokio::time::{Instant, timeout_at};

use super::Job;
use super::pool::PoolConfig;
use super::protocol::{self, Frame, FrameError, Kind};
use super::wire::{self, Breach, Done, Incoming};
use crate::document::Refusal;
use crate::record::Reading;

/// Why the reader must go.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It closed its end of a pipe.
    Gone,
    /// It told of a panic.
    Panicked,
    /// It took too long.
    Hang(Duration),
    /// It broke the protocol.
    Nonsense(&'static str),
}

impl From<FrameError> for Fault {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Gone => Self::Gone,
            FrameError::Nonsense(what) => Self::Nonsense(what),
        }
    }
}

/// What the reader says about a document of `bytes` bytes that was sent whole just now, and how much memory (KiB) it holds afterwards.
pub(super) async fn hear(output: &mut (impl AsyncRead + Unpin), config: &PoolConfig, job: &Job, bytes: u64) -> Result<(Result<Reading, Refusal>, u64), Fault> {
    let mut patience = Patience::new(config, bytes, Instant::now());
    let mut page = 0;
    let mut result: Option<Result<Incoming, Refusal>> = None;
    loop {
        let received = timeout_at(patience.deadline, protocol::receive(output)).await;
        let Frame { kind, body } = received.map_err(|_| Fault::Hang(patience.begun.elapsed()))??;
        match (kind, &mut result) {
            (Kind::Page, None) => {
                page = next_page(&body, page).map_err(Fault::Nonsense)?;
                patience.page(config, Instant::now());
            }
            (Kind::Reading, None) => result = Some(Ok(wire::read_reading(&body, job).map_err(Fault::Nonsense)?)),
            (Kind::Refused, None) => result = Some(Err(wire::read_refusal(&body).map_err(Fault::Nonsense)?)),
            (Kind::Crop, Some(Ok(incoming))) => incoming.take_crop(&body).map_err(Fault::Nonsense)?,
            (Kind::Picture, Some(Ok(incoming))) => incoming.take_picture(&body).map_err(Fault::Nonsense)?,
            (Kind::Done, Some(_)) => break finish(result, &body).map_err(Fault::Nonsense),
            (Kind::Panicked, None) => break Err(Fault::Panicked),
            _ => break Err(Fault::Nonsense("a frame out of its turn")),
        }
    }
}

/// How long a reader may be silent about a document.
struct Patience {
    begun: Instant,
    deadline: Instant,
}

impl Patience {
    fn new(config: &PoolConfig, bytes: u64, now: Instant) -> Self {
        Self { begun: now, deadline: now + config.time_for(bytes) }
    }

    /// A page begins: it has its own time, within that of the whole.
    fn page(&mut self, config: &PoolConfig, now: Instant) {
        self.deadline = self.deadline.max(now + config.time_per_page).min(self.begun + config.time_max);
    }
}

fn finish(result: Option<Result<Incoming, Refusal>>, done: &[u8]) -> Result<(Result<Reading, Refusal>, u64), Breach> {
    let done: Done = serde_json::from_slice(done).map_err(|_| "an end that is not of the agreed shape")?;
    let result = match result.ok_or("an end without an answer")? {
        Ok(incoming) => Ok(incoming.finish()?),
        Err(refusal) => Err(refusal),
    };
    Ok((result, done.resident_kib))
}

fn next_page(body: &[u8], last: u32) -> Result<u32, Breach> {
    let page = body.try_into().map(u32::from_le_bytes).map_err(|_| "a page number of another length")?;
    if page > last { Ok(page) } else { Err("a page number that is not higher than the last") }
}

#[cfg(test)]
mod tests {
    use super::super::Pictures;
    use super::*;
    use crate::clock::date;
    use crate::document::Origin;
    use tokio::io::{AsyncWriteExt, DuplexStream, duplex};

    const DONE: &[u8] = br#"{"resident_kib":7}"#;
    const READING: &[u8] =
        br#"{"parts":[{"part":null,"kind":"other","form":null,"pages":1,"fields":[],"findings":[],"text":null}],"pages":1,"pictures":[],"ms":1}"#;

    fn config() -> PoolConfig {
        let seconds = Duration::from_secs;
        let times = PoolConfig {
            time_base: seconds(10),
            time_per_mib: seconds(5),
            time_per_page: seconds(20),
            time_max: seconds(100),
            ..PoolConfig::new("x".into(), vec![])
        };
        PoolConfig { readers: 1, ..times }
    }

    fn job() -> Job {
        Job { crops: true, text: true, pictures: Pictures::Whole, ..Job::plain(date(2026, 11, 21), Origin::File, true) }
    }

    async fn say(to: &mut DuplexStream, kind: Kind, body: &[u8]) {
        to.write_all(&protocol::encode(kind, &[body]).expect("within bounds")).await.expect("somebody listens");
    }

    /// What is made of these frames, said at once.
    async fn heard(frames: &[(Kind, &[u8])]) -> Result<(Result<Reading, Refusal>, u64), Fault> {
        let (mut child, mut daemon) = duplex(1 << 20);
        for (kind, body) in frames {
            say(&mut child, *kind, body).await;
        }
        drop(child);
        hear(&mut daemon, &config(), &job(), 1).await
    }

    #[tokio::test]
    async fn a_reading_and_the_memory_after_it_are_heard() {
        let (reading, resident_kib) = heard(&[(Kind::Page, &1u32.to_le_bytes()), (Kind::Reading, READING), (Kind::Done, DONE)]).await.expect("in order");
        assert_eq!((reading.expect("a reading").parts.len(), resident_kib), (1, 7));
    }

    #[tokio::test]
    async fn frames_out_of_their_turn_are_nonsense() {
        let crop: (Kind, &[u8]) = (Kind::Crop, &[0; 40]);
        let picture: (Kind, &[u8]) = (Kind::Picture, &[1; 40]);
        let (reading, done, page) = ((Kind::Reading, READING), (Kind::Done, DONE), (Kind::Page, &[1, 0, 0, 0][..]));
        let refused: (Kind, &[u8]) = (Kind::Refused, br#"{"code":"locked","message":"m","advice":"a"}"#);
        let cases: [&[(Kind, &[u8])]; 13] = [
            &[done],
            &[crop],
            &[reading, reading],
            &[reading, refused, done],
            &[refused, crop],
            &[reading, crop],
            &[picture],
            &[refused, picture],
            &[reading, picture],
            &[reading, page],
            &[page, page],
            &[(Kind::Hello, b"{}")],
            &[reading, (Kind::Done, b"{}")],
        ];
        for frames in cases {
            let kinds: Vec<Kind> = frames.iter().map(|(kind, _)| *kind).collect();
            assert!(matches!(heard(frames).await, Err(Fault::Nonsense(_))), "{kinds:?}");
        }
        assert!(matches!(heard(&[reading]).await, Err(Fault::Gone)));
        assert!(matches!(heard(&[(Kind::Panicked, b"")]).await, Err(Fault::Panicked)));
        assert_eq!(heard(&[refused, done]).await.expect("in order").0.expect_err("refused").message, "m");
    }

    #[test]
    fn f14_a_document_has_time_for_its_size_and_each_page_its_own() {
        let (config, begun) = (config(), Instant::now());
        let at = |seconds| begun + Duration::from_secs(seconds);
        for (bytes, seconds) in [(0, 10), (1, 15), (3 << 20, 25), (u64::MAX, 100)] {
            assert_eq!(Patience::new(&config, bytes, begun).deadline, at(seconds));
        }
        let mut patience = Patience::new(&config, 3 << 20, begun);
        // A page that begins early takes nothing away, a later one has 20 s, and none has more than the 100 s of the whole.
        for (begins, deadline) in [(1, 25), (12, 32), (30, 50), (90, 100)] {
            patience.page(&config, at(begins));
            assert_eq!(patience.deadline, at(deadline), "page at {begins} s");
        }
    }

    #[tokio::test]
    async fn silence_is_a_hang() {
        let config = PoolConfig { time_base: Duration::ZERO, time_per_mib: Duration::ZERO, ..config() };
        let (_child, mut daemon) = duplex(64);
        assert!(matches!(hear(&mut daemon, &config, &job(), 1).await, Err(Fault::Hang(_))));
    }
}
