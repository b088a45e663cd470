"""Files that come by upload: kept in the ledger, searchable at once, seen by their owner only."""

import json
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from qa import uploads
from qa.config import Config
from qa.corpus import Corpus
from qa.errors import DataError, DocumentError, InputError, NotUploadedError, UnknownDocumentError
from qa.retrieval import Retriever
from tests.fakes import HashEmbedding

WIRE = "The border police made 680 arrests in one week.\n\nThe minister spoke on Monday."
NOTES = "The dentist charged nine hundred crowns.\n\nThe bill was paid in March."
ANNA, BERT = "anna-5f0c9e1b7a", "bert-90ab12cd34"


@pytest.fixture(name="folder")
def documents_folder(tmp_path):
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "wire.txt").write_text(WIRE)
    return folder


@pytest.fixture(name="reopen")
def opening_of_the_corpus(tmp_path):
    """Opens the corpus of the test, closing the one that was open before."""
    opened = []

    def reopen(**settings):
        while opened:
            opened.pop().close()
        opened.append(Corpus.open(Config(data_dir=tmp_path / "data", **settings), HashEmbedding()))
        return opened[-1]

    yield reopen
    for corpus in opened:
        corpus.close()


@pytest.fixture(name="corpus")
def corpus_of_the_folder(reopen, folder):
    corpus = reopen()
    corpus.sync(folder)
    return corpus


def found(corpus, question, documents=()):
    """Sources of the passages which both searches give."""
    return {passage.source for passage in Retriever(corpus, HashEmbedding()).find(question, documents)}


class TestAdding:
    def test_an_upload_is_found_at_once(self, corpus):
        added = corpus.add("notes.txt", NOTES.encode())
        assert (added.state, added.source) == ("added", "uploads/notes.txt")
        assert "uploads/notes.txt" in found(corpus, "dentist crowns")
        assert corpus.ledger.document(added.document_id).text == NOTES

    def test_it_changes_the_version_of_the_index(self, corpus):
        before = corpus.ledger.index_version()
        added = corpus.add("notes.txt", NOTES.encode())
        assert corpus.ledger.index_version() != before
        corpus.remove(added.document_id)
        assert corpus.ledger.index_version() == before

    def test_it_is_listed_beside_the_files_of_the_folder(self, corpus):
        corpus.add("notes.txt", NOTES.encode())
        wire, notes = corpus.ledger.catalogue()
        assert (wire.source, wire.uploaded, wire.private) == ("wire.txt", False, False)
        assert (notes.source, notes.uploaded, notes.private) == ("uploads/notes.txt", True, False)
        assert (notes.characters, notes.state) == (len(NOTES), "ready") and notes.chunks >= 1

    def test_indexing_the_folder_leaves_it(self, corpus, folder):
        corpus.add("notes.txt", NOTES.encode())
        report = corpus.sync(folder)
        assert (report.removed, report.unchanged) == ((), ("wire.txt",))
        assert "uploads/notes.txt" in found(corpus, "dentist crowns")

    def test_a_folder_file_of_the_same_source_is_another_document(self, corpus, folder):
        (folder / "uploads").mkdir()
        (folder / "uploads" / "notes.txt").write_text("The dentist went on strike.")
        uploaded = corpus.add("notes.txt", NOTES.encode())
        corpus.sync(folder)
        assert len(corpus.ledger.catalogue()) == 3
        (folder / "uploads" / "notes.txt").unlink()
        corpus.sync(folder)
        assert corpus.ledger.document(uploaded.document_id).text == NOTES

    def test_the_same_name_again_replaces_the_file(self, corpus):
        first = corpus.add("notes.txt", NOTES.encode())
        second = corpus.add("notes.txt", b"The plumber came on Tuesday.")
        assert (second.state, second.document_id) == ("changed", first.document_id)
        assert corpus.ledger.keyword_search("dentist", 5) == ()
        assert found(corpus, "plumber Tuesday", [second.document_id]) == {"uploads/notes.txt"}

    def test_the_same_file_again_is_not_indexed_again(self, corpus):
        first = corpus.add("notes.txt", NOTES.encode())
        again = corpus.add("notes.txt", NOTES.encode())
        assert (again.state, again.document_id) == ("unchanged", first.document_id)

    def test_the_same_bytes_under_another_name_are_named_and_not_kept_twice(self, corpus):
        (wire,) = corpus.ledger.sources()
        added = corpus.add("copy.txt", WIRE.encode())
        assert (added.state, added.document_id, added.source) == ("duplicate", wire, "wire.txt")
        assert len(corpus.ledger.catalogue()) == 1

    @pytest.mark.parametrize(
        ("name", "content", "reason"),
        [
            ("empty.txt", b"", "is empty"),
            ("blank.txt", b" \n\t\n", "holds no text"),
            ("picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is a PNG image"),
            ("report.pdf", b"%PDF-1.7", "save it as plain text"),
            ("page.html", b"<p>Hello", "save it as plain text"),
            ("bytes.txt", bytes(range(256)) * 9, "binary data"),
            ("big.txt", b"a b " * 2_600_000, "larger than 10 MB"),
            ("", b"words", "without a name"),
            ("../..", b"words", "without a name"),
            (".txt", b"words", "save it as plain text"),
        ],
    )
    def test_what_is_no_text_is_refused_with_the_reason(self, corpus, name, content, reason):
        with pytest.raises(DocumentError, match=reason):
            corpus.add(name, content)
        assert len(corpus.ledger.catalogue()) == 1

    def test_all_uploads_together_have_a_limit(self, corpus, monkeypatch):
        corpus.add("notes.txt", NOTES.encode())
        monkeypatch.setattr(uploads, "LARGEST_UPLOADS", len(NOTES) + 3)
        with pytest.raises(DocumentError, match="Delete some"):
            corpus.add("more.txt", b"words")


class TestNames:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("notes.txt", "notes.txt"),
            ("../../etc/passwd.txt", "passwd.txt"),
            ("C:\\Users\\anna\\notes.txt", "notes.txt"),
            ("\\\\server\\share\\notes.txt", "notes.txt"),
            ("/notes.txt", "notes.txt"),
            ("..hidden.txt", "hidden.txt"),
            ("a\x00b\x1b[31m\nc.txt", "ab[31m c.txt"),
            ("\u202etxt.exe.txt", "txt.exe.txt"),
            ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"),
            ("e\u0301t\u00e9.txt", "\u00e9t\u00e9.txt"),
            ("\ud800.txt", "txt"),
            ("-rf.txt", "-rf.txt"),
            ("x" * 5000 + ".txt", "x" * 146 + ".txt"),
        ],
    )
    def test_a_name_is_a_label_and_never_a_path(self, given, kept):
        assert uploads.clean_name(given) == kept

    def test_a_hostile_name_writes_no_file(self, corpus, tmp_path):
        before = sorted(path for path in tmp_path.rglob("*") if "chroma" not in str(path))
        for name in ("../../evil.txt", "/etc/evil.txt", "con.txt", "a/../../b.txt"):
            corpus.add(name, f"Words of {name}.".encode())
        assert sorted(path for path in tmp_path.rglob("*") if "chroma" not in str(path)) == before


class TestOwners:
    def test_only_a_search_that_names_it_finds_a_private_document(self, corpus):
        mine = corpus.add("notes.txt", NOTES.encode(), ANNA)
        assert found(corpus, "dentist crowns bill") == {"wire.txt"}
        assert "uploads/notes.txt" in found(corpus, "dentist", list(corpus.ledger.sources(ANNA)))
        assert mine.document_id not in corpus.ledger.sources() | corpus.ledger.sources(BERT)

    def test_lists_show_the_documents_of_everyone_and_ones_own(self, corpus):
        corpus.add("notes.txt", NOTES.encode(), ANNA)
        corpus.add("shared.txt", b"The bridge is closed.")
        assert [entry.source for entry in corpus.ledger.catalogue(BERT)] == ["wire.txt", "uploads/shared.txt"]
        assert [entry.private for entry in corpus.ledger.catalogue(ANNA)] == [False, True, False]
        assert len(corpus.ledger.documents()) == 2 and len(corpus.ledger.documents(ANNA)) == 3

    def test_two_owners_may_have_the_same_file_under_the_same_name(self, corpus):
        hers = corpus.add("notes.txt", NOTES.encode(), ANNA)
        his = corpus.add("notes.txt", NOTES.encode(), BERT)
        assert hers.state == his.state == "added" and hers.document_id != his.document_id
        corpus.remove(hers.document_id, ANNA)
        assert corpus.ledger.document(his.document_id).text == NOTES

    @pytest.mark.parametrize("other", [None, BERT])
    def test_nobody_else_can_delete_it(self, corpus, other):
        added = corpus.add("notes.txt", NOTES.encode(), ANNA)
        with pytest.raises(UnknownDocumentError):
            corpus.remove(added.document_id, other)
        corpus.remove(added.document_id, ANNA)
        assert corpus.ledger.document(added.document_id) is None

    def test_a_wrong_id_names_no_private_document(self, corpus):
        corpus.add("secret-plan.txt", NOTES.encode(), ANNA)
        with pytest.raises(InputError) as told:
            found(corpus, "dentist", ["0" * 16])
        assert "secret-plan" not in str(told.value)

    def test_without_shared_documents_nothing_is_found_by_default(self, reopen):
        corpus = reopen()
        corpus.add("notes.txt", NOTES.encode(), ANNA)
        assert found(corpus, "dentist crowns") == set()


class TestVisits:
    @pytest.fixture(name="on")
    def calendar(self, monkeypatch):
        return lambda day: monkeypatch.setattr("qa.corpus._today", lambda: date.fromisoformat(day))

    def test_an_upload_goes_when_its_owner_did_not_come_back_for_ninety_days(self, corpus, reopen, on):
        on("2026-01-01")
        hers, his = (corpus.add("notes.txt", NOTES.encode(), owner) for owner in (ANNA, BERT))
        shared = corpus.add("shared.txt", b"The bridge is closed.")
        on("2026-03-01")
        corpus.visited(BERT)
        on("2026-04-01")
        assert corpus.forget_unvisited() == 0
        on("2026-04-02")
        corpus = reopen()
        assert corpus.forget_unvisited() == 1
        ids = corpus.ledger.sources(ANNA) | corpus.ledger.sources(BERT)
        assert hers.document_id not in ids and {his.document_id, shared.document_id} <= ids.keys()
        assert corpus.ledger.uploaded(hers.document_id) == b""
        assert found(corpus, "dentist", [his.document_id]) == {"uploads/notes.txt"}
        on("2026-12-31")
        assert corpus.forget_unvisited() == 1
        assert shared.document_id in corpus.ledger.sources()

    def test_uploads_of_a_ledger_without_visits_get_their_ninety_days(self, corpus, on):
        on("2026-01-01")
        corpus.add("notes.txt", NOTES.encode(), ANNA)
        corpus.ledger.set_meta(visits="{}")
        on("2026-10-01")
        assert corpus.forget_unvisited() == 0
        on("2026-12-31")
        assert corpus.forget_unvisited() == 1

    def test_nothing_is_kept_of_who_has_no_uploads(self, corpus):
        added = corpus.add("notes.txt", NOTES.encode(), ANNA)
        corpus.visited(BERT)
        assert BERT not in corpus.ledger.meta("visits") and ANNA in corpus.ledger.meta("visits")
        corpus.remove(added.document_id, ANNA)
        corpus.forget_unvisited()
        assert ANNA not in corpus.ledger.meta("visits")

    def test_two_owners_who_come_at_once_are_both_noted(self, corpus, on):
        on("2026-01-01")
        owners = [f"owner-of-many-{number}" for number in range(8)]
        for owner in owners:
            corpus.add("notes.txt", NOTES.encode(), owner)
        on("2026-03-01")
        with ThreadPoolExecutor() as threads:
            list(threads.map(corpus.visited, owners))
        assert set(json.loads(corpus.ledger.meta("visits")).values()) == {"2026-03-01"}


class TestRemoving:
    def test_a_removed_upload_leaves_nothing(self, corpus):
        added = corpus.add("notes.txt", NOTES.encode())
        corpus.remove(added.document_id)
        assert corpus.ledger.uploaded(added.document_id) == b""
        assert found(corpus, "dentist crowns") == {"wire.txt"} or not found(corpus, "dentist crowns")
        assert len(corpus.ledger.records()) == 1

    def test_a_file_of_the_folder_is_the_users_own(self, corpus, folder):
        (wire,) = corpus.ledger.sources()
        with pytest.raises(NotUploadedError, match=r"wire\.txt .* qa index"):
            corpus.remove(wire)
        assert (folder / "wire.txt").exists() and corpus.ledger.document(wire)

    def test_what_is_not_there_cannot_be_removed(self, corpus):
        with pytest.raises(UnknownDocumentError, match="nobody"):
            corpus.remove("nobody")


class TestLasting:
    def test_an_upload_survives_closing(self, corpus, reopen):
        added = corpus.add("notes.txt", NOTES.encode(), ANNA)
        again = reopen()
        assert again.repaired is None
        assert again.ledger.document(added.document_id).text == NOTES
        assert again.ledger.catalogue(ANNA)[1].private

    def test_other_settings_index_it_again_from_its_own_bytes(self, corpus, reopen, folder):
        corpus.add("notes.txt", (NOTES * 20).encode(), ANNA)
        few = corpus.ledger.catalogue(ANNA)[1].chunks
        again = reopen(chunk_tokens=40)
        assert again.sync(folder).changed == ("wire.txt", "uploads/notes.txt")
        entry = again.ledger.catalogue(ANNA)[1]
        assert entry.chunks > few and entry.private and again.outdated() == ()

    def test_a_full_disk_keeps_what_was_there(self, corpus, monkeypatch, folder):
        full = sqlite3.OperationalError("database or disk is full")
        full.sqlite_errorname = "SQLITE_FULL"
        connection = corpus.ledger._connection

        class Full:
            in_transaction = True

            def execute(self, sql, values=()):
                if "INSERT" in sql and "uploads" in sql:
                    raise full
                return connection.execute(sql, values)

            def __getattr__(self, name):
                return getattr(connection, name)

        monkeypatch.setattr(corpus.ledger, "_connection", Full())
        with pytest.raises(DataError, match="disk is full"):
            corpus.add("notes.txt", NOTES.encode())
        monkeypatch.undo()
        assert [entry.source for entry in corpus.ledger.catalogue()] == ["wire.txt"]
        assert corpus.add("notes.txt", NOTES.encode()).state == "added"

    def test_killed_at_any_step_of_an_upload_it_is_whole(self, corpus, reopen, tmp_path):
        corpus.add("notes.txt", NOTES.encode())
        steps = []
        corpus.remove(corpus.add("more.txt", b"Something else.", None, steps.append).document_id)
        corpus.close()
        changed = tmp_path / "changed.txt"
        changed.write_text("The plumber came on Tuesday. He left on Friday.")
        command = [sys.executable, "-m", "tests.crashes", str(tmp_path / "data"), str(changed)]
        subprocess.run([*command, str(len(steps))], check=True, capture_output=True)
        for n in range(len(steps)):
            with Corpus.open(Config(data_dir=tmp_path / f"data-{n}"), HashEmbedding()) as again:
                entry = again.ledger.catalogue()[-1]
                text = again.ledger.document(entry.id).text
                assert entry.state == "ready" and text in (NOTES, changed.read_text()), steps[n]
                assert found(again, text, [entry.id]) == {"uploads/notes.txt"}
                again.add("notes.txt", changed.read_bytes())
                assert again.ledger.document(entry.id).text == changed.read_text()


def test_leaving_a_few_documents_out_finds_what_a_filter_finds(corpus, monkeypatch):
    for number in range(12):
        corpus.add(f"{number}.txt", f"{NOTES} Bill number {number}.".encode(), ANNA if number % 3 else None)
    retriever = Retriever(corpus, HashEmbedding())
    scopes = [(), tuple(corpus.ledger.sources(ANNA)), tuple(corpus.ledger.sources())[:2]]
    cheap = [retriever.find("dentist bill number 7", scope) for scope in scopes]
    monkeypatch.setattr("qa.corpus.CHEAPER_THAN_A_FILTER", -1)
    assert [retriever.find("dentist bill number 7", scope) for scope in scopes] == cheap
    assert all(found for found in cheap)
