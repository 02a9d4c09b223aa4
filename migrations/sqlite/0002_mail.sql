-- How a document came: as a file, or as a message. migrations/postgres/0002_mail.sql is the same in PostgreSQL's words: change both or neither.
ALTER TABLE documents ADD COLUMN origin TEXT NOT NULL DEFAULT 'file' CHECK (origin IN ('file', 'mail'));
