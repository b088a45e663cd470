import json

import pytest

from evals.peer import NAME, peer
from evals.refusals import is_refusal
from qa import Assistant, Config, InputError, Turn
from qa.corpus import Corpus
from tests.drafting import DraftingModel
from tests.fakes import HashEmbedding

WIRE = "The border police made 680 arrests in one week. The minister spoke on Monday."
BLOG = "The mother was denied judicial review. She fled Honduras with her child."
ARRESTS = "How many arrests did the border police make?"


@pytest.fixture(name="corpus")
def two_documents(tmp_path):
    for name, text in {"wire.txt": WIRE, "blog.txt": BLOG}.items():
        (tmp_path / "documents").mkdir(exist_ok=True)
        (tmp_path / "documents" / name).write_text(text)
    with Corpus.open(Config(data_dir=tmp_path / "data"), HashEmbedding()) as corpus:
        corpus.sync(tmp_path / "documents")
        yield corpus


@pytest.fixture(name="ask_with")
def peer_with(corpus):
    """The real engine of llama-index; the model says what it is told to."""

    def ask_with(model):
        embedder = HashEmbedding()
        return peer(Assistant(Config(), corpus, embedder, model), embedder)

    return ask_with


def document_id(corpus, source):
    return next(each for each, name in corpus.ledger.sources().items() if name == source)


def test_it_answers_from_numbered_sources_with_the_stock_prompt(ask_with):
    model = DraftingModel({ARRESTS: "They made 680 arrests [1]."})
    answer = ask_with(model)(ARRESTS, (), ())
    (prompt,) = model.asked
    assert "Please provide an answer based solely on the provided sources." in prompt.user
    assert f"Source 1:\n{WIRE}" in prompt.user
    assert answer.status == "answered"
    assert answer.answer == "They made 680 arrests [1]."
    assert answer.model == f"{NAME}, drafting"


def test_its_citations_are_places_in_our_documents(ask_with, corpus):
    answer = ask_with(DraftingModel({ARRESTS: "They made 680 arrests [1]."}))(ARRESTS, (), ())
    (citation,) = answer.citations
    document = corpus.ledger.document(citation.document_id)
    assert citation.source == "wire.txt"
    assert citation.quote == document.text[citation.start : citation.end] == WIRE
    assert citation.sha256 == document.sha256
    assert [passage.source for passage in answer.passages] == ["wire.txt", "blog.txt"]


@pytest.mark.parametrize(
    ("written", "text", "cited"),
    [
        ("Both [1, 2].", "Both [1][2].", [1, 2]),
        ("Both [Source 2].", "Both [2].", [2]),
        ("Both [sources 1 and 2].", "Both [1][2].", [1, 2]),
        ("None of it [7].", "None of it [7].", []),
        ("Nothing [0].", "Nothing [0].", []),
        ("No mark.", "No mark.", []),
    ],
)
def test_marks_are_read_generously_and_those_to_nowhere_cite_nothing(ask_with, written, text, cited):
    answer = ask_with(DraftingModel({ARRESTS: written}))(ARRESTS, (), ())
    assert answer.answer == text
    assert [citation.number for citation in answer.citations] == cited


def test_a_conversation_is_condensed_by_its_own_prompt(ask_with):
    model = DraftingModel({"standalone question": ARRESTS, ARRESTS: "They made 680 arrests [1]."})
    history = (Turn(role="user", content="Who acted?"), Turn(role="assistant", content="The border police."))
    answer = ask_with(model)("How many arrests?", history, ())
    condense, _ = model.asked
    assert "The border police." in condense.user
    assert answer.standalone_question == ARRESTS
    assert answer.question == "How many arrests?"


def test_it_can_be_held_to_some_documents(ask_with, corpus):
    answer = ask_with(DraftingModel())(ARRESTS, (), (document_id(corpus, "blog.txt"),))
    assert [passage.source for passage in answer.passages] == ["blog.txt"]


def test_refusing_in_words_is_refusing(ask_with):
    model = DraftingModel({ARRESTS: "The provided sources do not mention the number of arrests."})
    answer = ask_with(model)(ARRESTS, (), ())
    assert answer.status == "unanswerable"
    assert answer.reason == answer.answer


def test_without_any_document_it_refuses(tmp_path):
    with Corpus.open(Config(data_dir=tmp_path / "none"), HashEmbedding()) as corpus:
        ask = peer(Assistant(Config(), corpus, HashEmbedding(), DraftingModel()), HashEmbedding())
        assert ask(ARRESTS, (), ()).status == "unanswerable"


def test_tokens_and_times_are_counted(ask_with):
    answer = ask_with(DraftingModel({ARRESTS: "They made 680 arrests [1]."}))(ARRESTS, (), ())
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (100, 5)
    assert answer.timings.total_ms >= answer.timings.draft_ms + answer.timings.retrieve_ms - 2


def test_nothing_is_embedded_again_but_the_question(corpus):
    embedder = HashEmbedding()
    ask = peer(Assistant(Config(), corpus, embedder, DraftingModel()), embedder)
    ask(ARRESTS, (), ())
    assert embedder.embedded == []


def test_it_needs_a_language_model(corpus):
    with pytest.raises(InputError, match="qa models fetch"):
        peer(Assistant(Config(), corpus, HashEmbedding(), None), HashEmbedding())


def test_special_tokens_of_a_tokenizer_are_plain_text(ask_with):
    question = "What is <|endoftext|> here?"
    assert ask_with(DraftingModel({question: "A mark [1]."}))(question, (), ()).answer == "A mark [1]."


@pytest.mark.parametrize(
    "text",
    [
        "The sources do not mention the mayor of Paris.",
        "The provided sources don't contain any information about it. The raids were in 2017 [1].",
        "I'm sorry, but I cannot answer this.",
        "There is no information on that in the documents.",
        "None of the sources are helpful for this query.",
        "The name of the mother is not explicitly mentioned in the sources [1].",
        "Unable to answer based on given passages.",
        "Empty Response",
        " ",
    ],
)
def test_refusals_are_read_in_many_words(text):
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "They made 680 arrests [1].",
        "She was not given judicial review [2].",
        "The minister said he did not use the army [1].",
        "The White House would not say who wrote the memo [1].",
        "The army was not mentioned by the minister [1].",
        "Kelly did not provide a number of those deported [3].",
        "They made 680 arrests [1]. The sources do not mention who was arrested.",
        json.dumps({"no": "json"}),
    ],
)
def test_answers_are_no_refusals(text):
    assert not is_refusal(text)
