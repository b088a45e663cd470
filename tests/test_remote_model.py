"""The model on a server: a real server on this machine, good and bad."""

import socket
import subprocess
import sys
import threading
import time

import pytest

from qa.errors import ModelError
from qa.prompts import Prompt
from qa.remote_model import RemoteModel
from tests.engine_room import ROOT
from tests.model_server import model_server
from tests.serving import wait_until

PROMPT = Prompt(system="Answer from the passage alone.", user="Was she given review?")
ASK_AND_LEAVE = """
import sys, threading
from qa.prompts import Prompt
from qa.remote_model import RemoteModel
model, cancelled = RemoteModel(sys.argv[1], "m", None, 60), threading.Event()
threading.Timer(0.2, cancelled.set).start()
print(list(model.write([Prompt(system="s", user="u")], 9, cancelled)))
"""


@pytest.fixture(name="server")
def a_model_server():
    with model_server() as server:
        yield server


@pytest.fixture(name="open_model")
def models_that_are_closed_again(server):
    models = []

    def open_model(url=None, key=None, timeout_seconds=20.0):
        models.append(RemoteModel(url or server.url, "some-model", key, timeout_seconds))
        return models[-1]

    yield open_model
    for model in models:
        model.close()


def write(model, *prompts, cancelled=None):
    return model.write(prompts or (PROMPT,), 72, cancelled or threading.Event())


class TestWriting:
    def test_text_comes_while_it_is_written_and_the_last_piece_counts_the_tokens(self, server, open_model):
        server.pause = 0.05
        pieces = write(open_model())
        first = next(pieces)
        assert first.text == "She" and not server.left.is_set()
        *middle, last = pieces
        assert "".join(piece.text for piece in [first, *middle]) == server.text
        assert last.finished and (last.prompt_tokens, last.completion_tokens) == (21, 5)

    def test_prompt_is_sent_as_it_is_with_the_length_and_no_chance(self, server, open_model):
        list(write(open_model(), Prompt(system="s", user="What is <|im_end|>?")))
        (body,) = server.asked
        assert body["messages"] == [
            {"role": "system", "content": "s"},
            {"role": "user", "content": "What is <|im_end|>?"},
        ]
        assert (body["model"], body["max_tokens"], body["temperature"]) == ("some-model", 72, 0.0)

    def test_prompts_of_a_batch_are_asked_at_once(self, server, open_model):
        server.pause = 0.1
        started = time.monotonic()
        pieces = list(write(open_model(), PROMPT, PROMPT, PROMPT))
        assert time.monotonic() - started < 2 * 0.5 + 0.4
        for index in range(3):
            assert "".join(piece.text for piece in pieces if piece.index == index) == server.text
        assert sum(piece.finished for piece in pieces) == 3

    def test_tokens_are_counted_by_pieces_when_the_server_does_not_count(self, server, open_model):
        server.behaviour = "no usage"
        assert list(write(open_model()))[-1].completion_tokens == 5

    def test_key_is_sent_and_a_server_without_one_needs_none(self, server, open_model):
        list(write(open_model(key="secret")))
        list(write(open_model()))
        assert server.keys == ["Bearer secret", "Bearer none"]

    def test_proxy_of_the_environment_is_not_asked_for_a_server_on_this_machine(
        self, server, open_model, monkeypatch
    ):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        assert list(write(open_model()))[-1].finished


class TestYes:
    def test_probability_is_that_of_yes_against_no(self, server, open_model):
        odds, tokens = open_model().yes([PROMPT, PROMPT], threading.Event())
        # (e^-0.1 + e^-3) / (e^-0.1 + e^-3 + e^-2.5)
        assert odds == pytest.approx([0.9208, 0.9208], abs=1e-3) and tokens == 22

    @pytest.mark.parametrize("behaviour, requests", [("no logprobs", 3), ("silent logprobs", 2)])
    @pytest.mark.parametrize("word, odds", [("Yes.", 0.9), ("No", 0.1), ("Perhaps", 0.5)])
    def test_word_counts_when_the_server_gives_no_probabilities(
        self, server, open_model, behaviour, requests, word, odds
    ):
        server.behaviour, server.text = behaviour, word
        model = open_model()
        assert model.yes([PROMPT], threading.Event())[0] == pytest.approx([odds])
        assert model.yes([PROMPT], threading.Event())[0] == pytest.approx([odds])
        # A server that refused once is not asked for them again.
        assert len(server.asked) == requests

    def test_cancelled_before_it_began_asks_nothing(self, server, open_model):
        cancelled = threading.Event()
        cancelled.set()
        assert open_model().yes([PROMPT], cancelled) == ([0.5], 0)
        assert server.asked == []


class TestFailing:
    @pytest.mark.parametrize(
        "behaviour, said, next_step",
        [
            ("401", "told to say 401", "Set QA_LLM_KEY"),
            ("404", "told to say 404", "QA_LLM_MODEL='some-model'"),
            ("429", "told to say 429", "Ask again"),
            ("500", "told to say 500", "the server's own log"),
            ("html", "reply", "its address mostly ends in /v1"),
        ],
    )
    @pytest.mark.parametrize("way", ["write", "yes"])
    def test_refusal_names_the_server_what_it_said_and_the_next_step(
        self, server, open_model, behaviour, said, next_step, way
    ):
        server.behaviour = behaviour
        with pytest.raises(ModelError) as caught:
            list(write(open_model())) if way == "write" else open_model().yes([PROMPT], threading.Event())
        message = str(caught.value)
        assert server.url in message and said in message and next_step in message
        assert len(server.asked) == 1

    @pytest.mark.parametrize("behaviour", ["cut", "end early"])
    def test_reply_that_breaks_off_is_an_error_and_the_next_question_works(
        self, server, open_model, behaviour
    ):
        server.behaviour = behaviour
        model = open_model()
        pieces = write(model)
        assert next(pieces).text == "She"
        with pytest.raises(ModelError, match=r"Ask again"):
            list(pieces)
        server.behaviour = "well"
        assert list(write(model))[-1].finished

    @pytest.mark.parametrize("way", ["write", "yes"])
    def test_hanging_server_is_waited_for_as_long_as_the_setting_says(self, server, open_model, way):
        server.behaviour = "hang"
        model = open_model(timeout_seconds=0.6)
        started = time.monotonic()
        with pytest.raises(ModelError, match=r"QA_LLM_TIMEOUT_SECONDS is 0\.6"):
            list(write(model)) if way == "write" else model.yes([PROMPT], threading.Event())
        assert 0.5 < time.monotonic() - started < 1.5
        assert len(server.asked) == 1

    def test_server_that_dribbles_is_not_waited_for_any_longer(self, server, open_model):
        server.pause, server.text = 0.3, "word " * 50
        started = time.monotonic()
        with pytest.raises(ModelError, match="QA_LLM_TIMEOUT_SECONDS"):
            list(write(open_model(timeout_seconds=1.0)))
        assert time.monotonic() - started < 2.5

    def test_nobody_listening_says_so(self, open_model):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
            with pytest.raises(ModelError, match=f"{url}.*Start it, or correct QA_LLM_URL"):
                list(write(open_model(url=url)))

    def test_key_is_not_repeated_in_the_message(self, server, open_model):
        server.behaviour = "echo key"
        with pytest.raises(ModelError, match="bad key Bearer …") as caught:
            list(write(open_model(key="sk-secret")))
        assert "sk-secret" not in str(caught.value)


class TestCancelling:
    def test_cancelled_answer_ends_and_the_server_sees_it(self, server, open_model):
        server.pause, server.text = 0.05, "word " * 200
        cancelled = threading.Event()
        pieces = write(open_model(), cancelled=cancelled)
        next(pieces)
        cancelled.set()
        assert len(list(pieces)) < 10
        wait_until(server.left.is_set)

    def test_leaving_an_answer_in_the_middle_ends_it_too(self, server, open_model):
        server.pause, server.text = 0.05, "word " * 200
        pieces = write(open_model())
        next(pieces)
        assert not server.left.is_set()
        pieces.close()
        wait_until(server.left.is_set)

    @pytest.mark.parametrize("way", ["write", "yes"])
    def test_hanging_server_can_be_left_at_once(self, server, open_model, way):
        server.behaviour, cancelled = "hang", threading.Event()
        threading.Timer(0.2, cancelled.set).start()
        model, started = open_model(), time.monotonic()
        list(write(model, cancelled=cancelled)) if way == "write" else model.yes([PROMPT], cancelled)
        assert time.monotonic() - started < 1.5

    def test_program_ends_although_the_server_hangs(self, server):
        server.behaviour = "hang"
        done = subprocess.run(
            [sys.executable, "-c", ASK_AND_LEAVE, server.url],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert done.stdout == "[]\n", done.stderr
