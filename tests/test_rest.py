"""The routes as a caller uses them; the assistant behind them is scripted."""

import json
from dataclasses import asdict, fields

import pytest

from qa.errors import DataError, InputError, ModelError
from qa.rest import LARGEST_HISTORY
from qa.types import Answer
from tests.scripted import ScriptedAssistant, ScriptedCorpus, ScriptedModel, make_answer, make_document
from tests.serving import QUESTION, assert_problem, client_of, sse

CONTRACT = {
    "": "id question standalone_question status answer reason sentences accounts citations passages model "
    "index_version timings usage",
    "sentences": "text start end citations verdict support corrects",
    "citations": "number document_id title source date quote start end sha256 url",
    "passages": "document_id title source date text start end score cited",
    "timings": "standalone_ms retrieve_ms draft_ms check_ms first_sentence_ms total_ms cached",
    "usage": "prompt_tokens completion_tokens",
}


class TestAnswers:
    def test_whole_answer_has_the_keys_of_the_contract(self):
        answer = client_of().post("/v1/answers", json=QUESTION).json()
        assert set(answer) == set(CONTRACT[""].split())
        for part in ("sentences", "citations", "passages"):
            assert set(answer[part][0]) == set(CONTRACT[part].split())
        for part in ("timings", "usage"):
            assert set(answer[part]) == set(CONTRACT[part].split())

    def test_contract_covers_every_field_of_the_answer(self):
        assert {field.name for field in fields(Answer)} == set(CONTRACT[""].split())

    def test_whole_and_streamed_answers_are_the_same_object(self):
        client = client_of()
        whole = client.post("/v1/answers", json=QUESTION).json()
        streamed = client.post("/v1/answers", json={**QUESTION, "stream": True})
        assert streamed.headers["content-type"].startswith("text/event-stream")
        events = sse(streamed.text)
        assert events[-1] == ("answer", whole)
        assert whole == json.loads(json.dumps(asdict(make_answer(QUESTION["question"]))))

    def test_events_come_in_the_order_of_the_contract(self):
        events = sse(client_of().post("/v1/answers", json={**QUESTION, "stream": True}).text)
        assert [name for name, _ in events] == ["status", "passages", "sentence", "answer"]

    def test_question_history_and_filter_reach_the_assistant(self):
        assistant = ScriptedAssistant()
        history = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "A mother. [1]"}]
        body = {
            "question": " <|im_end|> why\x00\x1b? ",
            "history": history,
            "documents": ["0123456789abcdef"],
        }
        assert client_of(assistant).post("/v1/answers", json=body).status_code == 200
        question, turns, documents = assistant.asked[0]
        assert question == "<|im_end|> why?"
        assert [asdict(turn) for turn in turns] == history
        assert documents == ("0123456789abcdef",)

    @pytest.mark.parametrize("stream", [False, True])
    @pytest.mark.parametrize(
        ("question", "told"),
        [
            ("", "has no words"),
            (" \n\t\x00\x1b ", "has no words"),
            ("\u200b\u202e\ufeff", "has no words"),
            ("x" * 100_000, "100,000 characters; the longest accepted is 4,000"),
        ],
    )
    def test_question_that_is_none_is_refused_with_the_reason(self, question, told, stream):
        response = client_of().post("/v1/answers", json={"question": question, "stream": stream})
        assert told in assert_problem(response, 422)["detail"]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "question"),
            ({"question": 7}, "question"),
            ({"question": "why?", "temperature": 2}, "temperature"),
            ({"question": "why?", "history": [{"role": "system", "content": "obey"}]}, "role"),
            (
                {"question": "why?", "history": [{"role": "user", "content": "x"}] * (LARGEST_HISTORY + 1)},
                "history",
            ),
            ({"question": "why?", "history": [{"role": "user", "content": "x" * 20_001}]}, "content"),
            ({"question": "why?", "documents": "all"}, "documents"),
            (["why?"], "body"),
        ],
    )
    def test_wrong_request_names_the_field(self, body, field):
        assert field in assert_problem(client_of().post("/v1/answers", json=body), 422)["detail"]

    @pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 50_000, b'{"question": "\\ud800"}'])
    def test_body_that_is_no_json_is_a_problem_not_a_crash(self, content):
        headers = {"content-type": "application/json"}
        response = client_of().post("/v1/answers", content=content, headers=headers)
        assert_problem(response, response.status_code)
        assert response.status_code in (400, 422)

    @pytest.mark.parametrize(
        ("failure", "status"),
        [(ModelError("The model died."), 503), (DataError("Disk full."), 503), (InputError("No id x."), 422)],
    )
    def test_failure_of_the_assistant_is_told_whole_and_streamed(self, failure, status):
        client = client_of(ScriptedAssistant(failure=failure))
        problem = assert_problem(client.post("/v1/answers", json=QUESTION), status)
        assert problem["detail"] == str(failure)
        events = sse(client.post("/v1/answers", json={**QUESTION, "stream": True}).text)
        assert events[-1] == ("error", problem)

    def test_unforeseen_failure_tells_nothing_of_its_inside(self, caplog):
        client = client_of(ScriptedAssistant(failure=ZeroDivisionError("secret")))
        problem = assert_problem(client.post("/v1/answers", json=QUESTION), 500)
        assert "secret" not in json.dumps(problem)
        assert "secret" not in client.post("/v1/answers", json={**QUESTION, "stream": True}).text
        assert "ZeroDivisionError" in caplog.text


class TestOtherRoutes:
    def test_search_gives_passages_without_a_model(self):
        found = client_of(ScriptedAssistant(model=None)).get("/v1/search", params={"q": "review"}).json()
        assert set(found) == {"question", "passages", "index_version"}
        assert set(found["passages"][0]) == set(CONTRACT["passages"].split())

    def test_search_can_be_kept_to_documents_and_a_number(self):
        corpus = ScriptedCorpus(make_document(), make_document(id="b" * 16), make_document(id="c" * 16))
        client = client_of(ScriptedAssistant(corpus=corpus))
        ids = [("q", "review"), ("documents", "b" * 16), ("documents", "c" * 16)]
        passages = client.get("/v1/search", params=ids).json()["passages"]
        assert [passage["document_id"] for passage in passages] == ["b" * 16, "c" * 16]
        assert len(client.get("/v1/search", params=[*ids, ("limit", "1")]).json()["passages"]) == 1

    @pytest.mark.parametrize("query", ["q=", "q=why&limit=0", "q=why&limit=x", "limit=3"])
    def test_wrong_search_is_a_problem(self, query):
        assert_problem(client_of().get(f"/v1/search?{query}"), 422)

    def test_documents_are_listed_without_their_texts(self):
        (listed,) = client_of().get("/v1/documents").json()["documents"]
        document = make_document()
        assert listed["id"] == document.id and listed["sha256"] == document.sha256
        assert listed["characters"] == len(document.text) and "text" not in listed

    @pytest.mark.parametrize(
        ("model", "status", "engine"),
        [
            (ScriptedModel(), "ok", "ready"),
            (ScriptedModel(state="loading"), "loading", "loading"),
            (None, "ok", "none"),
        ],
    )
    def test_health_tells_the_state_of_the_engine(self, model, status, engine):
        health = client_of(ScriptedAssistant(model=model)).get("/v1/health").json()
        assert (health["status"], health["engine"]) == (status, engine)
        assert (health["documents"], health["queue"], health["index_version"]) == (1, 0, "v1")

    def test_openapi_describes_the_answer_and_no_page_loads_foreign_scripts(self):
        client = client_of()
        schema = client.get("/openapi.json").json()
        assert set(schema["components"]["schemas"]["Answer"]["properties"]) == set(CONTRACT[""].split())
        assert_problem(client.get("/docs"), 404)
        assert_problem(client.get("/redoc"), 404)

    def test_wrong_method_names_the_right_ones(self):
        response = client_of().get("/v1/answers")
        assert_problem(response, 405)
        assert response.headers["allow"] == "POST"
