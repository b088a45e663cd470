"""An answer is given again while nothing that it stands on has changed."""

from dataclasses import replace

import httpx
import pytest

from qa.answer_cache import AnswerCache, Asked
from qa.config import Config
from qa.errors import ModelError
from qa.types import Answer
from tests.scripted import (
    ScriptedAssistant,
    ScriptedCorpus,
    ScriptedModel,
    events_of,
    make_answer,
    make_document,
)
from tests.serving import QUESTION, client_of, running_server, sse, wait_until

KEEPING = Config(answers_kept=3)
ASKED = Asked(question="Why?", history=(), documents=frozenset(), model="m", index_version="v1")


def ask(client, **fields):
    return client.post("/v1/answers", json=QUESTION | fields).json()


@pytest.fixture(name="assistant")
def assistant_that_counts():
    return ScriptedAssistant(lambda question: events_of(make_answer(question)))


@pytest.fixture(name="client")
def client_that_remembers(assistant):
    return client_of(assistant, config=KEEPING)


class TestServed:
    def test_the_same_question_is_answered_once(self, client, assistant):
        first, second = ask(client), ask(client)
        assert len(assistant.asked) == 1
        assert not first["timings"]["cached"] and second["timings"]["cached"]
        assert second["timings"]["total_ms"] == second["usage"]["completion_tokens"] == 0
        assert first["id"] != second["id"]
        for key in first.keys() - {"id", "timings", "usage"}:
            assert first[key] == second[key]

    def test_it_is_streamed_with_the_same_events(self, client, assistant):
        first, second = (
            sse(client.post("/v1/answers", json=QUESTION | {"stream": True}).text) for _ in range(2)
        )
        assert first[:-1] == second[:-1] and [name for name, _ in second][-1] == "answer"
        assert len(assistant.asked) == 1

    @pytest.mark.parametrize(
        "changed",
        [
            {"question": "Was she heard?"},
            {"history": [{"role": "user", "content": "Who?"}]},
            {"documents": ["0123456789abcdef"]},
            {"fresh": True},
        ],
    )
    def test_another_question_is_thought_about(self, client, assistant, changed):
        ask(client)
        assert not ask(client, **changed)["timings"]["cached"]
        assert len(assistant.asked) == 2

    def test_documents_that_changed_are_read_again(self, client, assistant):
        ask(client)
        assistant.corpus.ledger.index_version = lambda: "v2"
        assert not ask(client)["timings"]["cached"]

    def test_an_answer_over_documents_that_changed_meanwhile_is_not_kept(self, client, assistant):
        versions = iter(["v1", "v2", "v1", "v1"])
        assistant.corpus.ledger.index_version = lambda: next(versions)
        ask(client)
        assert not ask(client)["timings"]["cached"]

    def test_another_model_answers_itself(self, client, assistant):
        ask(client)
        assistant.model = ScriptedModel(name="another")
        assert not ask(client)["timings"]["cached"]

    def test_a_failure_is_not_kept(self, client, assistant):
        assistant.failure = ModelError("The model died.")
        assert client.post("/v1/answers", json=QUESTION).status_code == 503
        assistant.failure = None
        assert ask(client)["answer"] and len(assistant.asked) == 2

    def test_an_answer_that_was_cut_short_is_not_kept(self):
        assistant = ScriptedAssistant(pause=0.2)
        with running_server(assistant, config=KEEPING) as (host, port):
            address = f"http://{host}:{port}/v1/answers"
            with httpx.stream("POST", address, json=QUESTION | {"stream": True}) as response:
                next(response.iter_lines())
            wait_until(assistant.cut_short.is_set)
            assistant.pause = 0
            assert not httpx.post(address, json=QUESTION).json()["timings"]["cached"]

    def test_it_can_be_switched_off(self, assistant):
        client = client_of(assistant, config=Config(answers_kept=0))
        ask(client)
        assert not ask(client)["timings"]["cached"] and len(assistant.asked) == 2

    def test_all_doors_share_it(self, client, assistant):
        ask(client)
        message = {"role": "user", "content": QUESTION["question"]}
        completion = client.post("/v1/chat/completions", json={"messages": [message]}).json()
        assert completion["cited_answer"]["timings"]["cached"] and len(assistant.asked) == 1


class TestBounds:
    def test_what_was_not_asked_for_longest_goes_first(self):
        cache = AnswerCache(2)
        one, two, three = (replace(ASKED, question=question) for question in "123")
        for asked in (one, two):
            cache.keep(asked, events_of(make_answer(asked.question)))
        cache.find(one)
        cache.keep(three, events_of(make_answer("3")))
        assert cache.find(two) is None
        assert isinstance(cache.find(one)[-1], Answer) and cache.find(three)

    def test_the_order_of_the_chosen_documents_does_not_matter(self, assistant):
        documents = [make_document(id=letter * 16) for letter in "ab"]
        assistant.corpus = ScriptedCorpus(*documents)
        client = client_of(assistant, config=KEEPING)
        ask(client, documents=["a" * 16, "b" * 16])
        assert ask(client, documents=["b" * 16, "a" * 16])["timings"]["cached"]
