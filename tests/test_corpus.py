import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qa.config import Config
from qa.corpus import Corpus, Step
from qa.errors import InputError, LockedError
from tests.fakes import HashEmbedding

FIRST = {
    "a.txt": "The mother was deported on Wednesday. A senator from Pennsylvania protested in public.",
    "b.txt": "Six hundred people were arrested in the raids. The secretary praised the officers.",
    "sub/c.txt": "The president spoke of a military operation. His staff denied it within the hour.",
}
SECOND = {
    "a.txt": "The mother was given judicial review. A judge had seen her three times before.",
    "sub/c.txt": FIRST["sub/c.txt"],
    "d.txt": "Guatemala received the planes at dawn. The airport was closed to reporters.",
}
NO_TEXT = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20


def fill(folder: Path, files: dict[str, str]) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    for source, text in files.items():
        path = folder / source
        path.parent.mkdir(parents=True, exist_ok=True)
        # Many paragraphs, so that a document has several chunks.
        path.write_text("\n\n".join(f"{text} This is paragraph {n} of {source}." for n in range(4)))
    return folder


@pytest.fixture
def folder(tmp_path):
    return fill(tmp_path / "documents", FIRST)


@pytest.fixture
def embedder():
    return HashEmbedding()


@pytest.fixture
def open_corpus(tmp_path, embedder):
    """Opens the corpus of the test, closing the one that was open before."""
    opened: list[Corpus] = []

    def open_one(data_dir: Path = tmp_path / "data", chunk_tokens=40, using=embedder) -> Corpus:
        close_all()
        opened.append(Corpus.open(Config(data_dir=data_dir, chunk_tokens=chunk_tokens), using))
        return opened[-1]

    def close_all() -> None:
        while opened:
            opened.pop().close()

    yield open_one
    close_all()


def contents(corpus: Corpus) -> tuple:
    """Everything a reader could notice: documents, chunks, and what both searches find for each chunk."""
    documents = {document.source: document for document in corpus.ledger.documents()}
    found = {}
    for document in documents.values():
        for chunk in corpus.ledger.chunks_of(document.id):
            text = document.text[chunk.start : chunk.end]
            question = HashEmbedding().get_query_embedding(f"{document.title}\n{text}")
            by_words = {hit.id for hit, _ in corpus.ledger.keyword_search(text, 100)}
            found[chunk.id] = corpus.nearest(question, 1)[0][0].id if chunk.id in by_words else None
    assert all(hit == chunk_id for chunk_id, hit in found.items())
    assert corpus._index._index.ids() == set(found)
    return documents, frozenset(found), corpus.ledger.index_version()


def test_a_folder_becomes_searchable(open_corpus, folder):
    corpus = open_corpus()
    report = corpus.sync(folder)
    assert report.added == ("a.txt", "b.txt", "sub/c.txt")
    assert (report.changed, report.removed, report.unchanged, report.skipped) == ((), (), (), ())
    documents, chunks, _ = contents(corpus)
    assert set(documents) == set(FIRST) and len(chunks) >= 6


def test_only_what_changed_is_touched(open_corpus, folder, embedder):
    corpus = open_corpus()
    corpus.sync(folder)
    fill(folder, SECOND)
    embedder.embedded.clear()
    report = corpus.sync(folder)
    assert (report.added, report.changed, report.removed) == (("d.txt",), ("a.txt",), ("b.txt",))
    assert report.unchanged == ("sub/c.txt",) and not report.settings_changed
    assert all(("judge" in text) or ("Guatemala" in text) for text in embedder.embedded)
    assert set(contents(corpus)[0]) == set(SECOND)


def test_the_second_time_nothing_is_embedded(open_corpus, folder, embedder):
    open_corpus().sync(folder)
    embedder.embedded.clear()
    corpus = open_corpus()
    steps: list[Step] = []
    assert corpus.sync(folder, steps.append).unchanged == tuple(FIRST)
    assert embedder.embedded == [] and corpus.repaired is None
    assert [(step.stage, step.done, step.total) for step in steps] == [("unchanged", n, 3) for n in range(3)]


def test_bad_files_are_skipped_with_their_reason(open_corpus, folder):
    (folder / "empty.txt").write_text("")
    (folder / "image.txt").write_bytes(NO_TEXT)
    corpus = open_corpus()
    report = corpus.sync(folder)
    assert report.added == tuple(FIRST)
    assert [source for source, _ in report.skipped] == ["empty.txt", "image.txt"]
    assert all(source in reason for source, reason in report.skipped)


def test_a_file_that_turns_bad_keeps_its_earlier_version(open_corpus, folder):
    corpus = open_corpus()
    corpus.sync(folder)
    before = contents(corpus)
    (folder / "a.txt").write_bytes(NO_TEXT)
    ((source, reason),) = corpus.sync(folder).skipped
    assert source == "a.txt" and "The version that was read before stays" in reason
    assert contents(corpus) == before


def test_a_new_title_gives_new_vectors(open_corpus, folder):
    corpus = open_corpus()
    (folder / "a.txt").write_text("Old Headline Of This Story\n\nThe mother was deported.")
    corpus.sync(folder)
    (folder / "a.txt").write_text("New Headline Of This Story\n\nThe mother was deported.")
    assert corpus.sync(folder).changed == ("a.txt",)
    assert contents(corpus)[0]["a.txt"].title == "New Headline Of This Story"


def test_equal_files_are_both_kept_and_named(open_corpus, folder):
    shutil.copy(folder / "a.txt", folder / "copy.txt")
    corpus = open_corpus()
    assert corpus.sync(folder).duplicates == (("copy.txt", "a.txt"),)
    assert {document.source for document in corpus.ledger.documents()} == {*FIRST, "copy.txt"}


@pytest.mark.parametrize("change", [{"chunk_tokens": 60}, {"using": HashEmbedding(model_name="other")}])
def test_other_settings_index_everything_again(open_corpus, folder, change):
    open_corpus().sync(folder)
    corpus = open_corpus(**change)
    assert set(corpus.outdated()) == set(FIRST)
    report = corpus.sync(folder)
    assert report.changed == tuple(FIRST) and report.settings_changed
    assert corpus.outdated() == () and not corpus.sync(folder).settings_changed


def test_vectors_of_another_embedding_are_never_searched(open_corpus, folder):
    open_corpus().sync(folder)
    corpus = open_corpus(using=HashEmbedding(model_name="other"))
    assert corpus.nearest([1.0] * 256, 5) == ()
    assert corpus.ledger.keyword_search("mother", 5) != ()


def test_an_emptied_folder_empties_the_corpus(open_corpus, folder):
    corpus = open_corpus()
    corpus.sync(folder)
    fill(folder, {})
    folder.mkdir()
    assert corpus.sync(folder).removed == tuple(FIRST)
    assert contents(corpus)[:2] == ({}, frozenset())


def test_a_missing_folder_empties_nothing(open_corpus, folder):
    corpus = open_corpus()
    corpus.sync(folder)
    with pytest.raises(InputError, match="nowhere"):
        corpus.sync(folder / "nowhere")
    assert len(corpus.ledger.documents()) == 3


def test_one_process_owns_the_data_folder(open_corpus, tmp_path):
    corpus = open_corpus()
    corpus.announce("http://127.0.0.1:8000")
    with pytest.raises(LockedError, match=rf"http://127.0.0.1:8000 .*kill {os.getpid()}"):
        Corpus.open(Config(data_dir=tmp_path / "data"), HashEmbedding())
    corpus.close()
    Corpus.open(Config(data_dir=tmp_path / "data"), HashEmbedding()).close()


def test_a_failed_open_frees_the_folder(open_corpus, tmp_path):
    open_corpus().close()
    (tmp_path / "data" / "ledger.sqlite3").write_bytes(b"no database" * 1000)
    for _ in range(2):
        with pytest.raises(Exception, match=r"is damaged"):
            Corpus.open(Config(data_dir=tmp_path / "data"), HashEmbedding())


def test_killed_at_any_step_it_ends_as_if_never_killed(open_corpus, tmp_path, folder):
    data = tmp_path / "data"
    open_corpus().sync(folder)
    fill(folder, SECOND)
    open_corpus().close()
    shutil.copytree(data, tmp_path / "copy")
    steps: list[Step] = []
    reference = open_corpus()
    reference.sync(folder, steps.append)
    expected = contents(reference)
    command = [sys.executable, "-m", "tests.crashes", str(tmp_path / "copy"), str(folder), str(len(steps))]
    subprocess.run(command, check=True, capture_output=True)
    allowed = {*FIRST.values(), *SECOND.values()}
    for n in range(len(steps)):
        corpus = open_corpus(tmp_path / f"copy-{n}")
        documents = contents(corpus)[0]
        # Before anything is indexed again, each document is whole, in its old version or its new one.
        assert all(any(d.text.count(text) == 4 for text in allowed) for d in documents.values())
        assert "sub/c.txt" in documents and "a.txt" in documents
        corpus.sync(folder)
        assert contents(corpus) == expected, steps[n]
        assert {record.state for record in corpus.ledger.records()} == {"ready"}
    assert len({step.stage for step in steps}) == 9 and len(steps) == 17


_FULL_DISK = """
import json, resource, sys
from pathlib import Path
from qa.config import Config
from qa.corpus import Corpus
from qa.errors import DataError
from tests.fakes import HashEmbedding
data, folder = map(Path, sys.argv[1:])
corpus = Corpus.open(Config(data_dir=data, chunk_tokens=40), HashEmbedding())
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
try:
    corpus.sync(folder)
    message = ""
except DataError as error:
    message = str(error)
hits = corpus.nearest(HashEmbedding().get_query_embedding("mother deported senator"), 1)
words = corpus.ledger.keyword_search("mother", 1)
print(json.dumps([message, len(hits), len(words)]))
"""


def test_on_a_full_disk_the_old_corpus_still_answers(open_corpus, tmp_path, folder):
    open_corpus().sync(folder)
    open_corpus().close()
    (folder / "big.txt").write_text("\n\n".join(f"Paragraph {n} is long and dull. " * 4 for n in range(400)))
    command = [sys.executable, "-c", _FULL_DISK, str(tmp_path / "data"), str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    message, by_meaning, by_words = json.loads(done.stdout)
    assert "free some space, then run: qa index" in message
    assert (by_meaning, by_words) == (1, 1)
    corpus = open_corpus()
    assert {document.source for document in corpus.ledger.documents()} == set(FIRST)
    assert corpus.sync(folder).added == ("big.txt",)
    assert corpus._index._index.ids() == corpus.ledger.chunk_ids("hash")
