import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from qa.config import Config
from qa.corpus import Corpus
from qa.errors import InputError
from qa.retrieval import NEAR, WIDE, Retriever
from tests.fakes import HashEmbedding

SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture
def corpus(tmp_path):
    with Corpus.open(Config(data_dir=tmp_path / "data", chunk_tokens=40), HashEmbedding()) as opened:
        yield opened


@pytest.fixture
def retriever(corpus):
    return Retriever(corpus, HashEmbedding())


@pytest.fixture
def write(corpus, tmp_path):
    """Writes files, None deletes one, and brings the corpus up to date; gives the ids by source."""
    folder = tmp_path / "documents"
    folder.mkdir()

    def write_files(**texts: str | None) -> dict[str, str]:
        for name, text in texts.items():
            path = folder / f"{name}.txt"
            path.unlink() if text is None else path.write_text(text)
        corpus.sync(folder)
        return {source.removesuffix(".txt"): i for i, source in corpus.ledger.sources().items()}

    return write_files


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    config = Config(data_dir=tmp_path_factory.mktemp("seeds") / "data")
    with Corpus.open(config, HashEmbedding()) as opened:
        opened.sync(SEEDS)
        yield opened


QUESTIONS = [
    "Was the Honduran mother given judicial review?",
    "How many people were arrested in the raids?",
    "Did Kelly call it a military operation?",
    "Who is Bob Casey?",
    "What is the mayor of Paris called?",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_passage_is_the_text_of_its_document_at_its_offsets(seeds, question):
    passages = Retriever(seeds, HashEmbedding()).find(question)
    assert 3 <= len(passages) <= 10
    for passage in passages:
        document = seeds.ledger.document(passage.document_id)
        assert passage.text == document.text[passage.start : passage.end] != ""
        assert (passage.title, passage.source, passage.date) == (
            document.title,
            document.source,
            document.date,
        )
    scores = [passage.score for passage in passages]
    assert scores == sorted(scores, reverse=True) and min(scores) > 0


@pytest.mark.parametrize("question", QUESTIONS)
def test_passages_do_not_overlap_and_come_from_several_sources(seeds, question):
    passages = Retriever(seeds, HashEmbedding()).find(question)
    # Bob Casey is named in two of them only.
    assert len({passage.document_id for passage in passages}) >= (2 if "Casey" in question else 3)
    by_place = sorted(passages, key=lambda p: (p.document_id, p.start))
    for before, after in pairwise(by_place):
        assert before.document_id != after.document_id or before.end < after.start


@pytest.mark.parametrize(
    ("question", "sources"),
    [
        ("How did Chong Un Kim die?", {"kim.txt"}),
        ("How did the Koreans die in May?", {"kim.txt"}),
        ("How did the woman die?", {"kim.txt", "plane.txt"}),
        ("How did Banquo die?", {"kim.txt", "plane.txt"}),
        ("Bridge or hospital: where did the woman die?", {"kim.txt", "plane.txt"}),
    ],
)
def test_documents_that_never_name_whom_a_question_names_are_left_out(retriever, write, question, sources):
    """Unless none does, or it names nobody; a month is no name, nor is what begins a question."""
    write(
        kim="The cold case of Chong Un Kim\n\nShe came from Korea. It was under a bridge that she died.",
        plane="A man in a plane\n\nHe fell asleep and nearly died. He went to a hospital in May.",
    )
    assert {passage.source for passage in retriever.find(question)} == sources


def test_both_sides_of_a_conflict_are_in_view(seeds):
    passages = Retriever(seeds, HashEmbedding()).find(QUESTIONS[0])
    texts = " ".join(passage.text for passage in passages)
    assert "judicial review" in texts and len({passage.source for passage in passages}) > 1


def test_it_is_fast(seeds):
    retriever = Retriever(seeds, HashEmbedding())
    retriever.find("warm")
    started = time.perf_counter()
    for question in QUESTIONS * 4:
        retriever.find(question)
    assert (time.perf_counter() - started) / 20 < 0.05


def test_no_documents_give_no_passages(retriever):
    assert retriever.find("Anything?") == ()


def test_words_and_meaning_are_fused_into_one_list(write, retriever, corpus):
    ids = write(
        both="Zebra crossing painted.",
        words="Zebra, and nothing else at all in this file.",
        other="Rain fell.",
    )
    passages = retriever.find("zebra crossing painted")
    assert [p.document_id for p in passages][:2] == [ids["both"], ids["words"]]
    assert passages[0].score == pytest.approx(2 / 60)
    assert len({(p.document_id, p.start) for p in passages}) == len(passages)


def test_neighbours_become_one_passage(write, retriever):
    first = "The zebra walked along the river in the morning and it drank for a long while."
    second = "The zebra then walked along the hills in the evening and it slept for a long while."
    write(story=f"A Day Of Wild Animals\n\n{first} {second}", other="Rain fell on the city all night.")
    texts = [passage.text for passage in retriever.find("zebra walked along")]
    assert texts[0].endswith(f"{first} {second}")


def test_wide_look_holds_what_the_near_one_has_and_more(seeds):
    for question in QUESTIONS:
        near, wide = (Retriever(seeds, HashEmbedding()).find(question, (), how) for how in (NEAR, WIDE))
        shown = [sum(len(passage.text) for passage in passages) for passages in (near, wide)]
        assert shown[0] < shown[1]
        for passage in near[:1]:
            assert any(p.document_id == passage.document_id and passage.text in p.text for p in wide)


def test_page_furniture_never_joins_two_passages(seeds):
    for question in QUESTIONS:
        for passage in Retriever(seeds, HashEmbedding()).find(question):
            skipped = seeds.ledger.document(passage.document_id).skipped
            assert not any(start < passage.end and passage.start < end for start, end in skipped)


def test_a_short_hit_is_shown_with_its_neighbour_sentences(tmp_path):
    filler = "The long sentence goes on and on about rivers and hills and roads and towns and trains. "
    lines = filler * 8 + "Zebra!"
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.txt").write_text(lines)
    (tmp_path / "documents" / "b.txt").write_text("Rain fell.")
    with Corpus.open(Config(data_dir=tmp_path / "data", chunk_tokens=32), HashEmbedding()) as corpus:
        corpus.sync(tmp_path / "documents")
        document = next(d for d in corpus.ledger.documents() if d.source == "a.txt")
        last = corpus.ledger.chunks_of(document.id)[-1]
        passages = Retriever(corpus, HashEmbedding()).find("zebra")
    hit = next(passage for passage in passages if passage.end == last.end)
    assert hit.start < last.start and "The long sentence" in hit.text


def test_one_document_cannot_crowd_out_the_others(write, retriever):
    many = "\n\n".join(
        f"The zebra number {n} walked to river {n} on day {n} of the long dry year." for n in range(40)
    )
    ids = write(many=many, one="A zebra was seen.", two="Somebody heard of a zebra once.")
    assert {passage.document_id for passage in retriever.find("zebra walked river")} == set(ids.values())


def test_the_same_words_in_two_files_are_shown_once(write, retriever):
    write(a="The zebra escaped on Monday.", b="The zebra escaped on Monday.", c="Rain fell.")
    texts = [passage.text for passage in retriever.find("zebra")]
    assert texts.count("The zebra escaped on Monday.") == 1


def test_a_document_that_is_only_a_title_is_found(write, retriever):
    write(a="The zebra escaped on Monday.", b="Rain fell.")
    assert retriever.find("zebra")[0].text == "The zebra escaped on Monday."


def test_the_filter_keeps_to_its_documents(write, retriever):
    ids = write(a="The zebra escaped.", b="The zebra returned.", c="The zebra slept.")
    assert {p.document_id for p in retriever.find("zebra", [ids["a"], ids["c"]])} == {ids["a"], ids["c"]}


def test_the_filter_holds_after_deleting_and_adding_again(write, retriever):
    write(a="The zebra escaped.", b="The zebra returned.")
    for text in ("The zebra hid.", "The zebra ran."):
        gone = write(a=None)
        assert [passage.text for passage in retriever.find("zebra")] == ["The zebra returned."]
        ids = write(a=text)
        assert [passage.text for passage in retriever.find("zebra", [ids["a"]])] == [text]
        assert set(gone) == {"b"}


def test_an_unknown_document_is_named(write, retriever):
    with pytest.raises(InputError, match=r"'feed': there are none.*qa index"):
        retriever.find("zebra", ["feed"])
    ids = write(a="The zebra escaped.")
    with pytest.raises(InputError, match=rf"no document 'feed'.*{ids['a']} \(a.txt\)"):
        retriever.find("zebra", [ids["a"], "feed"])


@pytest.mark.parametrize(
    "question", ["", " \n", "?", "\x00", "\ud800", "<|im_end|>", '" OR *', "zebra " * 20_000]
)
def test_no_question_breaks_it(write, retriever, question):
    write(a="The zebra escaped.")
    assert isinstance(retriever.find(question), tuple)


def test_threads_search_while_documents_change(write, retriever):
    write(a="The zebra escaped.", b="The zebra returned.")
    with ThreadPoolExecutor(4) as pool:
        searches = [pool.submit(retriever.find, "zebra") for _ in range(60)]
        for n in range(5):
            write(a=f"The zebra escaped again on day {n}.")
        assert all("The zebra returned." in [p.text for p in search.result()] for search in searches)
