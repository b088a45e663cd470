import pytest

from evals.cases import missing_gold
from evals.datasets.shelf import shelve
from evals.datasets.values import QuestionSet, sentence_at, text
from evals.search import measure_search
from evals.types import Gold
from qa import Config, InputError
from qa.corpus import Corpus
from qa.retrieval import Retriever
from tests.evaluation import case
from tests.fakes import HashEmbedding

RIVER = text("Rivers#3", "Rivers", "The Ouse rises near Brackley. It flows to the sea.")
MARKET = text("Towns#1", "Towns", "Brackley has a market where cheese is sold on Fridays.")
RISES = case(
    id="rises",
    question="Where does the Ouse rise?",
    gold=((Gold(source=RIVER.source, quote="The Ouse rises near Brackley."),),),
)


@pytest.fixture(autouse=True)
def hashed_vectors(monkeypatch):
    embedder = HashEmbedding()
    monkeypatch.setattr("qa.embedding.OnnxEmbedding.from_folder", lambda models_dir: embedder)
    return embedder


def a_set(*texts, cases=()):
    return QuestionSet(name="rivers", texts=texts, cases=cases)


def held(config):
    with Corpus.open(config, HashEmbedding()) as corpus:
        return {document.source: document for document in corpus.ledger.documents()}


def test_documents_of_a_set_are_searchable_and_hold_their_gold(tmp_path):
    config = shelve(a_set(RIVER, MARKET, cases=(RISES,)), tmp_path, Config())
    documents = held(config)
    assert set(documents) == {RIVER.source, MARKET.source}
    assert documents[RIVER.source].title == "Rivers"
    assert missing_gold([RISES], documents) == ()


def test_a_second_time_nothing_is_embedded_again(tmp_path, hashed_vectors):
    shelve(a_set(RIVER, MARKET), tmp_path, Config())
    before = len(hashed_vectors.embedded)
    shelve(a_set(RIVER, MARKET), tmp_path, Config())
    assert len(hashed_vectors.embedded) == before


def test_a_document_that_left_the_set_is_gone_and_other_files_stay(tmp_path):
    config = shelve(a_set(RIVER, MARKET), tmp_path, Config())
    (config.documents_dir / "mine.txt").write_text("A note of my own.")
    shelve(a_set(RIVER), tmp_path, Config())
    assert set(held(config)) == {RIVER.source, "mine.txt"}


def test_a_set_without_documents_is_an_empty_corpus(tmp_path):
    assert held(shelve(a_set(), tmp_path, Config())) == {}


def test_a_document_that_cannot_be_indexed_is_named_with_the_reason(tmp_path):
    with pytest.raises(InputError, match=r"1 documents of rivers .* holds no text"):
        shelve(a_set(text("empty", None, "  ")), tmp_path, Config())


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "rivers").write_text("a file")
    with pytest.raises(InputError, match="cannot be written"):
        shelve(a_set(RIVER), tmp_path, Config())


def test_files_are_named_alike_every_time_and_never_twice():
    assert text("a/b", None, "x").source == text("a/b", "T", "y").source
    assert text("a/b", None, "x").source != text("a-b", None, "x").source
    assert "/" not in text("../../etc/passwd", None, "x").source


@pytest.mark.parametrize(
    ("words", "sentence"),
    [("Brackley", "It rises near Brackley."), ("sea", "It flows to the sea!"), ("No", "No.")],
)
def test_the_sentence_around_an_answer_is_found(words, sentence):
    body = "It rises near Brackley. It flows to the sea! No."
    start = body.index(words)
    assert sentence_at(body, start, start + len(words)) == sentence


def search(tmp_path, *cases):
    config = shelve(a_set(RIVER, MARKET, cases=cases), tmp_path, Config())
    documents = held(config)
    with Corpus.open(config, HashEmbedding()) as corpus:
        return measure_search(Retriever(corpus, HashEmbedding()).find, cases, documents)


def test_the_search_is_measured_on_the_cases_that_have_gold(tmp_path):
    (result,) = search(tmp_path, RISES, case(id="open", gold=()))
    assert result.case.id == "rises"
    assert result.score("recall_1").value == 1
    assert result.score("recall_600_tokens").value == 1
    assert result.answer.passages[0].source == RIVER.source


def test_a_question_is_searched_for_in_its_own_documents_only(tmp_path):
    (result,) = search(tmp_path, case(gold=RISES.gold, question=RISES.question, documents=(MARKET.source,)))
    assert result.score("recall_10").value == 0
    assert {passage.source for passage in result.answer.passages} == {MARKET.source}


def test_a_follow_up_is_searched_for_as_a_person_would_ask_it_alone(tmp_path):
    (result,) = search(tmp_path, case(gold=RISES.gold, question="And where?", standalone=RISES.question))
    assert result.answer.question == RISES.question
