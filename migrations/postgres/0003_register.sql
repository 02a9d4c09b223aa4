-- Anmodninger, versions of vedtak, tasks; cases of single inquiries; letters that remind, follow up and answer. migrations/sqlite/0003_register.sql is the
-- same in SQLite's words: change both or neither.
ALTER TABLE cases DROP CONSTRAINT cases_kind_check;
ALTER TABLE cases ADD CONSTRAINT cases_kind_check CHECK (kind IN ('person', 'kommune', 'inquiry'));

-- A kommune's register as a whole: every change moves it on, and who weighed a vedtak against an older one weighs again.
CREATE TABLE kommune_registers (
    kommune  TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    revision BIGINT NOT NULL CHECK (revision >= 1)
);

-- What a kommune was asked for in a year. Numbers, deadlines and reasons are sealed; `remind_at` is when a reminder becomes due.
CREATE TABLE anmodninger (
    id          TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    case_id     TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES cases (id),
    envelope_id TEXT COLLATE "C" NOT NULL REFERENCES envelopes (id),
    status      TEXT COLLATE "C" NOT NULL CHECK (status IN ('ikke_svart', 'purret', 'svart', 'bekreftet', 'returnert')),
    revision    BIGINT NOT NULL CHECK (revision >= 1),
    sealed      BYTEA NOT NULL,
    remind_at   BIGINT,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX anmodninger_remind ON anmodninger (remind_at) WHERE remind_at IS NOT NULL;

-- What a kommune has decided for a year, one row a vedtak and year, in the order in which they were registered.
CREATE TABLE vedtak (
    kommune    TEXT COLLATE "C" NOT NULL,
    year       BIGINT NOT NULL,
    version    BIGINT NOT NULL CHECK (version >= 1),
    record_id  TEXT COLLATE "C" NOT NULL REFERENCES records (id),
    relation   TEXT COLLATE "C" NOT NULL CHECK (relation IN ('first', 'replaces', 'adds', 'repeats', 'unweighed')),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (kommune, year, version),
    UNIQUE (record_id, year)
);

-- What was registered before there were versions, under the year of its case. Nobody has held one against the other: whatever comes next waits for a person.
INSERT INTO vedtak (kommune, year, version, record_id, relation, created_at)
    SELECT c.kommune, c.year, ROW_NUMBER() OVER (PARTITION BY c.id ORDER BY r.settled_at, r.id), r.id, 'unweighed', r.settled_at
    FROM records r JOIN cases c ON c.id = r.case_id WHERE c.kind = 'kommune' AND r.form = 'vedtak';

-- What a person is to follow up with a kommune.
CREATE TABLE tasks (
    id         TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    kommune    TEXT COLLATE "C" NOT NULL,
    year       BIGINT NOT NULL,
    case_id    TEXT COLLATE "C" NOT NULL REFERENCES cases (id),
    record_id  TEXT COLLATE "C" NOT NULL REFERENCES records (id),
    code       TEXT COLLATE "C" NOT NULL,
    sealed     BYTEA NOT NULL,
    state      TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'done')),
    created_at BIGINT NOT NULL,
    done_at    BIGINT,
    CHECK ((state = 'done') = (done_at IS NOT NULL))
);
CREATE INDEX tasks_open ON tasks (kommune, year) WHERE state = 'open';
CREATE INDEX tasks_record ON tasks (record_id);

ALTER TABLE letters ALTER COLUMN record_id DROP NOT NULL;
ALTER TABLE letters ADD COLUMN anmodning_id TEXT COLLATE "C" REFERENCES anmodninger (id);
ALTER TABLE letters ADD COLUMN round BIGINT NOT NULL DEFAULT 1 CHECK (round >= 1);
ALTER TABLE letters ALTER COLUMN round DROP DEFAULT;
ALTER TABLE letters ADD COLUMN automatic BIGINT NOT NULL DEFAULT 1 CHECK (automatic IN (0, 1));
ALTER TABLE letters ALTER COLUMN automatic DROP DEFAULT;
ALTER TABLE letters ADD COLUMN sealed_brief BYTEA;
ALTER TABLE letters ADD COLUMN recipient_tag BYTEA;
ALTER TABLE letters ADD COLUMN composed_at BIGINT;
ALTER TABLE letters DROP CONSTRAINT letters_record_id_kind_key;
ALTER TABLE letters ADD CONSTRAINT letters_record_id_kind_round_key UNIQUE (record_id, kind, round);
ALTER TABLE letters ADD CONSTRAINT letters_anmodning_id_kind_round_key UNIQUE (anmodning_id, kind, round);
ALTER TABLE letters ADD CONSTRAINT letters_cause_check CHECK ((record_id IS NULL) <> (anmodning_id IS NULL));
ALTER TABLE letters DROP CONSTRAINT letters_state_check;
ALTER TABLE letters ADD CONSTRAINT letters_state_check CHECK (state IN ('due', 'composed', 'sent', 'waiting_address', 'failed', 'withdrawn'));
CREATE INDEX letters_recipient ON letters (recipient_tag, composed_at);
