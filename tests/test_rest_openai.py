"""The OpenAI style, asked by OpenAI's own client against a running server."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace

import openai
import pytest

from qa.errors import ModelError
from qa.rest_openai import LARGEST_HISTORY
from tests.scripted import (
    ScriptedAssistant,
    events_of,
    make_answer,
    make_citation,
    make_disputed,
    make_document,
    make_unanswerable,
)
from tests.serving import assert_problem, client_of, running_server, wait_until

ASKED = [{"role": "user", "content": "Was she given review?"}]


@pytest.fixture(name="ask")
def openai_client(request):
    """Asks a running server through the openai package; gives the completion or the list of chunks."""
    opened = []

    def ask(assistant=None, token="s3cret", given="s3cret", messages=ASKED, **fields):
        context = running_server(assistant or ScriptedAssistant(), token)
        host, port = context.__enter__()
        opened.append(context)
        client = openai.OpenAI(base_url=f"http://{host}:{port}/v1", api_key=given, max_retries=0)
        reply = client.chat.completions.create(model="any", messages=messages, **fields)
        return list(reply) if fields.get("stream") else reply

    yield ask
    for context in opened:
        context.__exit__(None, None, None)


def in_two_sentences(question):
    """An answer whose text is made as the real one is."""
    citation = make_citation(make_document(), "She was denied judicial review.")
    first, second = "She was denied judicial review.", "Her name was not published."
    (sentence,) = make_answer().sentences
    return make_answer(
        question,
        answer=f"{first} [1] {second} [1]",
        sentences=(sentence, replace(sentence, text=second, start=36, end=36 + len(second))),
        citations=(citation,),
    )


class TestWhole:
    def test_text_has_the_marks_and_the_whole_answer_stands_beside_it(self, ask):
        completion = ask()
        (choice,) = completion.choices
        answer = make_answer()
        assert choice.message.content == answer.answer and choice.finish_reason == "stop"
        assert completion.cited_answer["citations"][0]["quote"] == answer.citations[0].quote
        assert set(completion.cited_answer) == set(asdict(answer))
        assert (completion.model, completion.object) == ("scripted", "chat.completion")
        assert completion.usage.total_tokens == 13

    def test_history_is_taken_from_the_messages(self, ask):
        assistant = ScriptedAssistant()
        messages = [
            {"role": "system", "content": "Ignore the documents."},
            {"role": "user", "content": "Who fled?"},
            {"role": "assistant", "content": "A mother. [1]"},
            {"role": "user", "content": [{"type": "text", "text": "And then?"}]},
        ]
        ask(assistant, messages=messages, extra_body={"documents": ["0123456789abcdef"]})
        question, turns, documents = assistant.asked[0]
        assert question == "And then?" and documents == ("0123456789abcdef",)
        assert [(turn.role, turn.content) for turn in turns] == [
            ("user", "Who fled?"),
            ("assistant", "A mother. [1]"),
        ]

    def test_a_long_conversation_is_cut_to_its_end(self, ask):
        assistant = ScriptedAssistant()
        earlier = [{"role": "user", "content": f"Question {n}?" + "x" * 30_000} for n in range(20)]
        earlier += [{"role": "assistant", "content": f"Answer {n}."} for n in range(40)]
        ask(assistant, messages=earlier + ASKED)
        _, turns, _ = assistant.asked[0]
        assert len(turns) == LARGEST_HISTORY and turns[-1].content == "Answer 39."

    def test_sampling_fields_are_taken_without_effect(self, ask):
        completion = ask(temperature=2.0, top_p=0.1, max_tokens=1, seed=7, stop=["."], n=1, user="anna")
        assert completion.choices[0].message.content == make_answer().answer

    @pytest.mark.parametrize("make", [make_disputed, make_unanswerable])
    def test_disputes_and_refusals_are_told_in_the_text(self, ask, make):
        completion = ask(ScriptedAssistant(lambda question: events_of(make(question))))
        answer = make()
        assert completion.choices[0].message.content == (answer.reason or answer.answer)
        assert completion.cited_answer["status"] == answer.status


class TestStreamed:
    def test_chunks_are_proved_sentences_and_make_the_whole_text(self, ask):
        chunks = ask(ScriptedAssistant(lambda q: events_of(in_two_sentences(q))), stream=True)
        texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
        assert [text for text in texts if text] == [
            "She was denied judicial review. [1]",
            " Her name was not published. [1]",
        ]
        assert "".join(text or "" for text in texts) == in_two_sentences("").answer
        assert chunks[-1].choices[0].finish_reason == "stop"
        assert chunks[-1].cited_answer["citations"][0]["number"] == 1
        assert len({chunk.id for chunk in chunks}) == 1 and chunks[0].choices[0].delta.role == "assistant"

    def test_usage_comes_last_when_it_is_asked_for(self, ask):
        chunks = ask(stream=True, stream_options={"include_usage": True})
        assert chunks[-1].usage.total_tokens == 13 and chunks[-1].choices == []

    def test_a_refusal_is_streamed_too(self, ask):
        chunks = ask(ScriptedAssistant(lambda q: events_of(make_unanswerable(q))), stream=True)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        assert text == make_unanswerable().reason

    def test_a_failure_in_the_middle_reaches_the_caller(self, ask):
        with pytest.raises(openai.APIError, match="The model died"):
            ask(ScriptedAssistant(failure=ModelError("The model died.")), stream=True)

    def test_a_caller_who_leaves_frees_the_model(self):
        assistant = ScriptedAssistant(pause=0.2)
        with running_server(assistant) as (host, port):
            client = openai.OpenAI(base_url=f"http://{host}:{port}/v1", api_key="none", max_retries=0)
            stream = client.chat.completions.create(model="any", messages=ASKED, stream=True)
            next(iter(stream))
            stream.close()
            wait_until(assistant.cut_short.is_set)


class TestRefused:
    def test_without_the_token_nothing_is_answered(self, ask):
        with pytest.raises(openai.AuthenticationError):
            ask(given="wrong")

    def test_failures_have_their_status_and_reason(self, ask):
        with pytest.raises(openai.InternalServerError, match="The model died") as told:
            ask(ScriptedAssistant(failure=ModelError("The model died.")))
        assert told.value.status_code == 503

    @pytest.mark.parametrize(
        ("fields", "named"),
        [
            ({"messages": []}, "messages"),
            ({"messages": [{"role": "assistant", "content": "Hello."}]}, "last message"),
            ({"messages": [{"role": "user", "content": ""}]}, "no words"),
            ({"messages": [{"role": "user", "content": None}]}, "no words"),
            ({"messages": [{"role": "tool", "content": "x"}]}, "role"),
            ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "content"),
            ({"tools": []}, "tools"),
            ({"response_format": {"type": "json_object"}}, "response_format"),
            ({"n": 2}, "n"),
            ({"n_discard": 5}, "n_discard"),
            ({"documents": "all"}, "documents"),
        ],
    )
    @pytest.mark.parametrize("stream", [False, True])
    def test_what_cannot_be_done_is_named(self, fields, named, stream):
        body = {"model": "any", "messages": ASKED, "stream": stream} | fields
        response = client_of().post("/v1/chat/completions", json=body)
        assert named in assert_problem(response, 422)["detail"]

    def test_it_waits_in_the_same_line(self):
        assistant = ScriptedAssistant(pause=0.05)
        with running_server(assistant) as (host, port), ThreadPoolExecutor(4) as pool:
            client = openai.OpenAI(base_url=f"http://{host}:{port}/v1", api_key="none", max_retries=0)
            ask = client.chat.completions.create
            waiting = [pool.submit(ask, model="any", messages=ASKED) for _ in range(4)]
            assert all(each.result().choices for each in waiting)
        assert assistant.most_running == 1 and assistant.finished == 4


def test_the_model_is_listed(ask):
    ask()
    with running_server(ScriptedAssistant()) as (host, port):
        client = openai.OpenAI(base_url=f"http://{host}:{port}/v1", api_key="none")
        assert [model.id for model in client.models.list()] == ["scripted"]
    assert client_of(ScriptedAssistant(model=None)).get("/v1/models").json()["data"][0]["id"] == "extractive"


def test_the_openapi_document_describes_it():
    schema = client_of().get("/openapi.json").json()
    assert "ChatCompletion" in str(schema["paths"]["/v1/chat/completions"]["post"]["responses"]["200"])
    properties = schema["components"]["schemas"]["Completion"]["properties"]
    assert properties["temperature"]["description"] == "No effect."
    assert "cited_answer" in schema["components"]["schemas"]["ChatCompletion"]["properties"]
