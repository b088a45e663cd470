"""The client against a real server, and against things which are none."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest

from qa.client import Client
from qa.errors import BusyError, DataError, InputError, ModelError, QAError
from qa.types import Turn
from tests.scripted import (
    ScriptedAssistant,
    ScriptedCorpus,
    events_of,
    make_answer,
    make_disputed,
    make_document,
    make_unanswerable,
)
from tests.serving import running_server, wait_until


@contextmanager
def client_of(assistant, token=None, given=None, **settings):
    with running_server(assistant, token, **settings) as (host, port):
        with Client(f"http://{host}:{port}", given or token) as client:
            yield client


@contextmanager
def replying(data):
    """The address of something that sends `data` to whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def reply():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(data)
                # Closed with a part of the question unread, the connection would be reset and the reply lost.
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

        thread = threading.Thread(target=reply)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize("make", [make_answer, make_disputed, make_unanswerable])
def test_events_are_equal_to_those_of_the_assistant(make):
    with client_of(ScriptedAssistant(lambda question: events_of(make(question)))) as client:
        assert tuple(client.stream("Why?")) == events_of(make("Why?"))


@pytest.mark.parametrize("odd", ["a\u2028b\u0085c", "line\nline\r\n", "data: x", "\U0001f600 \ud83d", '"\\'])
def test_no_character_of_an_answer_is_lost_on_the_way(odd):
    answer = make_answer("Why?", answer=odd)
    with client_of(ScriptedAssistant(lambda question: events_of(answer))) as client:
        *_, last = client.stream("Why?")
    assert last == answer


def test_history_and_filter_reach_the_assistant():
    assistant = ScriptedAssistant()
    history = (Turn(role="user", content="Who?"), Turn(role="assistant", content="She."))
    with client_of(assistant) as client:
        list(client.stream("Why?", history, ["0123456789abcdef"]))
    assert assistant.asked == [("Why?", history, ("0123456789abcdef",))]


def test_closing_the_stream_stops_the_server_within_a_second():
    assistant = ScriptedAssistant(pause=0.3)
    with client_of(assistant) as client:
        events = client.stream("Why?")
        next(events)
        assistant.pause = 30.0
        wait_until(lambda: assistant.running == 1)
        time.sleep(0.4)
        events.close()
        assert assistant.cut_short.wait(1.0)


def test_search_sources_and_health_come_as_values():
    document = make_document()
    with client_of(ScriptedAssistant(corpus=ScriptedCorpus(document))) as client:
        (passage,) = client.search("review", [document.id])
        assert passage.text == document.text
        assert client.sources() == {document.id: "one.txt"}
        assert client.health()["documents"] == 1


@pytest.mark.parametrize("failure", [ModelError("It died."), DataError("Disk full."), InputError("No id x.")])
def test_failure_is_the_same_error_as_at_home(failure):
    with client_of(ScriptedAssistant(failure=failure)) as client:
        with pytest.raises(type(failure), match=str(failure)):
            list(client.stream("Why?"))


def test_refused_question_is_the_same_error_as_at_home():
    with client_of(ScriptedAssistant()) as client, pytest.raises(InputError, match="has no words"):
        list(client.stream("  "))


def test_full_line_is_told():
    assistant = ScriptedAssistant()
    assistant.released.clear()
    with client_of(assistant, longest_line=0) as client:
        first = threading.Thread(target=lambda: list(client.stream("First?")))
        first.start()
        wait_until(lambda: assistant.running == 1)
        with pytest.raises(BusyError, match="waiting"):
            list(client.stream("Second?"))
        assistant.released.set()
        first.join()


def test_wrong_token_names_the_setting():
    with client_of(ScriptedAssistant(), token="s3cret", given="other") as client:
        with pytest.raises(InputError, match="QA_TOKEN"):
            list(client.stream("Why?"))
        with pytest.raises(InputError, match="QA_TOKEN"):
            client.search("Why?")


def test_right_token_is_sent():
    with client_of(ScriptedAssistant(), token="s3cret") as client:
        *_, answer = client.stream("Why?")
        assert answer == make_answer("Why?")


def test_nobody_there_names_the_address():
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with Client(address) as client, pytest.raises(QAError, match=f"{address} does not answer"):
        list(client.stream("Why?"))


def test_proxy_of_the_environment_is_not_asked(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with client_of(ScriptedAssistant()) as client:
        assert client.health()["documents"] == 1


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (b"", "does not answer"),
        (b"SSH-2.0-OpenSSH\r\n", "does not answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "broke off"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "status 500"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nevent: sta", "does not answer"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nevent: answer\ndata: {}\n\n", "does not speak"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nevent: answer\ndata: {broken\n\n", "does not speak"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nevent: later-kind\ndata: {}\n\n", "broke off"),
    ],
)
def test_thing_that_is_no_server_of_ours_is_told_in_words(reply, told):
    with replying(reply) as address, Client(address) as client:
        with pytest.raises(QAError, match=told):
            list(client.stream("Why?"))
