//! A database for one test, a clock that stands still, ids that count, and the shortest way to a document, a record or a letter.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use postsluse::audit::{self, Actor, Code, Head};
use postsluse::cases::Relation;
use postsluse::clock::{Clock as _, CountingEntropy, SharedEntropy, StoppedClock, Timestamp};
use postsluse::document::{CaseId, ClaimId, DocumentId, EnvelopeId, LetterId, Origin, PersonId, RecordId};
use postsluse::record::Kind;
use postsluse::store::{
    self, Address, CaseKey, ClaimOutcome, Committed, ComposedLetter, Consequences, FileIdentity, Filed, Filing, Lease, LetterKind, NewClaim, NewDocument,
    NewEnvelope, NewField, NewLetter, NewRecord, NewTask, Options, Outcome, RateLimit, Registering, SealedBytes, Series, Store, Tag, Taken,
};
use postsluse::vault::{AuditKey, Vault};

pub const LEASE: Duration = Duration::from_mins(1);
pub const SERIES: Series = Series { year: 2026, first: 100 };

pub struct Bench {
    pub address: Address,
    /// The address as a test that goes past the store writes it.
    pub url: String,
    pub clock: StoppedClock,
    pub entropy: CountingEntropy,
    _folder: Option<tempfile::TempDir>,
}

/// Somebody at the command line.
pub const PERSON: Actor = Actor::Operator { uid: 1000 };

/// The key of every chain of these tests.
pub static AUDIT_KEY: LazyLock<AuditKey> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let entropy: SharedEntropy = Arc::new(CountingEntropy::seeded(1));
    Vault::init(folder.path(), &StoppedClock::at("2026-11-21T09:00:00Z".parse().unwrap()), entropy).unwrap().audit_key()
});

pub fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

impl Bench {
    fn new(address: Address, url: String, folder: Option<tempfile::TempDir>) -> Self {
        let start = "2026-11-21T09:00:00.123456789Z".parse().unwrap();
        Self { address, url, clock: StoppedClock::at(start), entropy: CountingEntropy::seeded(7), _folder: folder }
    }

    pub fn empty_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a test.db");
        Self::new(Address::sqlite(&file), format!("sqlite://{}", file.display()).replace(' ', "%20"), Some(folder))
    }

    pub async fn empty_postgres() -> Self {
        let url = crate::postgres::database().await;
        Self::new(Address::parse(&url).unwrap(), url, None)
    }

    pub async fn sqlite() -> Self {
        let bench = Self::empty_sqlite();
        store::migrate(&bench.address).await.unwrap();
        bench
    }

    pub async fn postgres() -> Self {
        let bench = Self::empty_postgres().await;
        store::migrate(&bench.address).await.unwrap();
        bench
    }

    pub async fn store(&self) -> Store {
        Store::connect(&self.address, Options::new(Actor::Daemon, AUDIT_KEY.clone())).await.unwrap()
    }

    pub async fn execute(&self, statement: &str) {
        crate::postgres::execute(&self.url, statement).await;
    }

    /// Makes the empty tables of an earlier version in place of those there are.
    pub async fn turn_back(&self, version: i64) {
        for table in TABLES {
            self.execute(&format!("DROP TABLE {table}")).await;
        }
        self.execute(&format!("DELETE FROM _sqlx_migrations WHERE version > {version}")).await;
        let folder = match self.address.backend() {
            store::Backend::Sqlite => "migrations/sqlite",
            store::Backend::Postgres => "migrations/postgres",
        };
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files.iter().take(usize::try_from(version).unwrap()) {
            for statement in std::fs::read_to_string(file).unwrap().split(";\n") {
                if statement.lines().any(|line| !line.is_empty() && !line.starts_with("--")) {
                    self.execute(statement).await;
                }
            }
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn pass(&self, time: Duration) -> Timestamp {
        self.clock.advance(time);
        self.now()
    }

    /// Every entry is there, in order, and linked to the one before.
    pub async fn check_chain(&self) {
        let store = self.store().await;
        let links = store.audit_entries(1, u32::MAX).await.unwrap();
        let head = audit::verify(&AUDIT_KEY, &links).unwrap();
        assert_eq!(store.audit_head().await.unwrap().unwrap_or(Head::START), head);
        store.close().await;
    }

    pub async fn actions(&self, store: &Store) -> Vec<String> {
        store.audit_entries(1, u32::MAX).await.unwrap().into_iter().map(|row| row.action).collect()
    }

    pub fn new_claim(&self, file: u8, owner: &str) -> NewClaim {
        let id = ClaimId::new(&self.clock, &self.entropy);
        NewClaim {
            id,
            folder: "skjema".into(),
            name_index: Tag(vec![file; 32]),
            // Numbers beyond what a signed column holds must come back as they went in.
            identity: FileIdentity { dev: u64::MAX, inode: u64::MAX - u64::from(file), size: 1000 + u64::from(file), mtime_ns: -5 },
            owner: owner.into(),
            spool_name: format!("{id}.sealed"),
        }
    }

    pub fn new_envelope(&self) -> NewEnvelope {
        NewEnvelope { id: EnvelopeId::new(&self.clock, &self.entropy), kek_id: "kek-1".into(), wrapped_dek: SealedBytes(vec![9; 60]) }
    }

    pub fn new_document(&self, digest: u8) -> NewDocument {
        NewDocument {
            id: DocumentId::new(&self.clock, &self.entropy),
            digest_index: Tag(vec![digest; 32]),
            size: 4096,
            origin: Origin::File,
            sealed_name: SealedBytes(vec![1, 2, 3]),
            received_at: self.now(),
        }
    }

    pub async fn claimed(&self, store: &Store, file: u8, owner: &str) -> Lease<ClaimId> {
        match store.claim(&self.new_claim(file, owner), self.now(), LEASE).await.unwrap() {
            ClaimOutcome::New(claim) => claim,
            other => panic!("the file is claimed already: {other:?}"),
        }
    }

    /// A document that waits for a reader. Its file is gone.
    pub async fn received(&self, store: &Store, number: u8) -> DocumentId {
        let claim = self.claimed(store, number, "daemon a").await;
        let committed = store.commit_original(&claim, &self.new_document(number), &self.new_envelope(), self.now()).await.unwrap();
        store.claim_done(&claim, self.now()).await.unwrap();
        match committed {
            Committed::Stored(id) => id,
            Committed::Duplicate(_) => panic!("document {number} is known"),
        }
    }

    pub async fn taken(&self, store: &Store, owner: &str) -> Taken {
        store.take_for_reading(owner, self.now(), LEASE).await.unwrap().expect("a document waits")
    }

    /// A document that a reader works on.
    pub async fn reading(&self, store: &Store, number: u8) -> Taken {
        self.received(store, number).await;
        self.taken(store, "daemon a").await
    }

    pub fn record(&self, part_number: u32, fields: usize, outcome: Outcome) -> NewRecord {
        let field = |number: usize| NewField { name: format!("felt.{number}"), sealed: SealedBytes(vec![u8::try_from(number % 251).unwrap(); 40]) };
        NewRecord {
            id: RecordId::new(&self.clock, &self.entropy),
            part_number,
            kind: Kind::Letter,
            form: Some(("vedtak".into(), "1".into())),
            pages: 2,
            to_review: 0,
            accepted: u32::try_from(fields).unwrap(),
            summary: SealedBytes(vec![5; 20]),
            fields: (1..=fields).map(field).collect(),
            crops: (part_number == 1).then(|| SealedBytes(vec![8; 100])),
            text: Some(SealedBytes(vec![6; 200])),
            returned: None,
            outcome,
        }
    }

    pub fn receipt(&self) -> NewLetter {
        NewLetter { id: LetterId::new(&self.clock, &self.entropy), kind: LetterKind::Kvittering, language: "nb".into(), brief: None, automatic: true }
    }

    pub fn kommune(&self, number: &str, year: i16) -> Outcome {
        let case = CaseKey::Kommune { number: number.into(), year };
        Outcome::Case(Box::new(Consequences {
            case,
            new_case: CaseId::new(&self.clock, &self.entropy),
            series: SERIES,
            letter: Some(self.receipt()),
            registering: None,
        }))
    }

    /// A vedtak that is registered for a year of kommune 0301, weighed against revision `expected` of its register.
    pub fn vedtak(&self, expected: u32, relation: Option<Relation>, tasks: Vec<NewTask>) -> Outcome {
        let Outcome::Case(consequences) = self.kommune("0301", 2027) else { unreachable!("a kommune has a case") };
        let registering = Registering { expected, years: vec![2027], relation, tasks, remind_at: None, agreed: false };
        Outcome::Case(Box::new(Consequences { registering: Some(registering), ..*consequences }))
    }

    pub fn person(&self, tags: &[(&str, u8)]) -> Outcome {
        let tags = tags.iter().map(|(kind, tag)| ((*kind).to_owned(), Tag(vec![*tag; 32]))).collect();
        let case = CaseKey::Person { tags, new_person: PersonId::new(&self.clock, &self.entropy), new_envelope: self.new_envelope() };
        Outcome::Case(Box::new(Consequences { case, new_case: CaseId::new(&self.clock, &self.entropy), series: SERIES, letter: None, registering: None }))
    }

    /// Files one record of a new document.
    pub async fn filed(&self, store: &Store, number: u8, outcome: Outcome) -> Filed {
        let taken = self.reading(store, number).await;
        let filing = Filing { pages: 2, records: vec![self.record(1, 3, outcome)] };
        store.file(&taken.lease, &filing, self.now()).await.unwrap().remove(0)
    }

    /// A letter that is due.
    pub async fn due(&self, store: &Store, number: u8) -> LetterId {
        let outcome = self.kommune(&format!("{:04}", 300 + u16::from(number)), 2027);
        self.filed(store, number, outcome).await.link.unwrap().letter.unwrap().0
    }

    /// A letter that is to be sent.
    pub async fn composed(&self, store: &Store, number: u8) -> LetterId {
        let id = self.due(store, number).await;
        let due = store.take_due_letter("daemon a", self.now(), LEASE).await.unwrap().unwrap();
        assert_eq!(due.letter.id, id);
        store.letter_composed(&due.lease, &letter_text(number), LIMIT, self.now()).await.unwrap();
        id
    }
}

/// As many as a test may want.
pub const LIMIT: RateLimit = RateLimit { since: Timestamp::UNIX_EPOCH, letters: 1000 };

/// Every table, each before those that it refers to.
const TABLES: [&str; 20] = [
    "audit",
    "events",
    "case_documents",
    "tasks",
    "vedtak",
    "letters",
    "anmodninger",
    "kommune_registers",
    "texts",
    "crops",
    "fields",
    "records",
    "number_series",
    "cases",
    "person_index",
    "persons",
    "claims",
    "documents",
    "envelopes",
    "instance",
];

pub fn letter_text(number: u8) -> ComposedLetter {
    ComposedLetter {
        pdf: SealedBytes(vec![number; 300]),
        recipient: SealedBytes(vec![number; 30]),
        recipient_tag: Tag(vec![number; 32]),
        message_id: format!("<{number}@imdi.example>"),
    }
}
