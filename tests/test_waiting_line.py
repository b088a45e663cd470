"""Who waits, who leaves and who is next, with a real server and real connections."""

import json
import socket
import threading
import time

import httpx
import pytest

from tests.scripted import ScriptedAssistant
from tests.serving import QUESTION, assert_problem, client_of, running_server, sse, wait_until


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
        monkeypatch.setattr("qa.routing.KEEP_ALIVE_SECONDS", 0.05)
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
