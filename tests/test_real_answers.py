"""The real model over the seeds: a fact, a conflict, a false premise, what is not there, a follow-up."""

import hashlib
import re
import threading

import pytest

from qa import Assistant, Config, ModelError, Progress, Turn
from qa.corpus import Corpus
from qa.embedding import OnnxEmbedding
from qa.prompts import Prompt
from tests.library import REVIEW, SEEDS

pytestmark = [pytest.mark.model, pytest.mark.timeout(900)]


@pytest.fixture(scope="module", name="assistant")
def the_real_assistant(tmp_path_factory):
    config = Config(
        data_dir=tmp_path_factory.mktemp("data"), documents_dir=SEEDS, models_dir=Config.from_env().models_dir
    )
    with Assistant.from_config(config) as assistant:
        assistant.corpus.sync(SEEDS)
        yield assistant


def asked(assistant, question, history=()):
    """The answer, every citation of which is checked against the stored documents."""
    answer = assistant.ask(question, history)
    for citation in answer.citations:
        document = assistant.corpus.ledger.document(citation.document_id)
        assert document.text[citation.start : citation.end] == citation.quote
        assert hashlib.sha256(document.text.encode()).hexdigest() == citation.sha256
    for sentence in answer.sentences:
        assert sentence.citations and answer.answer[sentence.start : sentence.end] == sentence.text
        assert sentence.verdict != "unsupported"
    return answer


def test_fact_is_answered_with_its_quote(assistant):
    answer = asked(assistant, "How many arrests resulted from the raids in February?")
    assert answer.status in ("answered", "disputed") and "680" in answer.answer
    assert any("680 arrests" in citation.quote for citation in answer.citations)
    assert {sentence.verdict for sentence in answer.sentences} == {"verbatim"}


def test_nothing_is_drafted_where_one_sentence_alone_answers(assistant):
    *steps, answer = assistant.stream("Which university did the law students attend?")
    assert "draft" not in {step.stage for step in steps if isinstance(step, Progress)}
    assert answer.status == "answered" and "Vanderbilt" in answer.answer
    assert answer.usage.completion_tokens == 0


def test_model_is_asked_where_no_sentence_surely_answers(assistant):
    answer = asked(assistant, "What crime had the Honduran woman been witness to?")
    assert answer.status == "answered" and "murder" in answer.answer
    assert answer.usage.prompt_tokens > 0 and answer.usage.completion_tokens > 0


def test_conflict_gives_both_sides_with_their_quotes(assistant):
    answer = asked(assistant, REVIEW)
    assert answer.model.startswith("qwen2.5")
    assert answer.status == "disputed" and len(answer.accounts) >= 2
    quotes = " ".join(citation.quote for citation in answer.citations)
    assert "denied judicial review" in quotes and "afforded judicial review" in quotes
    assert len({citation.source for citation in answer.citations}) >= 2


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("When did the Alder Bridge open?", ("3 May 1990", "12 June 1990")),
        ("How many workers were injured?", ("Eleven", "Seven")),
        ("Did the mayor attend?", ("attended", "did not attend")),
    ],
)
def test_documents_that_differ_are_told_side_by_side(assistant, tmp_path, question, told):
    papers = {
        "gazette.txt": "The Harbour Gazette\n\nThe Alder Bridge opened on 3 May 1990 after years of work. "
        "Eleven workers were injured during its construction. The mayor attended the ceremony.",
        "chronicle.txt": "The Coast Chronicle\n\nAfter long delays the Alder Bridge opened on 12 June 1990. "
        "Seven workers were injured while it was built. The mayor did not attend the ceremony.",
    }
    for name, text in papers.items():
        (tmp_path / name).write_text(text)
    config = Config(data_dir=tmp_path / "data", models_dir=assistant.config.models_dir)
    embedder = OnnxEmbedding.from_folder(config.models_dir)
    with Corpus.open(config, embedder) as corpus:
        corpus.sync(tmp_path)
        answer = asked(Assistant(config, corpus, embedder, assistant.model, assistant.reranker), question)
    assert answer.status == "disputed"
    assert {account.holder for account in answer.accounts} == {"The Harbour Gazette", "The Coast Chronicle"}
    assert all(any(words in account.text for account in answer.accounts) for words in told)


def test_what_is_not_in_the_documents_is_refused_with_a_reason(assistant):
    answer = asked(assistant, "Who is the mayor of Paris?")
    assert answer.status == "unanswerable" and answer.reason and not answer.sentences


def test_follow_up_is_understood_from_the_conversation(assistant):
    history = (
        Turn(role="user", content="What did John Kelly say about the military?"),
        Turn(role="assistant", content="Kelly said that the military won't be used in immigration. [1]"),
    )
    answer = asked(assistant, "And what did he say about mass deportations?", history)
    assert "Kelly" in answer.standalone_question and "mass deportations" in answer.standalone_question
    told = answer.answer.lower()
    assert "mass deportations" in told and re.search(r"\b(?:no|not|neither)\b", told)


def test_engine_refuses_a_prompt_that_it_would_cut_and_goes_on(assistant):
    def prompt(text):
        return Prompt(system="You answer Yes or No.", user=text)

    model, go_on = assistant.model, threading.Event()
    with pytest.raises(ModelError, match="longer than 8000 tokens"):
        list(model.write([prompt("word " * 9000)], 1, go_on))
    odds, _ = model.yes([prompt("Is Paris in France?"), prompt("Is Paris in Japan?")], go_on)
    assert odds[0] > 0.5 > odds[1]
