import socket
from dataclasses import replace

import pytest

from evals.endpoint import OPENAI_PATH, remote_engine
from evals.run import FAILURES_IN_A_ROW, ask_case, evaluate
from qa.config import Config
from qa.errors import InputError, QAError
from tests.evaluation import case
from tests.model_server import model_server
from tests.scripted import TEXT, ScriptedAssistant, events_of, make_answer
from tests.serving import running_server

ASKED = case(id="review", question="Was she given review?", facts=(), gold=(), forbidden=("granted",))


@pytest.fixture
def config(tmp_path):
    (tmp_path / "one.txt").write_text(TEXT, encoding="utf-8")
    return Config(documents_dir=tmp_path)


def address(place):
    return f"http://{place[0]}:{place[1]}"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


# --- our contract


def test_a_server_of_ours_is_measured_with_the_documents_that_lie_here(config):
    with running_server(ScriptedAssistant()) as place:
        engine = remote_engine(address(place), config, seconds=20)
        run = evaluate(engine, [ASKED])
    assert "scripted at http://127.0.0.1" in engine.name
    assert run.results[0].outcome == "pass"
    assert run.results[0].answer.citations[0].quote == "She was denied judicial review."
    assert [check.text for check in run.results[0].checks] == ["She was denied judicial review."]


def test_several_questions_at_once_come_back_in_order(config):
    cases = [replace(ASKED, id=str(n), question=f"Question {n}?") for n in range(6)]
    assistant = ScriptedAssistant(script=lambda question: events_of(make_answer(question)))
    with running_server(assistant) as place:
        run = evaluate(remote_engine(address(place), config, seconds=20), cases, jobs=3)
    assert [r.answer.question for r in run.results] == [c.question for c in cases]


def test_history_and_chosen_documents_reach_the_server(config):
    assistant = ScriptedAssistant()
    with running_server(assistant) as place:
        engine = remote_engine(address(place), config, seconds=20)
        ask_case(engine, replace(ASKED, documents=("one.txt",)))
    assert assistant.asked[0][2] == (engine.documents["one.txt"].id,)


def test_a_server_that_is_down_is_told_before_anything_is_asked(config):
    with pytest.raises(QAError, match="does not answer"):
        remote_engine(f"http://127.0.0.1:{free_port()}", config, seconds=1)


def test_something_else_at_the_address_is_told_with_the_other_style(config):
    with model_server() as server, pytest.raises(QAError) as raised:
        remote_engine(server.url.removesuffix("/v1"), config, seconds=5)
    assert OPENAI_PATH in str(raised.value)


def test_a_server_that_goes_away_ends_the_run_and_keeps_what_came(config):
    with running_server(ScriptedAssistant()) as place:
        engine = remote_engine(address(place), config, seconds=20)
        first = evaluate(engine, [ASKED])
    cases = [replace(ASKED, id=str(n), question=f"Question {n}?") for n in range(20)]
    run = evaluate(engine, cases)
    assert first.results[0].outcome == "pass"
    assert len(run.results) == FAILURES_IN_A_ROW and "does not answer" in run.stopped


def test_a_slow_server_costs_the_time_that_is_allowed_and_no_more(config):
    with running_server(ScriptedAssistant(pause=0.4)) as place:
        engine = remote_engine(address(place), config, seconds=0.5)
        (result,) = evaluate(engine, [ASKED]).results
    assert "--timeout" in result.error


def test_an_address_without_a_scheme_is_refused(config):
    with pytest.raises(InputError, match="http://"):
        remote_engine("there:80", config, seconds=1)


# --- the OpenAI style


def test_an_openai_server_is_measured_by_its_text(config):
    with model_server() as server:
        engine = remote_engine(server.url + "/chat/completions", config, seconds=20, model="m")
        run = evaluate(engine, [ASKED])
    assert run.results[0].outcome == "pass"
    assert run.results[0].answer.usage.prompt_tokens == 11
    assert server.asked[0]["messages"] == [{"role": "user", "content": ASKED.question}]
    assert server.asked[0]["temperature"] == 0


def test_a_refusal_is_read_from_the_words_where_there_is_no_field_for_it(config):
    with model_server() as server:
        server.text = "The documents do not say anything about that."
        engine = remote_engine(server.url, config, seconds=20, model="m")
        run = evaluate(engine, [case(facts=(), gold=(), refusal=True)])
    assert run.results[0].answer.status == "unanswerable" and run.results[0].right


def test_our_own_object_beside_the_text_is_taken_whole(config):
    with running_server(ScriptedAssistant()) as place:
        engine = remote_engine(address(place) + OPENAI_PATH, config, seconds=20)
        (result,) = evaluate(engine, [ASKED]).results
    assert result.answer.citations and result.answer.sentences[0].verdict == "verbatim"


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [("500", "status 500"), ("html", "OpenAI style"), ("hang", "--timeout")],
)
def test_a_server_that_is_broken_fails_the_case_with_the_reason(config, behaviour, told):
    with model_server() as server:
        server.behaviour = behaviour
        engine = remote_engine(server.url, config, seconds=1, model="m")
        (result,) = evaluate(engine, [ASKED]).results
    assert told in result.error and result.outcome == "error"


def test_a_server_without_a_list_of_models_asks_for_a_name(config):
    with model_server() as server, pytest.raises(QAError, match="404"):
        remote_engine(server.url, config, seconds=5)
