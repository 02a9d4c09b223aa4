//! IMAP (RFC 3501, RFC 9051): an account is emptied, message by message, into the spool, and each is moved to a folder of its own when it is safe.
//!
//! A message is known by the folder's UIDVALIDITY and its UID. It is claimed before its bytes are asked for, and fetched without marking it as seen. A
//! connection may end at any moment: what was fetched in part is fetched anew, and what was stored and not moved is recognised and moved. Between looks the
//! server is asked to say when something comes (IDLE, RFC 2177); where it cannot, it is asked again and again.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_imap::extensions::idle::IdleResponse;
use async_imap::{Authenticator, Client};
use futures_util::TryStreamExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};
use zeroize::Zeroizing;

use super::{Clerk, PIECE, Told};
use crate::config::{ImapConfig, Login};
use crate::dispatch::Security;
use crate::document::{ClaimId, Origin};
use crate::inbox::{FileIdentity, Hindrance};
use crate::intake::{IntakeError, Item, Piece, Source, Stored};
use crate::store::Lease;

/// The pauses before a server is tried again.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// How long the server is trusted to say when something comes before it is asked. A message that comes between the last look and IDLE waits so long, and a
/// connection that has died in silence is found.
const IDLE_MAX: Duration = Duration::from_mins(2);
/// How often a server without IDLE is asked.
const POLL: Duration = Duration::from_secs(15);
/// Of so many messages the sizes are asked for at once.
const BATCH: usize = 200;

trait Wire: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Wire for T {}

type Session = async_imap::Session<Box<dyn Wire>>;

/// Why the server could not be worked with. What a server says beside its answer is dropped, since it may quote anything.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("{host} cannot be reached: {kind}\ncheck mailbox.imap.host and port, the network and the server")]
    Unreachable { host: String, kind: io::ErrorKind },
    #[error("the certificates or the name of {0} are not accepted\ncheck mailbox.imap.host, and ca_file if the server has a certificate authority of its own")]
    Tls(String),
    #[error("{0} does not offer encryption\nwrite security = \"tls\" if it listens for that, or ask who runs it")]
    NoStarttls(String),
    #[error(
        "the {what} of the mailbox cannot be read from its file: {kind}\nmake the file that the configuration names, readable by the service alone (mode 0400)"
    )]
    Secret { what: &'static str, kind: io::ErrorKind },
    #[error("{0} refuses the login\ncheck the user and the password or token of the mailbox")]
    Login(String),
    #[error("the folder `{0}` of the mailbox cannot be opened\nmake it, or name another in mailbox.imap.folder")]
    Folder(String),
    #[error("a message that is safe cannot be moved to the folder `{0}`\nmake the folder, or give the user leave to")]
    Move(String),
    #[error("the server of the mailbox refuses a command\nask who runs it; it is tried again by itself")]
    Refused,
    #[error("the connection to the mailbox broke: {0}\nit is tried again by itself")]
    Broken(&'static str),
}

impl Fault {
    /// What it means that the server refused just this.
    fn or_if_refused(self, meaning: impl FnOnce() -> Self) -> Self {
        if matches!(self, Self::Refused) { meaning() } else { self }
    }
}

/// What ends a session.
enum Ended {
    Fault(Fault),
    Intake(IntakeError),
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<IntakeError> for Ended {
    fn from(error: IntakeError) -> Self {
        Self::Intake(error)
    }
}

impl From<async_imap::error::Error> for Fault {
    fn from(error: async_imap::error::Error) -> Self {
        use async_imap::error::Error;
        match error {
            Error::Io(_) | Error::ConnectionLost => Self::Broken("it ended"),
            Error::No(_) | Error::Bad(_) | Error::Validate(_) => Self::Refused,
            _ => Self::Broken("the server said something that is not IMAP"),
        }
    }
}

/// What the server can do, of what is asked of it.
#[derive(Clone, Copy)]
struct Abilities {
    idle: bool,
    mv: bool,
    uidplus: bool,
}

/// An account that is emptied.
pub(super) struct Account {
    config: ImapConfig,
    clerk: Clerk,
    /// The messages of which was told that they are not taken.
    told: HashSet<u32>,
    /// The last trouble that was told.
    failing: Option<String>,
}

impl Account {
    pub(super) fn new(config: ImapConfig, clerk: Clerk) -> Self {
        Self { config, clerk, told: HashSet::new(), failing: None }
    }

    pub(super) async fn run(mut self) -> Result<(), IntakeError> {
        let mut pause = FIRST_PAUSE;
        while !self.clerk.is_stopping() {
            let mut worked = false;
            match self.session(&mut worked).await {
                Ok(()) => return Ok(()),
                Err(Ended::Intake(IntakeError::Store(error))) if error.may_pass() => {
                    tracing::warn!(mailbox = self.clerk.name, error = %error, "nothing can be taken in now; it is tried again");
                }
                Err(Ended::Intake(error)) => return Err(error),
                Err(Ended::Fault(fault)) => {
                    let text = fault.to_string();
                    if self.failing.as_ref() != Some(&text) {
                        self.clerk.tell(Told::Failed(text.clone()));
                        self.failing = Some(text);
                    }
                    // Whoever waits until all is done does not wait for a server that is away.
                    self.clerk.set_quiet(!matches!(fault, Fault::Broken(_)));
                }
            }
            pause = if worked { FIRST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
            let _ = tokio::time::timeout(pause, self.clerk.stopped()).await;
        }
        Ok(())
    }

    /// One connection, from the greeting until it is time to stop. `worked` says whether the folder was read.
    async fn session(&mut self, worked: &mut bool) -> Result<(), Ended> {
        let (mut session, abilities) = self.open().await?;
        let selected = within(&self.config, session.select(&self.config.folder)).await;
        let mailbox = selected.map_err(|fault| fault.or_if_refused(|| Fault::Folder(self.config.folder.clone())))?;
        let uidvalidity = mailbox.uid_validity.ok_or(Fault::Broken("the server numbers no messages"))?;
        // It is there already, most of the time; and if it cannot be made, moving says so.
        let _ = within(&self.config, session.create(&self.config.done)).await;
        loop {
            let left = self.look(&mut session, uidvalidity, abilities, worked).await?;
            if self.failing.take().is_some() {
                self.clerk.tell(Told::Back);
            }
            self.clerk.set_quiet(left == 0);
            if self.clerk.is_stopping() {
                let _ = within(&self.config, session.logout()).await;
                return Ok(());
            }
            session = self.wait(session, abilities, left).await?;
        }
    }

    /// Waits until something may have come, or until it is time to stop.
    async fn wait(&mut self, session: Session, abilities: Abilities, left: usize) -> Result<Session, Fault> {
        if !abilities.idle || left > 0 {
            let _ = tokio::time::timeout(POLL, self.clerk.stopped()).await;
            return Ok(session);
        }
        let mut idle = session.idle();
        within(&self.config, idle.init()).await?;
        {
            let (told, interrupt) = idle.wait_with_timeout(IDLE_MAX);
            tokio::select! {
                told = told => {
                    if let IdleResponse::ManualInterrupt = told? {
                        return Err(Fault::Broken("it ended"));
                    }
                }
                () = self.clerk.stopped() => drop(interrupt),
            }
        }
        within(&self.config, idle.done()).await
    }

    /// Looks through the folder once and takes what is there. Says how many messages are left that may be taken later.
    async fn look(&mut self, session: &mut Session, uidvalidity: u32, abilities: Abilities, worked: &mut bool) -> Result<usize, Ended> {
        let found = within(&self.config, session.uid_search("UNDELETED")).await?;
        let mut uids: Vec<u32> = found.into_iter().collect();
        uids.sort_unstable();
        *worked = true;
        let here = |identity: &crate::store::FileIdentity| {
            identity.dev == u64::from(uidvalidity) && u32::try_from(identity.inode).is_ok_and(|uid| uids.binary_search(&uid).is_ok())
        };
        self.clerk.intake.end_claims_without_item(&self.clerk.name, here).await?;
        self.told.retain(|uid| uids.binary_search(uid).is_ok());
        let mut left = 0;
        for batch in uids.chunks(BATCH) {
            for (uid, size) in sizes(&self.config, session, batch).await? {
                if self.clerk.is_stopping() {
                    return Ok(left);
                }
                self.clerk.set_quiet(false);
                if u64::from(size) > self.clerk.intake.bytes_max {
                    let mib = |bytes: u64| bytes.div_ceil(1024 * 1024);
                    self.refuse(uid, Hindrance::TooLarge { mib: mib(size.into()), limit: mib(self.clerk.intake.bytes_max) });
                } else if !self.take(session, uidvalidity, uid, abilities).await? {
                    left += 1;
                }
            }
        }
        Ok(left)
    }

    /// Takes one message. Says whether it is done with.
    async fn take(&mut self, session: &mut Session, uidvalidity: u32, uid: u32, abilities: Abilities) -> Result<bool, Ended> {
        let identity = FileIdentity { device: uidvalidity.into(), inode: uid.into(), size: 0, modified_ns: 0 };
        // As RFC 5092 writes it.
        let name = PathBuf::from(format!("{};UIDVALIDITY={uidvalidity}/;UID={uid}", self.config.folder));
        let item = Item { folder: self.clerk.name.clone(), name, identity, origin: Origin::Mail };
        let intake = self.clerk.intake.clone();
        let (ask, asks) = mpsc::channel(1);
        let storing = async {
            let source = Source::message(ask);
            intake.store(&item, &source).await
        };
        let (stored, fetched) = tokio::join!(storing, serve(&self.config, session, uid, asks));
        let claim = match stored? {
            Stored::New { document, bytes, claim } => {
                self.clerk.tell(Told::New { document, bytes });
                claim
            }
            Stored::Known { of, claim } => {
                self.clerk.tell(Told::Known(of));
                claim
            }
            Stored::NotNow(why) => {
                fetched?;
                let for_good = matches!(why, Hindrance::TooLarge { .. });
                self.refuse(uid, why);
                return Ok(for_good);
            }
            Stored::Elsewhere => {
                fetched?;
                return Ok(false);
            }
        };
        self.let_go(session, uid, &claim, abilities).await?;
        Ok(true)
    }

    /// Moves a message that is safe and ends its claim; if the connection breaks, the claim stays, free for the next attempt.
    async fn let_go(&self, session: &mut Session, uid: u32, claim: &Lease<ClaimId>, abilities: Abilities) -> Result<(), Ended> {
        match moved(&self.config, session, uid, abilities).await {
            Ok(()) => Ok(self.clerk.intake.done(claim).await?),
            Err(fault) => {
                self.clerk.intake.release(claim).await?;
                Err(fault.into())
            }
        }
    }

    fn refuse(&mut self, uid: u32, why: Hindrance) {
        if self.told.insert(uid) {
            self.clerk.tell(Told::Refused { uid: Some(uid), why });
        }
    }

    /// Connects and logs in.
    async fn open(&self) -> Result<(Session, Abilities), Fault> {
        let config = &self.config;
        let unreachable = |error: &io::Error| Fault::Unreachable { host: config.host.clone(), kind: error.kind() };
        let connecting = TcpStream::connect((config.host.as_str(), config.port));
        let connected = tokio::time::timeout(config.timeout, connecting).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        let plain = connected.map_err(|error| unreachable(&error))?;
        let _ = plain.set_nodelay(true);
        let mut client = match config.security {
            Security::Tls => Client::new(encrypted(config, plain).await?),
            Security::Plain => Client::new(Box::new(plain) as Box<dyn Wire>),
            Security::Starttls => {
                let mut client = Client::new(plain);
                greeted(config, client.read_response()).await?;
                // What else the server has said before it is proved who it is goes with the old client.
                let upgraded = within(config, client.run_command_and_check_ok("STARTTLS", None)).await;
                upgraded.map_err(|_| Fault::NoStarttls(config.host.clone()))?;
                Client::new(encrypted(config, client.into_inner()).await?)
            }
        };
        if config.security != Security::Starttls {
            greeted(config, client.read_response()).await?;
        }
        let mut session = self.log_in(client).await?;
        let can = within(config, session.capabilities()).await?;
        let abilities = Abilities { idle: can.has_str("IDLE"), mv: can.has_str("MOVE"), uidplus: can.has_str("UIDPLUS") };
        Ok((session, abilities))
    }

    async fn log_in(&self, client: Client<Box<dyn Wire>>) -> Result<Session, Fault> {
        let user = &self.config.user;
        let attempt = async {
            match &self.config.login {
                Login::Password(file) => Ok(client.login(user, secret("password", file)?.as_str()).await),
                Login::Token(file) => {
                    let answer = Zeroizing::new(format!("user={user}\x01auth=Bearer {}\x01\x01", secret("token", file)?.as_str()));
                    Ok(client.authenticate("XOAUTH2", OneAnswer(Some(answer))).await)
                }
            }
        };
        let attempted: Result<_, Fault> = tokio::time::timeout(self.config.timeout, attempt).await.map_err(|_| Fault::Broken("the server is silent"))?;
        attempted?.map_err(|(error, _)| Fault::from(error).or_if_refused(|| Fault::Login(self.config.host.clone())))
    }
}

/// Reads a secret, which ends with the line.
fn secret(what: &'static str, file: &Path) -> Result<Zeroizing<String>, Fault> {
    let text = std::fs::read_to_string(file).map(Zeroizing::new).map_err(|error| Fault::Secret { what, kind: error.kind() })?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Says who we are once, and nothing to what the server then explains.
struct OneAnswer(Option<Zeroizing<String>>);

impl Authenticator for OneAnswer {
    type Response = Zeroizing<String>;

    fn process(&mut self, _challenge: &[u8]) -> Self::Response {
        self.0.take().unwrap_or_default()
    }
}

/// Whatever the server is asked for, it has so long to answer.
async fn within<T>(config: &ImapConfig, asked: impl Future<Output = async_imap::error::Result<T>>) -> Result<T, Fault> {
    Ok(tokio::time::timeout(config.timeout, asked).await.map_err(|_| Fault::Broken("the server is silent"))??)
}

async fn greeted<T>(config: &ImapConfig, greeting: impl Future<Output = io::Result<Option<T>>>) -> Result<(), Fault> {
    within(config, async { greeting.await.map_err(Into::into) }).await?.map(drop).ok_or(Fault::Broken("it ended"))
}

async fn encrypted(config: &ImapConfig, plain: TcpStream) -> Result<Box<dyn Wire>, Fault> {
    let refused = || Fault::Tls(config.host.clone());
    let name = ServerName::try_from(config.host.clone()).map_err(|_| refused())?;
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = &config.ca_file {
        let certificates = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(|_| refused())?;
        roots.add_parsable_certificates(certificates);
    }
    let tls = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider())).with_safe_default_protocol_versions().map_err(|_| refused())?;
    let tls = tls.with_root_certificates(roots).with_no_client_auth();
    let handshake = TlsConnector::from(Arc::new(tls)).connect(name, plain);
    match tokio::time::timeout(config.timeout, handshake).await {
        Ok(Ok(stream)) => Ok(Box::new(stream)),
        Ok(Err(_)) => Err(refused()),
        Err(_) => Err(Fault::Broken("the server is silent")),
    }
}

/// The sizes of some messages, as the server says, in the order of their numbers.
async fn sizes(config: &ImapConfig, session: &mut Session, uids: &[u32]) -> Result<Vec<(u32, u32)>, Fault> {
    let set = uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let fetched = within(config, async { session.uid_fetch(&set, "(UID RFC822.SIZE)").await?.try_collect::<Vec<_>>().await }).await?;
    let mut sizes: Vec<(u32, u32)> =
        fetched.iter().filter_map(|message| Some((message.uid?, message.size?))).filter(|(uid, _)| uids.binary_search(uid).is_ok()).collect();
    sizes.sort_unstable();
    sizes.dedup_by_key(|(uid, _)| *uid);
    Ok(sizes)
}

/// Fetches a message for whoever asks, each time from the first byte on.
async fn serve(config: &ImapConfig, session: &mut Session, uid: u32, mut asks: mpsc::Receiver<mpsc::Sender<io::Result<Piece>>>) -> Result<(), Fault> {
    while let Some(to) = asks.recv().await {
        if let Err(fault) = fetch(config, session, uid, &to).await {
            let _ = to.send(Err(io::ErrorKind::ConnectionAborted.into())).await;
            return Err(fault);
        }
    }
    Ok(())
}

async fn fetch(config: &ImapConfig, session: &mut Session, uid: u32, to: &mpsc::Sender<io::Result<Piece>>) -> Result<(), Fault> {
    let mut offset = 0;
    loop {
        let query = format!("(UID BODY.PEEK[]<{offset}.{PIECE}>)");
        let fetching = async {
            let mut answers = session.uid_fetch(uid.to_string(), &query).await?;
            let mut piece = None;
            while let Some(answer) = answers.try_next().await? {
                if answer.uid == Some(uid) {
                    piece = Some(Zeroizing::new(answer.body().unwrap_or_default().to_vec()));
                }
            }
            Ok(piece)
        };
        let piece = within(config, fetching).await?;
        let length = piece.as_ref().map_or(0, |piece| piece.len());
        if length > PIECE {
            return Err(Fault::Broken("the server sent more than it was asked for"));
        }
        offset += length;
        // Whoever asked may have given up: that is for him to say.
        let taken = match piece {
            None => to.send(Err(io::ErrorKind::NotFound.into())).await.and(Err(mpsc::error::SendError(Ok(Piece::default())))),
            Some(piece) if length > 0 => to.send(Ok(piece)).await,
            Some(_) => Ok(()),
        };
        if taken.is_err() {
            return Ok(());
        }
        if length < PIECE {
            let _ = to.send(Ok(Piece::default())).await;
            return Ok(());
        }
    }
}

/// Moves a message (RFC 6851); where the server cannot, it is copied, marked as deleted, and removed alone if that can be done (RFC 4315).
async fn moved(config: &ImapConfig, session: &mut Session, uid: u32, abilities: Abilities) -> Result<(), Fault> {
    let (set, refused) = (uid.to_string(), |fault: Fault| fault.or_if_refused(|| Fault::Move(config.done.clone())));
    if abilities.mv {
        return within(config, session.uid_mv(&set, &config.done)).await.map_err(refused);
    }
    within(config, session.uid_copy(&set, &config.done)).await.map_err(refused)?;
    within(config, async { session.uid_store(&set, "+FLAGS.SILENT (\\Deleted)").await?.try_collect::<Vec<_>>().await }).await?;
    if abilities.uidplus {
        within(config, async { session.uid_expunge(&set).await?.try_collect::<Vec<_>>().await }).await?;
    }
    Ok(())
}
