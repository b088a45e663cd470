import shutil

import numpy as np
import pytest

from qa.index import DamagedIndexError, Index, remove_others
from qa.records import VectorPage


def page(count: int, seed: int = 0) -> VectorPage:
    vectors = np.random.default_rng(seed).normal(size=(count, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return VectorPage(
        ids=tuple(f"c{seed}-{n}" for n in range(count)),
        document_ids=tuple(f"d{n % 3}" for n in range(count)),
        vectors=vectors,
    )


@pytest.fixture
def index(tmp_path):
    opened = Index.build(tmp_path, [page(60)])
    yield opened
    opened.close()


def test_a_vector_finds_itself_first(index):
    found = index.nearest(page(60).vectors[7].tolist(), 5)
    assert found[0][0] == "c0-7" and found[0][1] == pytest.approx(1)
    assert [similarity for _, similarity in found] == sorted((s for _, s in found), reverse=True)
    assert index.finds(page(60))


def test_nearest_is_nearest_by_cosine(index):
    question = np.random.default_rng(5).normal(size=16).astype(np.float32)
    by_hand = np.argsort(-(page(60).vectors @ question))[:10]
    assert [i for i, _ in index.nearest((question * 9).tolist(), 10)] == [f"c0-{n}" for n in by_hand]


def test_the_search_keeps_to_the_documents_it_is_given(index):
    found = index.nearest(page(60).vectors[7].tolist(), 60, ["d0", "d2"])
    assert {int(i.split("-")[1]) % 3 for i, _ in found} == {0, 2} and len(found) == 40


def test_the_filter_holds_after_deleting_and_adding_again(index):
    whole = page(60)
    first = VectorPage(ids=whole.ids[::3], document_ids=whole.document_ids[::3], vectors=whole.vectors[::3])
    for _ in range(3):
        index.delete(first.ids)
        assert index.nearest(whole.vectors[0].tolist(), 60, ["d0"]) == ()
        index.add(first)
        assert index.nearest(whole.vectors[0].tolist(), 60, ["d0"])[0][0] == "c0-0"
    assert index.ids() == set(whole.ids)


def test_everything_is_there_after_closing(index):
    index.close()
    again = Index(index.folder)
    assert again.ids() == set(page(60).ids) and again.finds(page(60))
    again.close()


def test_an_empty_index_finds_nothing(tmp_path):
    index = Index.build(tmp_path, [])
    assert index.nearest([1.0] * 16, 5) == () and index.ids() == frozenset()
    assert index.finds(page(0))
    index.close()


def test_a_stranger_among_the_vectors_is_noticed(index):
    assert not index.finds(page(60, seed=1))


def test_many_chunks_go_in_at_once(tmp_path):
    index = Index.build(tmp_path, [page(2500)])
    assert len(index.ids()) == 2500
    index.delete(page(2500).ids)
    assert index.ids() == frozenset()
    index.close()


def test_every_failure_of_chroma_has_one_name(index):
    bad = page(1)
    bad.vectors[0, 0] = np.nan
    with pytest.raises(DamagedIndexError, match=r"chroma-.* cannot be used .*qa index"):
        index.add(VectorPage(ids=("new",), document_ids=("d",), vectors=bad.vectors))
    with pytest.raises(DamagedIndexError, match="dimension"):
        index.nearest([1.0] * 3, 5)


def test_an_unfinished_build_leaves_nothing(tmp_path):
    def pages():
        yield page(10)
        raise OSError("the ledger went away")

    with pytest.raises(OSError, match="went away"):
        Index.build(tmp_path, pages())
    assert list(tmp_path.iterdir()) == []


def test_other_indexes_are_removed(index, tmp_path):
    shutil.copytree(index.folder, tmp_path / "chroma-old")
    (tmp_path / "ledger.sqlite3").write_text("")
    remove_others(tmp_path, keep=index.folder)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([index.folder.name, "ledger.sqlite3"])
