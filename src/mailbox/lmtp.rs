//! LMTP (RFC 2033) and SMTP (RFC 5321) on this machine: a mail transfer agent hands messages over, and is told that they arrived when they are durable.
//!
//! A message that cannot be put in safety now is refused for now (4xx), so that the agent keeps it and tries again: nothing rests on us that is not in the
//! spool. Nobody logs in and nobody is asked who he is; whoever can reach the port can write mail, and what a mail says of its sender is judged later.
//! smtp-proto knows the grammar and the dots; the pieces of a message flow through here and are not kept.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use smtp_proto::request::receiver::{DataReceiver, RequestReceiver};
use smtp_proto::{Error, Request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use zeroize::Zeroizing;

use super::{Clerk, PIECE, Told};
use crate::document::{ClaimId, Origin};
use crate::inbox::{FileIdentity, Hindrance};
use crate::intake::{IntakeError, Item, Piece, Source, Stored};

/// How many connections are served at once; the rest wait.
const CONNECTIONS_MAX: usize = 16;
/// How many recipients a message may have: each gets an answer of its own.
const RECIPIENTS_MAX: usize = 100;
/// How long the agent may be silent (RFC 5321, 4.5.3.2.7).
const SILENCE_MAX: Duration = Duration::from_mins(5);

/// A port on this machine, listened on.
pub struct Listener {
    listener: TcpListener,
}

/// The port cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen for mail on {address}: {source}\nstop what else listens there, or give mailbox.lmtp another port")]
pub struct ListenError {
    address: SocketAddr,
    source: io::Error,
}

impl Listener {
    /// Listens on `address`.
    ///
    /// # Errors
    /// When it is taken, or may not be used.
    pub async fn bind(address: SocketAddr) -> Result<Self, ListenError> {
        TcpListener::bind(address).await.map(|listener| Self { listener }).map_err(|source| ListenError { address, source })
    }

    /// Takes messages until it is time to stop. What is being taken then is finished.
    ///
    /// # Errors
    /// When the store fails in a way that waiting does not mend.
    pub async fn serve(self, mut clerk: Clerk) -> Result<(), IntakeError> {
        clerk.set_quiet(true);
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = async {
                    let place = places.clone().acquire_owned().await;
                    (self.listener.accept().await, place)
                } => accepted,
                Some(ended) = connections.join_next() => {
                    ended_with(ended)?;
                    continue;
                }
                () = clerk.stopped() => break,
            };
            match accepted {
                (Ok((stream, _)), place) => {
                    let connection = Connection { stream, clerk: clerk.clone(), input: Vec::new(), hello: None, from: None, recipients: 0 };
                    connections.spawn(async move {
                        let ended = connection.run().await;
                        drop(place);
                        ended
                    });
                }
                (Err(error), _) => {
                    tracing::warn!(mailbox = clerk.name, error = %error.kind(), "a connection that hands over mail could not be taken");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
        while let Some(ended) = connections.join_next().await {
            ended_with(ended)?;
        }
        Ok(())
    }
}

fn ended_with(ended: Result<Result<(), Broken>, tokio::task::JoinError>) -> Result<(), IntakeError> {
    match ended {
        Ok(Err(Broken::Intake(error))) => Err(error),
        // The agent went away: it has its messages still.
        Ok(_) => Ok(()),
        Err(error) if error.is_cancelled() => Ok(()),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Why a connection ended early.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Wire(#[from] io::Error),
    #[error(transparent)]
    Intake(#[from] IntakeError),
}

/// How the agent greeted us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hello {
    /// One answer a message.
    Smtp,
    /// One answer a recipient.
    Lmtp,
}

struct Connection {
    stream: TcpStream,
    clerk: Clerk,
    /// What came and has not been looked at.
    input: Vec<u8>,
    hello: Option<Hello>,
    from: Option<String>,
    recipients: usize,
}

impl Connection {
    async fn run(mut self) -> Result<(), Broken> {
        self.say(&format!("220 {} LMTP", host())).await?;
        let mut requests = RequestReceiver::default();
        loop {
            let parsed = {
                let mut bytes = self.input.iter();
                let parsed = requests.ingest(&mut bytes).map(own);
                let left = bytes.as_slice().len();
                self.input.drain(..self.input.len() - left);
                parsed
            };
            match parsed {
                Ok(request) => {
                    if !self.answer(request).await? {
                        return Ok(());
                    }
                }
                Err(Error::NeedsMoreData { .. }) => {
                    let mut stop = self.clerk.clone();
                    // Between messages nothing is owed.
                    let more = tokio::select! {
                        more = self.more() => more?,
                        () = stop.stopped() => {
                            self.say("421 4.3.2 the service stops").await?;
                            return Ok(());
                        }
                    };
                    if !more {
                        return Ok(());
                    }
                }
                Err(Error::ResponseTooLong) => {
                    self.say("500 5.5.2 the line is too long").await?;
                    return Ok(());
                }
                Err(Error::UnknownCommand) => self.say("500 5.5.1 no such command").await?,
                Err(Error::InvalidSenderAddress) => self.say("501 5.1.7 that is no sender").await?,
                Err(Error::InvalidRecipientAddress) => self.say("501 5.1.3 that is no recipient").await?,
                Err(_) => self.say("501 5.5.4 the command is not understood").await?,
            }
        }
    }

    /// Answers one command. False when the conversation is over.
    async fn answer(&mut self, request: Command) -> Result<bool, Broken> {
        let limit = self.clerk.intake.bytes_max;
        match request {
            Command::Hello(hello) => {
                self.reset();
                self.hello = Some(hello);
                self.say(&format!("250-{}\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE {limit}", host())).await?;
            }
            Command::Plain => {
                self.reset();
                self.hello = Some(Hello::Smtp);
                self.say(&format!("250 {}", host())).await?;
            }
            Command::From { .. } | Command::To if self.hello.is_none() => self.say("503 5.5.1 say LHLO first").await?,
            Command::From { .. } if self.from.is_some() => self.say("503 5.5.1 there is a message already").await?,
            Command::From { size, .. } if size as u64 > limit => self.say("552 5.3.4 the message is too large").await?,
            Command::From { address, .. } => {
                self.from = Some(address);
                self.say("250 2.1.0 ok").await?;
            }
            Command::To if self.from.is_none() => self.say("503 5.5.1 say MAIL first").await?,
            Command::To if self.recipients == RECIPIENTS_MAX => self.say("452 4.5.3 too many recipients; send the rest again").await?,
            Command::To => {
                self.recipients += 1;
                self.say("250 2.1.5 ok").await?;
            }
            Command::Data => match self.from.take() {
                Some(from) if self.recipients > 0 => self.message(&from).await?,
                from => {
                    self.from = from;
                    self.say("503 5.5.1 say MAIL and RCPT first").await?;
                }
            },
            Command::Reset => {
                self.reset();
                self.say("250 2.0.0 ok").await?;
            }
            Command::Noop => self.say("250 2.0.0 ok").await?,
            Command::Verify => self.say("252 2.5.0 everything is taken").await?,
            Command::Other => self.say("502 5.5.1 not offered").await?,
            Command::Quit => {
                self.say("221 2.0.0 goodbye").await?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn reset(&mut self) {
        self.from = None;
        self.recipients = 0;
    }

    /// Takes the message that follows, and answers when it is durable.
    async fn message(&mut self, from: &str) -> Result<(), Broken> {
        self.say("354 go ahead").await?;
        let intake = self.clerk.intake.clone();
        // Each delivery is a thing of its own; that its bytes are known is seen when they have come.
        let delivery = ClaimId::new(intake.clock.as_ref(), intake.entropy.as_ref());
        let identity = FileIdentity { device: 0, inode: 0, size: 0, modified_ns: 0 };
        let item = Item { folder: self.clerk.name.clone(), name: PathBuf::from(format!("lmtp;{delivery}")), identity, origin: Origin::Mail };
        let (ask, mut asks) = mpsc::channel(1);
        let storing = async {
            let source = Source::message(ask);
            intake.store(&item, &source).await
        };
        let receiving = async {
            // None when the store says no before a byte was asked for.
            let to = asks.recv().await;
            self.receive(from, to).await
        };
        let (stored, received) = tokio::join!(storing, receiving);
        let stored = match stored {
            Err(error) => {
                let _ = self.say_to_each("451 4.3.0 it cannot be put in safety now").await;
                return Err(error.into());
            }
            Ok(stored) => stored,
        };
        received?;
        let answer = match stored {
            Stored::New { document, bytes, claim } => {
                intake.done(&claim).await?;
                self.clerk.tell(Told::New { document, bytes });
                "250 2.0.0 it is in safety"
            }
            Stored::Known { of, claim } => {
                intake.done(&claim).await?;
                self.clerk.tell(Told::Known(of));
                "250 2.0.0 it is known"
            }
            Stored::NotNow(why) => {
                let answer =
                    if matches!(why, Hindrance::TooLarge { .. }) { "552 5.3.4 the message is too large" } else { "451 4.3.0 it cannot be put in safety now" };
                self.clerk.tell(Told::Refused { uid: None, why });
                answer
            }
            Stored::Elsewhere => "451 4.3.0 it cannot be put in safety now",
        };
        Ok(self.say_to_each(answer).await?)
    }

    /// Passes the message on piece by piece, or reads past it when nobody wants it. Who it came from is written above it, as every last station of a mail
    /// does (RFC 5321, 4.4); nothing else is, so that a message that is handed over twice is the same twice.
    async fn receive(&mut self, from: &str, mut to: Option<mpsc::Sender<io::Result<Piece>>>) -> io::Result<()> {
        let mut dots = DataReceiver::new();
        // The line before was the command's own: a dot right at the beginning is one.
        dots.ingest(&mut b"\r\n".iter(), &mut Vec::new());
        let mut piece = Zeroizing::new(format!("Return-Path: <{from}>\r\n").into_bytes());
        loop {
            let ended = {
                let mut bytes = self.input.iter();
                let ended = dots.ingest(&mut bytes, &mut piece);
                let left = bytes.as_slice().len();
                self.input.drain(..self.input.len() - left);
                ended
            };
            if ended || piece.len() >= PIECE {
                send(&mut to, std::mem::take(&mut piece)).await;
            }
            if ended {
                send(&mut to, Piece::default()).await;
                return Ok(());
            }
            if !self.more().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Reads what has come. False when the agent has gone.
    async fn more(&mut self) -> io::Result<bool> {
        let mut buffer = Zeroizing::new(vec![0; 16 * 1024]);
        let read = tokio::time::timeout(SILENCE_MAX, self.stream.read(&mut buffer)).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        self.input.extend_from_slice(&buffer[..read]);
        Ok(read > 0)
    }

    /// Answers for each recipient, or once: that is where the two protocols differ.
    async fn say_to_each(&mut self, text: &str) -> io::Result<()> {
        let times = if self.hello == Some(Hello::Lmtp) { self.recipients } else { 1 };
        self.reset();
        self.say(&vec![text; times].join("\r\n")).await
    }

    async fn say(&mut self, text: &str) -> io::Result<()> {
        let said = async {
            self.stream.write_all(format!("{text}\r\n").as_bytes()).await?;
            self.stream.flush().await
        };
        tokio::time::timeout(SILENCE_MAX, said).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }
}

/// Sends a piece to whoever still wants it.
async fn send(to: &mut Option<mpsc::Sender<io::Result<Piece>>>, piece: Piece) {
    if let Some(wanting) = to
        && wanting.send(Ok(piece)).await.is_err()
    {
        *to = None;
    }
}

/// A command with what matters of it.
enum Command {
    Hello(Hello),
    Plain,
    From { address: String, size: usize },
    To,
    Data,
    Reset,
    Noop,
    Verify,
    Quit,
    Other,
}

fn own<T: AsRef<str>>(request: Request<T>) -> Command {
    match request {
        Request::Lhlo { .. } => Command::Hello(Hello::Lmtp),
        Request::Ehlo { .. } => Command::Hello(Hello::Smtp),
        Request::Helo { .. } => Command::Plain,
        Request::Mail { from } => Command::From { address: from.address.as_ref().to_owned(), size: from.size },
        Request::Rcpt { .. } => Command::To,
        Request::Data => Command::Data,
        Request::Rset => Command::Reset,
        Request::Noop { .. } => Command::Noop,
        Request::Vrfy { .. } => Command::Verify,
        Request::Quit => Command::Quit,
        _ => Command::Other,
    }
}

fn host() -> String {
    nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok()).unwrap_or_else(|| "localhost".to_owned())
}
