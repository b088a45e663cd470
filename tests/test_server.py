"""The server is asked as a caller would ask it; the assistant behind it is scripted."""

import base64
import hashlib
import json
import socket
import threading
import time
from contextlib import nullcontext
from dataclasses import asdict, fields, replace
from html.parser import HTMLParser

import httpx
import pytest
import uvicorn
from starlette.testclient import TestClient

from qa.config import Config
from qa.errors import DataError, InputError, ModelError
from qa.rest import LARGEST_HISTORY
from qa.server import create_app, listen, serve
from qa.types import Answer
from tests.scripted import ScriptedAssistant, ScriptedCorpus, ScriptedModel, make_answer, make_document
from tests.serving import running_server, wait_until

QUESTION = {"question": "Was she given review?"}
CONTRACT = {
    "": "id question standalone_question status answer reason sentences accounts citations passages model "
    "index_version timings usage",
    "sentences": "text start end citations verdict support",
    "citations": "number document_id title source date quote start end sha256 url",
    "passages": "document_id title source date text start end score cited",
    "timings": "standalone_ms retrieve_ms draft_ms check_ms first_sentence_ms total_ms",
    "usage": "prompt_tokens completion_tokens",
}


def client_of(assistant=None, token=None, config=None, **settings):
    app = create_app(assistant or ScriptedAssistant(), config or Config(), token=token, **settings)
    return TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)


def sse(text):
    """(event, data) pairs of a stream, comments left out."""
    pairs = []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        if lines:
            name, data = lines
            pairs.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return pairs


def assert_problem(response, status):
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:cited-qa:problem:")
    assert problem["title"] and problem["detail"] and problem["next_step"]
    return problem


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


class TestLine:
    def test_one_question_at_a_time_reaches_the_model_and_the_next_is_told_its_place(self):
        assistant = ScriptedAssistant()
        assistant.released.clear()
        with running_server(assistant) as (host, port):
            url = f"http://{host}:{port}/v1/answers"
            replies = {}

            def ask(number):
                replies[number] = httpx.post(
                    url, json={"question": f"Question {number}?", "stream": True}
                ).text

            threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
            for number, thread in enumerate(threads):
                thread.start()
                wait_until(lambda: len(assistant.asked) == 1)
                wait_until(
                    lambda n=number: httpx.get(f"http://{host}:{port}/v1/health").json()["queue"] == n + 1
                )
            assistant.released.set()
            for thread in threads:
                thread.join()
        assert assistant.most_running == 1
        assert [question for question, _, _ in assistant.asked] == [f"Question {n}?" for n in range(4)]
        for number in range(4):
            events = sse(replies[number])
            assert events[-1][1]["question"] == f"Question {number}?"
            waits = [
                data["message"] for name, data in events if name == "status" and data["stage"] == "queue"
            ]
            assert [
                f"number {place} " in wait for place, wait in zip(range(number, 0, -1), waits, strict=True)
            ] == [True] * number

    @pytest.mark.parametrize("stream", [False, True])
    def test_client_that_leaves_frees_the_model_within_a_second(self, stream):
        assistant = ScriptedAssistant(pause=30.0)
        with running_server(assistant) as address:
            left = start_request(address, stream)
            wait_until(lambda: assistant.running == 1)
            left.close()
            assert assistant.cut_short.wait(1.0)
            wait_until(lambda: assistant.running == 0)
            assistant.pause = 0.0
            url = f"http://{address[0]}:{address[1]}/v1/answers"
            assert httpx.post(url, json=QUESTION).json()["status"] == "answered"

    @pytest.mark.parametrize("stream", [False, True])
    def test_client_that_leaves_the_line_is_never_asked_for(self, stream):
        assistant = ScriptedAssistant(pause=30.0)
        with running_server(assistant) as address:
            health = f"http://{address[0]}:{address[1]}/v1/health"
            first = start_request(address, stream)
            wait_until(lambda: assistant.running == 1)
            second = start_request(address, stream)
            wait_until(lambda: httpx.get(health).json()["queue"] == 2)
            second.close()
            wait_until(lambda: httpx.get(health).json()["queue"] == 1, seconds=1.0)
            first.close()
            wait_until(lambda: httpx.get(health).json()["queue"] == 0, seconds=1.0)
        assert len(assistant.asked) == 1

    @pytest.mark.parametrize("stream", [False, True])
    def test_full_line_is_refused_at_once(self, stream):
        assistant = ScriptedAssistant(pause=30.0)
        with running_server(assistant, longest_line=1) as address:
            url = f"http://{address[0]}:{address[1]}"
            waiting = []
            for number in (1, 2):
                waiting.append(start_request(address, True))
                wait_until(lambda n=number: httpx.get(f"{url}/v1/health").json()["queue"] == n)
            began = time.monotonic()
            response = httpx.post(f"{url}/v1/answers", json={**QUESTION, "stream": stream})
            assert time.monotonic() - began < 1.0
            assert_problem(response, 503)
            assert int(response.headers["retry-after"]) > 0
            for connection in waiting:
                connection.close()

    def test_silence_is_filled_with_comments(self, monkeypatch):
        monkeypatch.setattr("qa.rest.KEEP_ALIVE_SECONDS", 0.05)
        text = (
            client_of(ScriptedAssistant(pause=0.3))
            .post("/v1/answers", json={**QUESTION, "stream": True})
            .text
        )
        assert text.count(": ping") >= 3
        assert sse(text)[-1][0] == "answer"

    def test_server_stops_in_time_while_an_answer_is_written(self):
        assistant = ScriptedAssistant(pause=30.0)
        with running_server(assistant) as address:
            waiting = start_request(address, True)
            wait_until(lambda: assistant.running == 1)
            began = time.monotonic()
        assert time.monotonic() - began < 5.0
        waiting.close()


def start_request(address, stream):
    """A connection on which a question was sent and nothing is read."""
    body = json.dumps({**QUESTION, "stream": stream}).encode()
    connection = socket.create_connection(address)
    connection.sendall(
        b"POST /v1/answers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    return connection


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


class TestGate:
    def test_every_route_but_health_needs_the_token(self):
        app = create_app(ScriptedAssistant(), Config(), token="s3cret")
        client = TestClient(app, base_url="http://localhost")
        paths = [path for path in app.openapi()["paths"]] + ["/openapi.json", "/nowhere"]
        assert len(paths) >= 7
        for path in paths:
            response = client.get(path.replace("{document_id}", "0123456789abcdef"))
            if path == "/v1/health":
                assert response.status_code == 200
            else:
                assert_problem(response, 401)
                assert response.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize(
        "header", ["Bearer wrong", "Bearer ", "s3cret", "Basic s3cret", "Bearer s3cret x", "é"]
    )
    def test_wrong_token_is_refused(self, header):
        headers = {"authorization": header.encode("latin-1")}
        assert_problem(client_of(token="s3cret").post("/v1/answers", json=QUESTION, headers=headers), 401)

    def test_right_token_is_let_in(self):
        headers = {"authorization": "Bearer s3cret"}
        response = client_of(token="s3cret").post("/v1/answers", json=QUESTION, headers=headers)
        assert response.status_code == 200

    @pytest.mark.parametrize("chunked", [False, True])
    def test_body_over_the_limit_is_refused_before_it_is_parsed(self, chunked):
        megabytes = [b"x" * 500_000] * 3
        content = iter(megabytes) if chunked else b"".join(megabytes)
        assert_problem(client_of().post("/v1/answers", content=content), 413)

    def test_foreign_host_name_is_refused(self):
        response = client_of().get("/v1/health", headers={"host": "evil.example"})
        assert "evil.example" in assert_problem(response, 421)["detail"]

    @pytest.mark.parametrize(
        "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]", "[::1]:8000", "qa.lan:80"]
    )
    def test_own_names_are_served(self, host):
        client = client_of(hosts=("localhost", "127.0.0.1", "[::1]", "qa.lan"))
        assert client.get("/v1/health", headers={"host": host}).status_code == 200

    def test_foreign_origin_is_given_no_leave_to_read(self):
        origin = {"origin": "http://evil.example"}
        response = client_of().get("/v1/health", headers=origin)
        assert not [name for name in response.headers if name.startswith("access-control-")]
        preflight = {**origin, "access-control-request-method": "POST"}
        assert client_of().options("/v1/answers", headers=preflight).status_code == 400

    @pytest.mark.parametrize("path", ["/v1/health", "/nowhere", "/documents/x", "/openapi.json"])
    def test_every_reply_carries_the_safe_headers(self, path):
        headers = client_of().get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'self'" in headers["content-security-policy"]


class TestListening:
    def test_port_in_use_is_named_with_the_way_out(self):
        with listen("127.0.0.1", 0, None) as listener:
            port = listener.getsockname()[1]
            with (
                pytest.raises(InputError, match=f"Port {port} .*--port {port + 1}"),
                listen("127.0.0.1", port, None),
            ):
                pass

    @pytest.mark.parametrize("host", ["0.0.0.0", "::"])
    def test_open_host_without_a_token_is_refused(self, host):
        with pytest.raises(InputError, match=rf"{host} .*QA_TOKEN"), listen(host, 0, None):
            pass

    def test_open_host_with_a_token_is_taken(self):
        with listen("0.0.0.0", 0, "s3cret") as listener:
            assert listener.getsockname()[1] > 0

    def test_unknown_host_is_named(self):
        with pytest.raises(InputError, match="no such host"), listen("no such host", 0, None):
            pass

    def test_port_is_checked_before_anything_is_opened(self):
        def never(address):
            raise AssertionError("opened")

        with listen("127.0.0.1", 0, None) as listener, pytest.raises(InputError):
            serve(Config(), "127.0.0.1", listener.getsockname()[1], never)

    def test_assistant_is_told_the_address_others_reach_it_at(self, monkeypatch):
        told = []
        monkeypatch.setattr(uvicorn.Server, "run", lambda self, sockets: None)

        def opened(address):
            told.append(address)
            return nullcontext(ScriptedAssistant())

        serve(replace(Config(), token="s3cret"), "0.0.0.0", 0, opened)
        serve(Config(), "localhost", 0, opened)
        assert told[0].startswith("http://127.0.0.1:") and told[1].startswith("http://localhost:")


class Page(HTMLParser):
    """Elements and attributes of a page; fails on none."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.marked, self.text, self._open = [], "", "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if "article" in self._open:
            self.text += data
        if "mark" in self._open:
            self.marked += data


def page_of(document, query=""):
    client = client_of(ScriptedAssistant(corpus=ScriptedCorpus(document)))
    return client.get(f"/documents/{document.id}{query}")


class TestEvidencePage:
    def test_link_of_a_citation_marks_exactly_its_quote(self):
        (citation,) = make_answer().citations
        page = Page(client_of().get(citation.url).text)
        assert page.marked == citation.quote
        assert page.text == make_document().text

    def test_page_scrolls_to_the_mark_without_a_script(self):
        page = Page(page_of(make_document(), "?start=4&end=10").text)
        (mark,) = [attributes for tag, attributes in page.tags if tag == "mark"]
        assert mark["id"] == "cite" and "autofocus" in mark
        assert not [tag for tag, _ in page.tags if tag == "script"]

    def test_page_shows_title_date_and_source(self):
        html = page_of(make_document()).text
        assert "<h1>A mother is deported</h1>" in html
        assert "2017-02-24" in html and "one.txt" in html

    def test_mark_over_page_furniture_is_whole(self):
        document = make_document(skipped=((4, 8), (20, 30)))
        page = Page(page_of(document, "?start=2&end=25").text)
        assert page.marked == document.text[2:25]
        assert page.text == document.text
        assert len([1 for tag, attributes in page.tags if attributes.get("id") == "cite"]) == 1

    @pytest.mark.parametrize(
        "query",
        [
            "?start=5&end=5",
            "?start=9&end=2",
            "?start=-3&end=4",
            "?start=0&end=100000",
            "?start=a&end=b",
            "?start=3",
            "?start=%D9%A1&end=4",
            "?start=1&end=" + "9" * 5000,
            "?start=%3Cscript%3E&end=%22%3E",
        ],
    )
    def test_span_that_does_not_exist_is_said_and_the_document_still_opens(self, query):
        response = page_of(make_document(), query)
        page = Page(response.text)
        assert response.status_code == 200
        assert "does not exist" in response.text
        assert page.text == make_document().text and page.marked == ""
        assert not [tag for tag, _ in page.tags if tag == "script"]

    def test_document_that_changed_since_is_said_so(self):
        document = make_document()
        same = page_of(document, f"?start=0&end=3&version={document.sha256[:16]}")
        other = page_of(document, "?start=0&end=3&version=0000000000000000")
        assert "has changed since" not in same.text
        assert "has changed since" in other.text

    @pytest.mark.parametrize(
        "document_id", ["ffffffffffffffff", "..%2f..%2fetc%2fpasswd", "<script>", "x" * 3000]
    )
    def test_unknown_document_is_a_page_that_says_so(self, document_id):
        response = client_of().get(f"/documents/{document_id}")
        assert response.status_code == 404
        assert "<script>" not in response.text

    def test_style_is_the_only_thing_the_page_may_load_and_its_hash_fits(self):
        response = page_of(make_document())
        style = response.text.split("<style>")[1].split("</style>")[0]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = response.headers["content-security-policy"]
        assert f"style-src 'sha256-{digest}'" in policy
        assert "default-src 'none'" in policy and "script" not in policy and "unsafe" not in policy
        assert "prefers-color-scheme: dark" in style and "width=device-width" in response.text

    @pytest.mark.parametrize("place", ["title", "source", "text", "date"])
    @pytest.mark.parametrize(
        "payload",
        [
            "<script>alert(1)</script>",
            "</title><script>alert(1)</script>",
            "</mark></article><img src=x onerror=alert(1)>",
            '"><svg onload=alert(1)>',
            "' onmouseover='alert(1)",
            '<a href="javascript:alert(1)">x</a>',
            "</style><style>@import url(//evil.example)</style>",
            "{{ 7 * 7 }}{% raw %}${7*7}",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "<!--<script>--><iframe srcdoc='<script>alert(1)</script>'>",
            "<base href=//evil.example><meta http-equiv=refresh content='0;url=//evil.example'>",
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        ],
    )
    def test_hostile_document_is_inert_text(self, place, payload):
        clean = Page(page_of(make_document("plain words"), "?start=0&end=4").text)
        changes = {"text": payload + " words"} if place == "text" else {place: payload}
        document = make_document(**{"text": "plain words", **changes})
        page = Page(page_of(document, "?start=0&end=4").text)
        inert = [
            (tag, {k: v for k, v in attributes.items() if k != "datetime"}) for tag, attributes in page.tags
        ]
        expected = [
            (tag, {k: v for k, v in attributes.items() if k != "datetime"}) for tag, attributes in clean.tags
        ]
        assert inert == expected
        assert page.text == document.text
