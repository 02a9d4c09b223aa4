-- Anmodninger, versions of vedtak, tasks; cases of single inquiries; letters that remind, follow up and answer. migrations/postgres/0003_register.sql is the
-- same in PostgreSQL's words: change both or neither. A constraint of a table that is there cannot be changed in place, so `cases` and `letters` are made anew.
PRAGMA defer_foreign_keys = ON;

CREATE TABLE cases_before AS SELECT * FROM cases;
DROP TABLE cases;
CREATE TABLE cases (
    id            TEXT PRIMARY KEY NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('person', 'kommune', 'inquiry')),
    person_id     TEXT UNIQUE REFERENCES persons (id),
    kommune       TEXT,
    year          INTEGER,
    case_year     INTEGER NOT NULL,
    case_number   INTEGER NOT NULL,
    last_document INTEGER NOT NULL,
    last_event    INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    UNIQUE (case_year, case_number),
    UNIQUE (kind, kommune, year),
    CHECK ((kind = 'person') = (person_id IS NOT NULL)),
    CHECK ((kind = 'kommune') = (kommune IS NOT NULL AND year IS NOT NULL))
) STRICT;
INSERT INTO cases SELECT * FROM cases_before;
DROP TABLE cases_before;

-- A kommune's register as a whole: every change moves it on, and who weighed a vedtak against an older one weighs again.
CREATE TABLE kommune_registers (
    kommune  TEXT PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1)
) STRICT;

-- What a kommune was asked for in a year. Numbers, deadlines and reasons are sealed; `remind_at` is when a reminder becomes due.
CREATE TABLE anmodninger (
    id          TEXT PRIMARY KEY NOT NULL,
    case_id     TEXT NOT NULL UNIQUE REFERENCES cases (id),
    envelope_id TEXT NOT NULL REFERENCES envelopes (id),
    status      TEXT NOT NULL CHECK (status IN ('ikke_svart', 'purret', 'svart', 'bekreftet', 'returnert')),
    revision    INTEGER NOT NULL CHECK (revision >= 1),
    sealed      BLOB NOT NULL,
    remind_at   INTEGER,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX anmodninger_remind ON anmodninger (remind_at) WHERE remind_at IS NOT NULL;

-- What a kommune has decided for a year, one row a vedtak and year, in the order in which they were registered.
CREATE TABLE vedtak (
    kommune    TEXT NOT NULL,
    year       INTEGER NOT NULL,
    version    INTEGER NOT NULL CHECK (version >= 1),
    record_id  TEXT NOT NULL REFERENCES records (id),
    relation   TEXT NOT NULL CHECK (relation IN ('first', 'replaces', 'adds', 'repeats', 'unweighed')),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (kommune, year, version),
    UNIQUE (record_id, year)
) STRICT;

-- What was registered before there were versions, under the year of its case. Nobody has held one against the other: whatever comes next waits for a person.
INSERT INTO vedtak (kommune, year, version, record_id, relation, created_at)
    SELECT c.kommune, c.year, ROW_NUMBER() OVER (PARTITION BY c.id ORDER BY r.settled_at, r.id), r.id, 'unweighed', r.settled_at
    FROM records r JOIN cases c ON c.id = r.case_id WHERE c.kind = 'kommune' AND r.form = 'vedtak';

-- What a person is to follow up with a kommune.
CREATE TABLE tasks (
    id         TEXT PRIMARY KEY NOT NULL,
    kommune    TEXT NOT NULL,
    year       INTEGER NOT NULL,
    case_id    TEXT NOT NULL REFERENCES cases (id),
    record_id  TEXT NOT NULL REFERENCES records (id),
    code       TEXT NOT NULL,
    sealed     BLOB NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'done')),
    created_at INTEGER NOT NULL,
    done_at    INTEGER,
    CHECK ((state = 'done') = (done_at IS NOT NULL))
) STRICT;
CREATE INDEX tasks_open ON tasks (kommune, year) WHERE state = 'open';
CREATE INDEX tasks_record ON tasks (record_id);

CREATE TABLE letters_before AS SELECT * FROM letters;
DROP TABLE letters;
CREATE TABLE letters (
    id               TEXT PRIMARY KEY NOT NULL,
    case_id          TEXT NOT NULL REFERENCES cases (id),
    record_id        TEXT REFERENCES records (id),
    anmodning_id     TEXT REFERENCES anmodninger (id),
    envelope_id      TEXT NOT NULL REFERENCES envelopes (id),
    kind             TEXT NOT NULL,
    round            INTEGER NOT NULL CHECK (round >= 1),
    automatic        INTEGER NOT NULL CHECK (automatic IN (0, 1)),
    language         TEXT NOT NULL,
    document_number  INTEGER NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('due', 'composed', 'sent', 'waiting_address', 'failed', 'withdrawn')),
    sealed_brief     BLOB,
    sealed_pdf       BLOB,
    sealed_recipient BLOB,
    recipient_tag    BLOB,
    message_id       TEXT UNIQUE,
    composed_at      INTEGER,
    attempts         INTEGER NOT NULL CHECK (attempts >= 0),
    turn             INTEGER NOT NULL,
    ready_at         INTEGER NOT NULL,
    lease_owner      TEXT,
    lease_until      INTEGER,
    last_error_code  TEXT,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    sent_at          INTEGER,
    UNIQUE (record_id, kind, round),
    UNIQUE (anmodning_id, kind, round),
    CHECK ((record_id IS NULL) <> (anmodning_id IS NULL)),
    CHECK (state NOT IN ('composed', 'sent') OR (sealed_pdf IS NOT NULL AND sealed_recipient IS NOT NULL AND message_id IS NOT NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL))
) STRICT;
INSERT INTO letters (id, case_id, record_id, envelope_id, kind, round, automatic, language, document_number, state, sealed_pdf, sealed_recipient, message_id,
                     attempts, turn, ready_at, lease_owner, lease_until, last_error_code, created_at, updated_at, sent_at)
    SELECT id, case_id, record_id, envelope_id, kind, 1, 1, language, document_number, state, sealed_pdf, sealed_recipient, message_id,
           attempts, turn, ready_at, lease_owner, lease_until, last_error_code, created_at, updated_at, sent_at
    FROM letters_before;
DROP TABLE letters_before;
CREATE INDEX letters_queue ON letters (ready_at, id) WHERE state IN ('due', 'composed');
CREATE INDEX letters_state ON letters (state, id);
CREATE INDEX letters_case ON letters (case_id);
CREATE INDEX letters_recipient ON letters (recipient_tag, composed_at);
