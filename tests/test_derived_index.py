import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from qa.config import Config
from qa.corpus import Corpus
from qa.derived_index import DerivedIndex
from qa.errors import DataError
from qa.index import Index
from qa.ledger import Ledger
from qa.records import VectorPage
from tests.damage import WAYS, searched, sentence
from tests.fakes import HashEmbedding
from tests.test_ledger import put


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """A closed corpus of so many chunks that Chroma has written all its files, and what a search finds."""
    base = tmp_path_factory.mktemp("reported")
    (base / "documents").mkdir()
    for part in range(2):
        sentences = map(sentence, range(part * 550, part * 550 + 550))
        (base / "documents" / f"{part}.txt").write_text("\n\n".join(sentences))
    with Corpus.open(Config(data_dir=base / "data", chunk_tokens=32), HashEmbedding()) as corpus:
        corpus.sync(base / "documents")
        before = searched(corpus)
    assert list((base / "data").glob("chroma-*/*/index_metadata.pickle"))
    return base / "data", before


@pytest.mark.parametrize(("state", "ways"), [("closed", ["zeroed"]), ("clean", list(WAYS))])
def test_every_damage_is_healed_without_embedding(reported, state, ways):
    data, before = reported
    command = [sys.executable, "-m", "tests.damage", str(data), state, *ways]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    outcomes = json.loads(done.stdout)
    assert len(outcomes) == 5 * len(ways) + 2
    for name, outcome in outcomes.items():
        assert (outcome["hits"], outcome["embedded"]) == (before, 0), name
        # Chroma may die of what it reads; the start after that must not.
        assert outcome["starts"] <= (1 if state == "closed" else 2), name
        assert outcome["repaired"] or state == "clean", name


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger(tmp_path / "ledger.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def index(tmp_path, ledger):
    """The index of a ledger with one document of two chunks, closed."""
    document = put(ledger, "a.txt", "The mother was deported.", "She sued.")
    vectors = np.eye(2, 4, dtype=np.float32)
    chunks = ledger.chunks_of(document.id)
    ledger.put(document, ledger.records()[0], chunks, vectors)
    opened = DerivedIndex(tmp_path, ledger, "hash")
    opened.close()
    return opened


def the_folder(tmp_path):
    (folder,) = tmp_path.glob("chroma-*")
    return folder


def test_an_index_in_order_is_opened_as_it_is(tmp_path, ledger, index):
    folder = the_folder(tmp_path)
    for _ in range(3):
        again = DerivedIndex(tmp_path, ledger, "hash")
        assert again.repaired is None and the_folder(tmp_path) == folder
        again.nearest([1, 0, 0, 0], 2)
        again.close()


@pytest.mark.parametrize("state", ["opening", "writing"])
def test_a_run_that_was_cut_short_is_not_trusted(tmp_path, ledger, index, state):
    folder = the_folder(tmp_path)
    ledger.set_meta(index_state=state)
    again = DerivedIndex(tmp_path, ledger, "hash")
    assert again.repaired == "The last run was cut short." and the_folder(tmp_path) != folder
    again.close()


def test_other_library_versions_build_a_new_one(tmp_path, ledger, index):
    ledger.set_meta(index_made_with="chromadb 0.1")
    again = DerivedIndex(tmp_path, ledger, "hash")
    assert "other library versions" in again.repaired
    again.close()


@pytest.mark.parametrize("change", ["missing", "left over", "moved"])
def test_an_index_killed_at_rest_is_audited(tmp_path, ledger, index, change):
    (page,) = ledger.vectors(sorted(ledger.chunk_ids("hash")))
    bare = Index(the_folder(tmp_path))
    if change == "left over":
        bare.add(VectorPage(ids=("stranger",), document_ids=("d",), vectors=page.vectors[:1]))
    else:
        bare.delete(page.ids[:1])
    if change == "moved":
        bare.add(
            VectorPage(ids=page.ids[:1], document_ids=page.document_ids[:1], vectors=page.vectors[:1] + 3)
        )
    bare.close()
    ledger.set_meta(index_state="clean")
    again = DerivedIndex(tmp_path, ledger, "hash")
    assert ("own vectors" if change == "moved" else "1 of 2 chunks") in again.repaired
    assert [i for i, _ in again.nearest(page.vectors[0].tolist(), 1)] == [page.ids[0]]
    again.close()


def test_interrupted_documents_are_finished_from_the_ledger(tmp_path, ledger, index):
    put(ledger, "b.txt", "The raids began.", state="pending")
    ledger.set_meta(index_state="writing")
    again = DerivedIndex(tmp_path, ledger, "hash")
    assert {record.state for record in ledger.records()} == {"ready"}
    assert len(again.nearest([1, 0, 0, 0], 9)) == 3
    again.close()


def test_an_index_that_fails_while_it_is_searched_is_built_again(tmp_path, ledger, index):
    again = DerivedIndex(tmp_path, ledger, "hash")
    before = again.nearest([1, 0, 0, 0], 2)
    again._index.close()
    assert again.nearest([1, 0, 0, 0], 2) == before and again.repaired
    again.close()


def test_when_it_cannot_be_built_the_message_says_what_to_do(tmp_path, ledger, index):
    shutil.rmtree(the_folder(tmp_path))
    with pytest.raises(DataError, match=r"nowhere/chroma-.*qa index"):
        (tmp_path / "nowhere").write_text("a file where the folder should be")
        DerivedIndex(tmp_path / "nowhere", ledger, "hash")
