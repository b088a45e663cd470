import hashlib
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
import pytest

from qa.errors import DataError
from qa.ledger import Ledger
from qa.records import Chunk, Record
from qa.schema import SCRIPTS
from qa.types import Document


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger(tmp_path / "ledger.sqlite3")
    yield opened
    opened.close()


def put(ledger: Ledger, source: str, *chunks: str, state="ready", embedding="hash") -> Document:
    """Store a document made of these chunks, a blank between them."""
    text = " ".join(chunks)
    document = Document(
        id=hashlib.sha256(source.encode()).hexdigest()[:16],
        source=source,
        title=f"Title of {source}",
        date="2017-02-24",
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        skipped=((0, 1),),
        hidden_characters=3,
    )
    record = Record(
        id=document.id,
        source=source,
        file_sha256=document.sha256,
        file_bytes=len(text),
        chunking="40 tokens",
        embedding=embedding,
        state=state,
    )
    starts = [text.index(chunk) for chunk in chunks]
    rows = [
        Chunk(
            id=f"{document.id}-{start}",
            document_id=document.id,
            ordinal=n,
            start=start,
            end=start + len(chunk),
        )
        for n, (start, chunk) in enumerate(zip(starts, chunks, strict=True))
    ]
    ledger.put(document, record, rows, np.full((len(rows), 4), 0.5, dtype=np.float32))
    return document


def found_texts(ledger: Ledger, question: str, documents=()) -> list[str]:
    hits = ledger.keyword_search(question, 10, documents)
    return [ledger.document(chunk.document_id).text[chunk.start : chunk.end] for chunk, _ in hits]


def test_a_document_comes_back_as_it_was_put(ledger):
    document = put(ledger, "a.txt", "The mother was deported.", "NUL \x00 and é and \U0001f600 stay.")
    assert ledger.document(document.id) == document
    assert ledger.documents() == (document,)
    assert ledger.sources() == {document.id: "a.txt"}
    assert ledger.document("nobody") is None


def test_everything_survives_closing(ledger):
    document = put(ledger, "a.txt", "The mother was deported.")
    version = ledger.index_version()
    ledger.close()
    again = Ledger(ledger.path)
    assert again.documents() == (document,)
    assert again.index_version() == version
    again.close()


def test_a_new_version_replaces_the_old_one_in_place(ledger):
    put(ledger, "a.txt", "The mother was deported.", "She sued.")
    put(ledger, "b.txt", "Another story.")
    put(ledger, "a.txt", "The father was released.")
    assert [d.source for d in ledger.documents()] == ["a.txt", "b.txt"]
    assert found_texts(ledger, "mother sued deported") == []
    assert found_texts(ledger, "father") == ["The father was released."]


def test_a_removed_document_leaves_nothing(ledger):
    document = put(ledger, "a.txt", "The mother was deported.")
    ledger.remove(document.id)
    assert ledger.records() == ()
    assert ledger.chunk_ids("hash") == frozenset()
    assert found_texts(ledger, "mother") == []


def test_a_failing_put_changes_nothing(ledger):
    document = put(ledger, "a.txt", "The mother was deported.")
    record = ledger.records()[0]
    chunk = ledger.chunks_of(document.id)[0]
    with pytest.raises(DataError, match="UNIQUE"):
        ledger.put(document, record, [chunk, chunk], np.zeros((2, 4), dtype=np.float32))
    assert ledger.chunks_of(document.id) == (chunk,)
    assert found_texts(ledger, "mother") == ["The mother was deported."]


def test_a_pending_document_is_not_found(ledger):
    document = put(ledger, "a.txt", "The mother was deported.", state="pending")
    chunk = ledger.chunks_of(document.id)[0]
    assert (ledger.documents(), ledger.document(document.id), ledger.chunks([chunk.id])) == ((), None, {})
    assert ledger.keyword_search("mother", 10) == ()
    assert ledger.chunk_ids("hash") == {chunk.id}
    ledger.mark_ready([document.id])
    assert ledger.chunks([chunk.id]) == {chunk.id: chunk}
    assert found_texts(ledger, "mother") == ["The mother was deported."]


def test_words_are_found_in_other_forms_and_rare_words_weigh_more(ledger):
    put(ledger, "a.txt", "Arrests were made in raids.", "The raids were in Texas.", "Cafés stayed open.")
    assert found_texts(ledger, "arrested raid")[0] == "Arrests were made in raids."
    assert found_texts(ledger, "cafe") == ["Cafés stayed open."]


def test_the_search_keeps_to_the_documents_it_is_given(ledger):
    first = put(ledger, "a.txt", "The raids began.")
    put(ledger, "b.txt", "The raids ended.")
    assert found_texts(ledger, "raids", [first.id]) == ["The raids began."]
    assert found_texts(ledger, "raids", ["'; DROP TABLE documents; --"]) == []


@pytest.mark.parametrize(
    "question", ["", "AND OR NOT", '"', "column:x", "NEAR(a b)", "*", "\ud800", "\x00", "<|im_end|>"]
)
def test_no_question_breaks_the_search(ledger, question):
    put(ledger, "a.txt", "The raids began.")
    assert ledger.keyword_search(question, 10) == ()


def test_the_index_version_follows_text_and_settings(ledger):
    put(ledger, "a.txt", "One.")
    one = ledger.index_version()
    put(ledger, "a.txt", "Two.")
    two = ledger.index_version()
    put(ledger, "a.txt", "Two.", embedding="other")
    three = ledger.index_version()
    put(ledger, "a.txt", "One.")
    assert len({one, two, three}) == 3
    assert ledger.index_version() == one and len(one) == 16


def test_vectors_come_back_in_pages(ledger):
    document = put(ledger, "a.txt", "One.", "Two.", "Three.")
    ids = [chunk.id for chunk in ledger.chunks_of(document.id)]
    pages = list(ledger.vectors(ids, page_size=2))
    assert [page.ids for page in pages] == [tuple(ids[:2]), tuple(ids[2:])]
    assert pages[0].document_ids == (document.id, document.id)
    assert pages[0].vectors.dtype == np.float32 and pages[0].vectors.tolist() == [[0.5] * 4] * 2


def test_threads_read_while_another_writes(ledger):
    put(ledger, "a.txt", "The raids began.")

    def write_and_read(n: int) -> int:
        put(ledger, f"{n}.txt", "The raids went on.")
        return len(ledger.keyword_search("raids", 100))

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(write_and_read, range(40)))
    assert max(counts) == len(ledger.documents()) == 41


def test_a_ledger_of_a_newer_version_is_left_alone(tmp_path):
    path = tmp_path / "ledger.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(DataError, match=r"newer version of qa \(its format is 99.*Update qa"):
        Ledger(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["cut", "random", "not a database"])
def test_a_damaged_ledger_is_named_and_kept(ledger, damage):
    put(ledger, "a.txt", *(f"Sentence number {n} of a long story." for n in range(500)))
    ledger.close()
    whole = ledger.path.read_bytes()
    broken = {"cut": whole[: len(whole) // 2], "random": whole[:4096] + b"\xa5" * 8192 + whole[12288:]}
    ledger.path.write_bytes(broken.get(damage, b"<html>not a database</html>" * 50))
    with pytest.raises(DataError, match=r"ledger\.sqlite3 is damaged .*move that file away.*qa index"):
        Ledger(ledger.path)
    assert ledger.path.exists()


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match=r"nowhere/ledger\.sqlite3 cannot be used .*QA_DATA"):
        Ledger(tmp_path / "nowhere" / "ledger.sqlite3")


_FILL = """
import resource, sys
from pathlib import Path
from qa.errors import DataError
from qa.ledger import Ledger
from tests.test_ledger import found_texts, put
ledger = Ledger(Path(sys.argv[1]))
put(ledger, "a.txt", "The raids began.")
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
try:
    put(ledger, "big.txt", *(f"Sentence {n} " + "of a long story " * 20 for n in range(1500)))
except DataError as error:
    print(error)
print(found_texts(ledger, "raids"), len(ledger.records()))
"""


def test_a_full_disk_is_said_and_loses_nothing(tmp_path):
    path = tmp_path / "ledger.sqlite3"
    done = subprocess.run(
        [sys.executable, "-c", _FILL, str(path)], capture_output=True, text=True, check=True
    )
    message, found = done.stdout.splitlines()
    assert "free some space, then run: qa index" in message and str(path) in message
    assert found == "['The raids began.'] 1"
    ledger = Ledger(path)
    assert [d.source for d in ledger.documents()] == ["a.txt"]
    ledger.close()


def test_a_read_only_file_is_said(ledger):
    ledger._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(
        DataError, match=r"cannot be used \(attempt to write a readonly database\).*permissions"
    ):
        put(ledger, "a.txt", "The raids began.")


def test_use_after_closing_is_said(ledger):
    ledger.close()
    with pytest.raises(DataError, match="was closed"):
        ledger.documents()


FORMAT_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE documents (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE, source TEXT NOT NULL UNIQUE, title TEXT NOT NULL, date TEXT,
    text TEXT NOT NULL, sha256 TEXT NOT NULL, skipped TEXT NOT NULL, hidden_characters INTEGER NOT NULL,
    file_sha256 TEXT NOT NULL, file_bytes INTEGER NOT NULL, chunking TEXT NOT NULL, embedding TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'ready'))
);
CREATE TABLE chunks (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE, document_id TEXT NOT NULL REFERENCES documents (id),
    ordinal INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, vector BLOB NOT NULL,
    UNIQUE (document_id, ordinal)
);
CREATE VIRTUAL TABLE chunks_fts USING fts5(title, text, tokenize='porter unicode61 remove_diacritics 2');
PRAGMA user_version = 1;
"""


@pytest.fixture
def of_format_1(ledger, tmp_path):
    """A ledger with two documents as the first version of this program wrote it."""
    for source in ("a.txt", "b.txt"):
        put(ledger, source, f"The mother of {source} was deported.", "She sued.")
    ledger.set_meta(index_folder="chroma-1")
    path = tmp_path / "old.sqlite3"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(FORMAT_1)
        old.execute("ATTACH ? AS new", (str(ledger.path),))
        for table in ("meta", "documents", "chunks"):
            old.execute(f"INSERT INTO {table} SELECT * FROM new.{table}")
        old.execute("INSERT INTO chunks_fts (rowid, title, text) SELECT rowid, * FROM new.chunks_fts")
        old.commit()
    return path


def test_a_ledger_of_an_earlier_format_loses_nothing(ledger, of_format_1):
    old = Ledger(of_format_1)
    assert (old.documents(), old.records()) == (ledger.documents(), ledger.records())
    assert old.chunk_ids("hash") == ledger.chunk_ids("hash") and old.meta("index_folder") == "chroma-1"
    assert found_texts(old, "deported") == found_texts(ledger, "deported") != []
    assert old.index_version() == ledger.index_version()
    # It can be written like a new one: chunks still belong to their documents, keys go on.
    document = put(old, "c.txt", "Another story.")
    old.remove(old.documents()[0].id)
    assert [d.source for d in old.documents()] == ["b.txt", "c.txt"] and old.document(document.id)
    old.close()
    again = Ledger(of_format_1)
    assert len(again.documents()) == 2
    again.close()


def test_a_change_of_format_that_is_cut_short_changes_nothing(of_format_1, monkeypatch):
    script = SCRIPTS[1]
    monkeypatch.setitem(
        SCRIPTS, 1, script.replace("PRAGMA user_version", "SELECT nothing; PRAGMA user_version")
    )
    with pytest.raises(DataError):
        Ledger(of_format_1)
    with closing(sqlite3.connect(of_format_1)) as old:
        assert old.execute("PRAGMA user_version").fetchone() == (1,)
        assert old.execute("SELECT count(*) FROM documents").fetchone() == (2,)
        assert not old.execute("SELECT 1 FROM sqlite_master WHERE name = 'uploads'").fetchone()
    monkeypatch.undo()
    Ledger(of_format_1).close()
