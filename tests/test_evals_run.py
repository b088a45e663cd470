import json

import pytest

from evals.cases import load
from evals.report import as_json, as_text, failure, share, wilson
from evals.run import evaluate, sample
from evals.types import Report
from tests.evaluation import answer, case, cite, document, refusal

CASES = load()


def test_a_question_that_raises_fails_and_is_listed_and_the_run_goes_on():
    def ask(question, history):
        if question == "boom":
            raise RuntimeError("the model died")
        return answer("He is five.")

    seen = []
    cases = [case(id="a", question="boom", disputed=True), case(id="b")]
    report = evaluate(ask, cases, {"a.txt": document()}, on_result=seen.append)
    assert [result.right for result in report.results] == [False, True]
    assert [result.case.id for result in report.errors] == ["a"]
    assert str(share(report.results, "right")).startswith("1/2")
    assert report.results[0].score("disputed_when_due").value == 0.0
    assert tuple(seen) == report.results
    assert "RuntimeError: the model died" in as_text(report)
    assert as_json(report)["errors"] == [{"id": "a", "error": "RuntimeError: the model died"}]


def test_an_error_is_no_refusal():
    def ask(question, history):
        raise RuntimeError

    report = evaluate(ask, [case(facts=(), gold=(), refusal=True)], {})
    assert report.results[0].score("refused_when_due").value == 0.0
    assert not report.results[0].right


def test_the_history_of_a_follow_up_reaches_the_engine():
    asked = next(c for c in CASES if c.history)
    heard = []
    evaluate(lambda question, history: heard.append((question, history)) or refusal(), [asked], {})
    assert heard == [(asked.question, asked.history)]


def test_a_sample_is_the_same_every_time_and_keeps_the_order():
    chosen = sample(CASES, 10)
    assert chosen == sample(CASES, 10)
    assert len(chosen) == 10
    assert list(chosen) == [c for c in CASES if c in chosen]
    assert sample(CASES, 999) == CASES


def test_the_report_names_what_has_no_case_and_what_is_missing():
    report = evaluate(lambda question, history: answer("He is ten."), [case()], {"a.txt": document()})
    text = as_text(report)
    assert "missed refusals" in text and "n/a (0 cases)" in text
    assert "part dev" in text and "NaN" not in text
    assert r"does not say \b5\b" in failure(report.results[0])


def test_the_json_is_enough_to_read_the_answer_again():
    held = document()
    given = answer("He is five [1].", citations=(cite(held, "The boy is five."),))
    report = evaluate(lambda question, history: given, [case()], {"a.txt": held}, note="tried out")
    stored = json.loads(json.dumps(as_json(report)))
    (result,) = stored["results"]
    assert stored["note"] == "tried out"
    assert result["answer"]["citations"][0]["quote"] == "The boy is five."
    assert result["answer"]["timings"]["total_ms"] == 10
    assert stored["right"]["all"]["count"] == 1
    assert stored["times"]["total_ms"] == {"median": 10.0, "p90": 10.0, "n": 1}


def test_a_report_without_results_can_be_printed():
    assert "n/a (0 cases)" in as_text(Report(results=()))


def test_intervals_are_wilsons():
    # Newcombe 1998, Statistics in Medicine 17, table I, method 3: 81 of 263 and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)
