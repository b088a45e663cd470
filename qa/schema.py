"""The tables of the ledger, and how a ledger of an earlier format gets them without losing a row.

SQL only; nothing here opens a file.
"""

SCHEMA_VERSION = 2

_DOCUMENTS = """
CREATE TABLE {name} (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, title TEXT NOT NULL, date TEXT,
    text TEXT NOT NULL, sha256 TEXT NOT NULL, skipped TEXT NOT NULL, hidden_characters INTEGER NOT NULL,
    file_sha256 TEXT NOT NULL, file_bytes INTEGER NOT NULL, chunking TEXT NOT NULL, embedding TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'ready'))
);"""
_UPLOADS = """
CREATE TABLE uploads (
    document_id TEXT PRIMARY KEY REFERENCES documents (id), owner TEXT, content BLOB NOT NULL
);"""
_REST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE chunks (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE, document_id TEXT NOT NULL REFERENCES documents (id),
    ordinal INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, vector BLOB NOT NULL,
    UNIQUE (document_id, ordinal)
);
CREATE VIRTUAL TABLE chunks_fts USING fts5(title, text, tokenize='porter unicode61 remove_diacritics 2');
"""
# In format 1 two documents could not have one source; uploads of two owners can.
_FROM_1 = f"""
{_DOCUMENTS.format(name="documents_2")}
INSERT INTO documents_2 SELECT * FROM documents;
DROP TABLE documents;
ALTER TABLE documents_2 RENAME TO documents;
{_UPLOADS}
"""


def _whole(script: str) -> str:
    return f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"


SCRIPTS = {0: _whole(_DOCUMENTS.format(name="documents") + _REST + _UPLOADS), 1: _whole(_FROM_1)}
"""What makes a ledger of each earlier format one of this; to be run without foreign keys."""
