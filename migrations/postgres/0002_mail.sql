-- How a document came: as a file, or as a message. migrations/sqlite/0002_mail.sql is the same in SQLite's words: change both or neither.
ALTER TABLE documents ADD COLUMN origin TEXT COLLATE "C" NOT NULL DEFAULT 'file' CHECK (origin IN ('file', 'mail'));
