"""Misspelt words of a question, as the documents write them."""

import pytest

from qa import Assistant, Config, spelling
from qa.corpus import Corpus
from tests.library import the_embedding_model  # noqa: F401

TEXTS = [
    "A pesticide was found in the family's villa, said the lawyer of the Houthi envoy Casey. The Houthis met "
    "in Honduras with their spokesman, where emails were read. Two Hondurans came."
]
ENGLISH = (
    "was found by the many people when where which with of him read they has a successor viola violin".split()
)


def mended(question):
    return spelling.mended(question, TEXTS, ENGLISH)


@pytest.mark.parametrize(
    "question, expected",
    [
        ("Which pestiside was found?", "Which pesticide was found?"),
        ("Where is the famly of casye?", "Where is the family of Casey?"),
        ("Who is the laywer?", "Who is the lawyer?"),
        ("Wich emials were read?", "which emails were read?"),
        ("What of the Huthi?", "What of the Houthi?"),
        ("Who is the sucessor?", "Who is the successor?"),
        ("Who has the violan?", "Who has the viola?"),
        ("were did they read it?", "Where did they read it?"),
    ],
)
def test_words_with_a_mistake_are_written_as_in_the_documents(question, expected):
    assert mended(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Which spokesman was found?",
        "Were the pesticides found by lawyers?",
        "Was a Honduran found?",
        "Who was extradited?",
        "Was the mesticide found?",
        "Who is Sucessor?",
        "Who has a vola?",
        "Who was violaed?",
        "Were they found?",
        "Who reads the male of them?",
        "",
    ],
)
def test_others_stay_as_they_are(question):
    """Words of the documents in another form, of the language, unlike any, or that begin otherwise."""
    assert mended(question) == question


def test_of_two_words_as_near_the_more_usual_one_is_meant():
    texts = ["The boat, the boat, the boss."]
    assert spelling.mended("The bost?", texts, ENGLISH) == "The boat?"


@pytest.mark.parametrize(
    "question, odd",
    [("Which famly was found?", True), ("Which people was he with?", False), ("Were did he read?", True)],
)
def test_only_a_word_that_nobody_knows_is_odd(question, odd):
    assert spelling.is_odd(question, ENGLISH) is odd


@pytest.fixture(name="ask")
def ask_of_the_villa(tmp_path, embedder):
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "villa.txt").write_text("The villa\n\nA pesticide was found in the family's villa on Monday.")
    config = Config(data_dir=tmp_path / "data")
    with Corpus.open(config, embedder) as corpus:
        corpus.sync(folder)
        yield Assistant(config, corpus, embedder, None).ask


@pytest.mark.parametrize(
    "question, understood",
    [
        (
            "When was the pestiside found in the famly's villa?",
            "When was the pesticide found in the family's villa?",
        ),
        ("¿Cuándo se encontró el pesticido en la villa?", "¿Cuándo se encontró el pesticido en la villa?"),
    ],
)
def test_a_misspelt_question_is_answered_as_it_was_meant_and_another_language_is_left_alone(
    ask, question, understood
):
    answer = ask(question)
    assert (answer.question, answer.standalone_question) == (question, understood)


def test_a_misspelt_question_finds_what_it_asks_for(ask):
    assert "on Monday" in ask("Wen was the pestiside found?").answer
