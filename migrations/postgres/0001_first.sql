-- The first schema. migrations/sqlite/0001_first.sql is the same in SQLite's words: change both or neither.
-- Instants are microseconds since 1970-01-01 UTC. BYTEA columns are sealed bytes, keyed indexes or MACs; no column holds a name or a value in clear.

CREATE TABLE instance (
    key   TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    value TEXT COLLATE "C" NOT NULL
);

-- The unit that has its own data key. Without its wrapped key everything sealed in it is gone for good (shredding).
CREATE TABLE envelopes (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    kek_id      TEXT COLLATE "C" NOT NULL,
    wrapped_dek BYTEA,
    created_at  BIGINT NOT NULL
);
CREATE INDEX envelopes_kek ON envelopes (kek_id);

-- One row a sealed original. The row is the job: `ready_at` is when it may next be taken (while it is read: when its lease runs out).
CREATE TABLE documents (
    id              TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    envelope_id     TEXT COLLATE "C" NOT NULL REFERENCES envelopes (id),
    digest_index    BYTEA NOT NULL UNIQUE,
    spool_name      TEXT COLLATE "C" NOT NULL,
    size            BIGINT NOT NULL CHECK (size >= 0),
    folder          TEXT COLLATE "C" NOT NULL,
    sealed_name     BYTEA NOT NULL,
    received_at     BIGINT NOT NULL,
    state           TEXT COLLATE "C" NOT NULL CHECK (state IN ('received', 'reading', 'filed', 'quarantined')),
    attempts        BIGINT NOT NULL CHECK (attempts >= 0),
    turn            BIGINT NOT NULL,
    ready_at        BIGINT NOT NULL,
    lease_owner     TEXT COLLATE "C",
    lease_until     BIGINT,
    refusal_code    TEXT COLLATE "C",
    sealed_refusal  BYTEA,
    pages           BIGINT,
    updated_at      BIGINT NOT NULL,
    CHECK ((state = 'reading') = (lease_until IS NOT NULL)),
    CHECK ((state = 'quarantined') = (refusal_code IS NOT NULL)),
    CHECK (state = 'quarantined' OR sealed_refusal IS NULL)
);
CREATE INDEX documents_queue ON documents (ready_at, id) WHERE state IN ('received', 'reading');
CREATE INDEX documents_state ON documents (state, id);
CREATE UNIQUE INDEX documents_spool ON documents (spool_name);

-- One row a dropped file in work. `name_index` is a keyed hash of the file's name.
CREATE TABLE claims (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    folder      TEXT COLLATE "C" NOT NULL,
    name_index  BYTEA NOT NULL,
    dev         BIGINT NOT NULL,
    inode       BIGINT NOT NULL,
    size        BIGINT NOT NULL,
    mtime_ns    BIGINT NOT NULL,
    owner       TEXT COLLATE "C" NOT NULL,
    turn        BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('claimed', 'sealed', 'duplicate', 'done')),
    document_id TEXT COLLATE "C" REFERENCES documents (id),
    spool_name  TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    CHECK ((state = 'claimed') = (document_id IS NULL))
);
CREATE UNIQUE INDEX claims_open ON claims (folder, name_index, dev, inode, size, mtime_ns) WHERE state <> 'done';
CREATE INDEX claims_document ON claims (document_id);

CREATE TABLE persons (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    envelope_id TEXT COLLATE "C" NOT NULL REFERENCES envelopes (id),
    created_at  BIGINT NOT NULL
);

-- Blind index: keyed hashes of DUF and fødselsnummer.
CREATE TABLE person_index (
    kind      TEXT COLLATE "C" NOT NULL,
    tag       BYTEA NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL REFERENCES persons (id),
    PRIMARY KEY (kind, tag)
);
CREATE INDEX person_index_person ON person_index (person_id);

CREATE TABLE cases (
    id            TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL CHECK (kind IN ('person', 'kommune')),
    person_id     TEXT COLLATE "C" UNIQUE REFERENCES persons (id),
    kommune       TEXT COLLATE "C",
    year          BIGINT,
    case_year     BIGINT NOT NULL,
    case_number   BIGINT NOT NULL,
    last_document BIGINT NOT NULL,
    last_event    BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    UNIQUE (case_year, case_number),
    UNIQUE (kind, kommune, year),
    CHECK ((kind = 'person') = (person_id IS NOT NULL)),
    CHECK ((kind = 'kommune') = (kommune IS NOT NULL AND year IS NOT NULL))
);

-- The office's number series: the last case number given out in a year.
CREATE TABLE number_series (
    year BIGINT PRIMARY KEY NOT NULL,
    last BIGINT NOT NULL
);

CREATE TABLE records (
    id             TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    document_id    TEXT COLLATE "C" NOT NULL REFERENCES documents (id),
    envelope_id    TEXT COLLATE "C" NOT NULL REFERENCES envelopes (id),
    part_number    BIGINT NOT NULL CHECK (part_number >= 1),
    kind           TEXT COLLATE "C" NOT NULL CHECK (kind IN ('form', 'letter', 'mail', 'other', 'unknown')),
    form           TEXT COLLATE "C",
    form_version   TEXT COLLATE "C",
    pages          BIGINT NOT NULL,
    state          TEXT COLLATE "C" NOT NULL CHECK (state IN ('review', 'complete')),
    revision       BIGINT NOT NULL CHECK (revision >= 1),
    to_review      BIGINT NOT NULL,
    accepted       BIGINT NOT NULL,
    conflict       TEXT COLLATE "C",
    sealed_summary BYTEA NOT NULL,
    case_id        TEXT COLLATE "C" REFERENCES cases (id),
    created_at     BIGINT NOT NULL,
    settled_at     BIGINT,
    UNIQUE (document_id, part_number),
    CHECK ((state = 'complete') = (settled_at IS NOT NULL))
);
CREATE INDEX records_state ON records (state, id);
CREATE INDEX records_case ON records (case_id);

CREATE TABLE fields (
    record_id TEXT COLLATE "C" NOT NULL REFERENCES records (id),
    ordinal   BIGINT NOT NULL,
    name      TEXT COLLATE "C" NOT NULL,
    revision  BIGINT NOT NULL CHECK (revision >= 1),
    sealed    BYTEA NOT NULL,
    PRIMARY KEY (record_id, name, revision)
);

-- Pictures of what was read: one sealed bundle a form, whatever is filled in. Neither a row nor its size may tell of a single field.
CREATE TABLE crops (
    record_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES records (id),
    sealed    BYTEA NOT NULL
);

CREATE TABLE texts (
    record_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES records (id),
    sealed    BYTEA NOT NULL
);

CREATE TABLE letters (
    id               TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    case_id          TEXT COLLATE "C" NOT NULL REFERENCES cases (id),
    record_id        TEXT COLLATE "C" NOT NULL REFERENCES records (id),
    envelope_id      TEXT COLLATE "C" NOT NULL REFERENCES envelopes (id),
    kind             TEXT COLLATE "C" NOT NULL,
    language         TEXT COLLATE "C" NOT NULL,
    document_number  BIGINT NOT NULL,
    state            TEXT COLLATE "C" NOT NULL CHECK (state IN ('due', 'composed', 'sent', 'waiting_address', 'failed')),
    sealed_pdf       BYTEA,
    sealed_recipient BYTEA,
    message_id       TEXT COLLATE "C" UNIQUE,
    attempts         BIGINT NOT NULL CHECK (attempts >= 0),
    turn             BIGINT NOT NULL,
    ready_at         BIGINT NOT NULL,
    lease_owner      TEXT COLLATE "C",
    lease_until      BIGINT,
    last_error_code  TEXT COLLATE "C",
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    sent_at          BIGINT,
    UNIQUE (record_id, kind),
    CHECK (state NOT IN ('composed', 'sent') OR (sealed_pdf IS NOT NULL AND sealed_recipient IS NOT NULL AND message_id IS NOT NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX letters_queue ON letters (ready_at, id) WHERE state IN ('due', 'composed');
CREATE INDEX letters_state ON letters (state, id);
CREATE INDEX letters_case ON letters (case_id);

-- What a case holds, numbered 1, 2, 3 ...: the last part of "vår ref".
CREATE TABLE case_documents (
    case_id         TEXT COLLATE "C" NOT NULL REFERENCES cases (id),
    document_number BIGINT NOT NULL CHECK (document_number >= 1),
    direction       TEXT COLLATE "C" NOT NULL CHECK (direction IN ('in', 'out')),
    record_id       TEXT COLLATE "C" UNIQUE REFERENCES records (id),
    letter_id       TEXT COLLATE "C" UNIQUE REFERENCES letters (id),
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (case_id, document_number),
    CHECK ((direction = 'in') = (record_id IS NOT NULL)),
    CHECK ((direction = 'out') = (letter_id IS NOT NULL))
);

CREATE TABLE events (
    case_id   TEXT COLLATE "C" NOT NULL REFERENCES cases (id),
    sequence  BIGINT NOT NULL CHECK (sequence >= 1),
    at        BIGINT NOT NULL,
    code      TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" REFERENCES records (id),
    letter_id TEXT COLLATE "C" REFERENCES letters (id),
    PRIMARY KEY (case_id, sequence)
);

CREATE TABLE audit (
    sequence BIGINT PRIMARY KEY NOT NULL,
    at       BIGINT NOT NULL,
    actor    TEXT COLLATE "C" NOT NULL,
    action   TEXT COLLATE "C" NOT NULL,
    subject  TEXT COLLATE "C" NOT NULL,
    detail   TEXT COLLATE "C" NOT NULL,
    mac      BYTEA NOT NULL
);
