-- The first schema. migrations/postgres/0001_first.sql is the same in PostgreSQL's words: change both or neither.
-- Instants are microseconds since 1970-01-01 UTC. BLOBs are sealed bytes, keyed indexes or MACs; no column holds a name or a value in clear.

CREATE TABLE instance (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT;

-- The unit that has its own data key. Without its wrapped key everything sealed in it is gone for good (shredding).
CREATE TABLE envelopes (
    id          TEXT PRIMARY KEY NOT NULL,
    kek_id      TEXT NOT NULL,
    wrapped_dek BLOB,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX envelopes_kek ON envelopes (kek_id);

-- One row a sealed original. The row is the job: `ready_at` is when it may next be taken (while it is read: when its lease runs out).
CREATE TABLE documents (
    id              TEXT PRIMARY KEY NOT NULL,
    envelope_id     TEXT NOT NULL REFERENCES envelopes (id),
    digest_index    BLOB NOT NULL UNIQUE,
    spool_name      TEXT NOT NULL,
    size            INTEGER NOT NULL CHECK (size >= 0),
    folder          TEXT NOT NULL,
    sealed_name     BLOB NOT NULL,
    received_at     INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('received', 'reading', 'filed', 'quarantined')),
    attempts        INTEGER NOT NULL CHECK (attempts >= 0),
    turn            INTEGER NOT NULL,
    ready_at        INTEGER NOT NULL,
    lease_owner     TEXT,
    lease_until     INTEGER,
    refusal_code    TEXT,
    sealed_refusal  BLOB,
    pages           INTEGER,
    updated_at      INTEGER NOT NULL,
    CHECK ((state = 'reading') = (lease_until IS NOT NULL)),
    CHECK ((state = 'quarantined') = (refusal_code IS NOT NULL)),
    CHECK (state = 'quarantined' OR sealed_refusal IS NULL)
) STRICT;
CREATE INDEX documents_queue ON documents (ready_at, id) WHERE state IN ('received', 'reading');
CREATE INDEX documents_state ON documents (state, id);
CREATE UNIQUE INDEX documents_spool ON documents (spool_name);

-- One row a dropped file in work. `name_index` is a keyed hash of the file's name.
CREATE TABLE claims (
    id          TEXT PRIMARY KEY NOT NULL,
    folder      TEXT NOT NULL,
    name_index  BLOB NOT NULL,
    dev         INTEGER NOT NULL,
    inode       INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    mtime_ns    INTEGER NOT NULL,
    owner       TEXT NOT NULL,
    turn        INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('claimed', 'sealed', 'duplicate', 'done')),
    document_id TEXT REFERENCES documents (id),
    spool_name  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    CHECK ((state = 'claimed') = (document_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX claims_open ON claims (folder, name_index, dev, inode, size, mtime_ns) WHERE state <> 'done';
CREATE INDEX claims_document ON claims (document_id);

CREATE TABLE persons (
    id          TEXT PRIMARY KEY NOT NULL,
    envelope_id TEXT NOT NULL REFERENCES envelopes (id),
    created_at  INTEGER NOT NULL
) STRICT;

-- Blind index: keyed hashes of DUF and fødselsnummer.
CREATE TABLE person_index (
    kind      TEXT NOT NULL,
    tag       BLOB NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id),
    PRIMARY KEY (kind, tag)
) STRICT;
CREATE INDEX person_index_person ON person_index (person_id);

CREATE TABLE cases (
    id            TEXT PRIMARY KEY NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('person', 'kommune')),
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

-- The office's number series: the last case number given out in a year.
CREATE TABLE number_series (
    year INTEGER PRIMARY KEY NOT NULL,
    last INTEGER NOT NULL
) STRICT;

CREATE TABLE records (
    id             TEXT PRIMARY KEY NOT NULL,
    document_id    TEXT NOT NULL REFERENCES documents (id),
    envelope_id    TEXT NOT NULL REFERENCES envelopes (id),
    part_number    INTEGER NOT NULL CHECK (part_number >= 1),
    kind           TEXT NOT NULL CHECK (kind IN ('form', 'letter', 'mail', 'other', 'unknown')),
    form           TEXT,
    form_version   TEXT,
    pages          INTEGER NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('review', 'complete')),
    revision       INTEGER NOT NULL CHECK (revision >= 1),
    to_review      INTEGER NOT NULL,
    accepted       INTEGER NOT NULL,
    conflict       TEXT,
    sealed_summary BLOB NOT NULL,
    case_id        TEXT REFERENCES cases (id),
    created_at     INTEGER NOT NULL,
    settled_at     INTEGER,
    UNIQUE (document_id, part_number),
    CHECK ((state = 'complete') = (settled_at IS NOT NULL))
) STRICT;
CREATE INDEX records_state ON records (state, id);
CREATE INDEX records_case ON records (case_id);

CREATE TABLE fields (
    record_id TEXT NOT NULL REFERENCES records (id),
    ordinal   INTEGER NOT NULL,
    name      TEXT NOT NULL,
    revision  INTEGER NOT NULL CHECK (revision >= 1),
    sealed    BLOB NOT NULL,
    PRIMARY KEY (record_id, name, revision)
) STRICT;

-- Pictures of what was read: one sealed bundle a form, whatever is filled in. Neither a row nor its size may tell of a single field.
CREATE TABLE crops (
    record_id TEXT PRIMARY KEY NOT NULL REFERENCES records (id),
    sealed    BLOB NOT NULL
) STRICT;

CREATE TABLE texts (
    record_id TEXT PRIMARY KEY NOT NULL REFERENCES records (id),
    sealed    BLOB NOT NULL
) STRICT;

CREATE TABLE letters (
    id               TEXT PRIMARY KEY NOT NULL,
    case_id          TEXT NOT NULL REFERENCES cases (id),
    record_id        TEXT NOT NULL REFERENCES records (id),
    envelope_id      TEXT NOT NULL REFERENCES envelopes (id),
    kind             TEXT NOT NULL,
    language         TEXT NOT NULL,
    document_number  INTEGER NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('due', 'composed', 'sent', 'waiting_address', 'failed')),
    sealed_pdf       BLOB,
    sealed_recipient BLOB,
    message_id       TEXT UNIQUE,
    attempts         INTEGER NOT NULL CHECK (attempts >= 0),
    turn             INTEGER NOT NULL,
    ready_at         INTEGER NOT NULL,
    lease_owner      TEXT,
    lease_until      INTEGER,
    last_error_code  TEXT,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    sent_at          INTEGER,
    UNIQUE (record_id, kind),
    CHECK (state NOT IN ('composed', 'sent') OR (sealed_pdf IS NOT NULL AND sealed_recipient IS NOT NULL AND message_id IS NOT NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL))
) STRICT;
CREATE INDEX letters_queue ON letters (ready_at, id) WHERE state IN ('due', 'composed');
CREATE INDEX letters_state ON letters (state, id);
CREATE INDEX letters_case ON letters (case_id);

-- What a case holds, numbered 1, 2, 3 ...: the last part of "vår ref".
CREATE TABLE case_documents (
    case_id         TEXT NOT NULL REFERENCES cases (id),
    document_number INTEGER NOT NULL CHECK (document_number >= 1),
    direction       TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    record_id       TEXT UNIQUE REFERENCES records (id),
    letter_id       TEXT UNIQUE REFERENCES letters (id),
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (case_id, document_number),
    CHECK ((direction = 'in') = (record_id IS NOT NULL)),
    CHECK ((direction = 'out') = (letter_id IS NOT NULL))
) STRICT;

CREATE TABLE events (
    case_id   TEXT NOT NULL REFERENCES cases (id),
    sequence  INTEGER NOT NULL CHECK (sequence >= 1),
    at        INTEGER NOT NULL,
    code      TEXT NOT NULL,
    record_id TEXT REFERENCES records (id),
    letter_id TEXT REFERENCES letters (id),
    PRIMARY KEY (case_id, sequence)
) STRICT;

CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY NOT NULL,
    at       INTEGER NOT NULL,
    actor    TEXT NOT NULL,
    action   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    detail   TEXT NOT NULL,
    mac      BLOB NOT NULL
) STRICT;
