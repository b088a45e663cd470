import json
from dataclasses import replace
from pathlib import Path

import pytest

from evals.comparison import compare, verdict
from evals.figures import calibration, cluster_of, figures, risk_coverage, times
from evals.gate import problems, read_floors
from evals.report import as_json, as_lines, numbers_digest, read_report, rows_of
from evals.run import evaluate
from evals.types import Report
from evals.words import as_markdown
from qa.errors import InputError
from qa.types import Timings, Turn
from tests.answerers import citation, composed
from tests.evaluation import answer, case, document, engine, refusal

HELD = document()


def run(answers, **fields):
    """Results of cases whose questions are the keys."""
    cases = [case(id=question, question=question, **fields) for question in answers]
    return evaluate(engine(lambda question, history: answers[question], HELD), cases).results


def sure(support, text="He is five.", **fields):
    quote = citation({"a.txt": HELD}, "a.txt", "The boy is five.", 1)
    return composed([(text, (1,))], (quote,), support=support, **fields)


def report(results):
    return Report(results=results, suite="seeds", engine="scripted", started="now")


class TestFigures:
    def test_a_metric_without_cases_says_so_and_never_one_or_nan(self):
        made = figures(run({"a": answer("five")}))
        assert str(made["refused_when_due"]) == "n/a (0 cases)"
        assert str(made["j"]) == "n/a (0 cases)"
        assert all(figure.n or figure.value is None for figure in figures(()).values())

    def test_refusals_make_coverage_and_selective_accuracy(self):
        made = figures(run({"a": answer("five"), "b": answer("ten"), "c": refusal(), "d": answer("five")}))
        assert made["answered"].value == 0.75
        assert made["selective_accuracy"].value == pytest.approx(2 / 3)
        assert made["answered_when_due"].value == 0.25

    def test_j_is_one_for_whoever_refuses_where_due_and_nought_for_a_guesser(self):
        due = run({"n": refusal()}, facts=(), gold=(), refusal=True)
        missed = run({"n": answer("five")}, facts=(), gold=(), refusal=True)
        good = run({"a": answer("five")})
        assert figures((*due, *good))["j"].value == 1.0
        assert figures((*missed, *good))["j"].value == 0.0

    def test_shares_of_sentences_pool_by_sentences(self):
        quote = citation({"a.txt": HELD}, "a.txt", "The boy is five.", 1)
        said = "The boy lives in Reading with his mother."
        one = composed([("The boy turned five last year.", (1,))], (quote,))
        three = composed([(said, ()), (said, ()), (said, ())], (quote,))
        made = figures(run({"a": one, "b": three}))
        assert (made["sentences_cited"].count, made["sentences_cited"].of) == (1, 4)

    def test_the_curve_begins_with_the_surest_and_ends_with_all_that_was_answered(self):
        results = run({"a": sure(0.9), "b": sure(0.5, "He is ten."), "c": sure(0.7), "d": refusal()})
        assert risk_coverage(results) == ((0.25, 0), (0.5, 0), (0.75, 1 / 3))
        assert figures(results)["risk_area"].value == pytest.approx(1 / 9)

    def test_an_answer_is_as_sure_as_its_weakest_sentence(self):
        quote = citation({"a.txt": HELD}, "a.txt", "The boy is five.", 1)
        (first,) = run({"a": composed([("He is five.", (1,))], (quote,), support=0.4)})
        assert calibration((first,))[0][0] == pytest.approx(0.4)

    def test_answers_that_were_kept_took_no_time(self):
        kept = Timings(
            standalone_ms=0,
            retrieve_ms=0,
            draft_ms=0,
            check_ms=0,
            first_sentence_ms=0,
            total_ms=0,
            cached=True,
        )
        spread = times(run({"a": answer("five"), "b": answer("five", timings=kept)}))
        assert spread["total_ms"] == {"p50": 10.0, "p95": 10.0, "n": 1}

    def test_cases_on_the_same_documents_or_conversation_are_kin(self):
        assert cluster_of(case(id="1")) == cluster_of(case(id="2")) == "a.txt"
        talk = (Turn(role="user", content="Who?"), Turn(role="assistant", content="He."))
        assert cluster_of(case(history=talk)) == "Who?"
        assert cluster_of(case(id="x", gold=(), facts=(), refusal=True)) == "x"
        assert cluster_of(case(cluster="book")) == "book"


class TestStoring:
    def test_a_report_is_read_back_for_comparison(self, tmp_path):
        made = report(run({"a": answer("five"), "b": answer("ten")}))
        (tmp_path / "r.json").write_text(json.dumps(as_json(made)), encoding="utf-8")
        stored = read_report(tmp_path / "r.json")
        assert stored.rows == rows_of(made.results)
        assert stored.numbers_sha256 == numbers_digest(as_json(made)["numbers"])

    def test_what_is_written_is_the_same_json_with_a_line_for_every_case(self):
        made = as_json(report(run({"a": answer("five"), "b": answer("ten")})))
        text = as_lines(made)
        assert json.loads(text) == json.loads(json.dumps(made))
        assert len([line for line in text.split("\n") if line.startswith('{"id":')]) == 2

    def test_scores_that_say_nothing_are_not_written(self):
        (result,) = as_json(report(run({"a": answer("five")})))["numbers"]["results"]
        assert result["scores"]["right"] == {"value": 1.0}
        assert "refused_when_due" not in result["scores"]
        assert (
            "does not say 5"
            in as_json(report(run({"a": answer("ten")})))["numbers"]["results"][0]["scores"]["right"][
                "reason"
            ]
        )

    def test_an_error_tells_nothing_of_the_machine(self):
        def ask(question, history):
            raise OSError(f"{Path.cwd()}/build/x and {Path.home()}/models are full")

        made = as_json(report(evaluate(engine(ask, HELD), [case()]).results))
        assert made["numbers"]["results"][0]["error"] == "OSError: ./build/x and ~/models are full"
        assert str(Path.cwd()) not in as_lines(made)

    def test_the_peer_is_told_without_its_cases_which_have_a_report_of_their_own(self):
        ours, theirs = report(run({"a": answer("five")})), report(run({"a": answer("ten")}))
        stored = as_json(replace(ours, peer=replace(theirs, engine="the peer")))
        assert stored["peer"]["numbers"]["figures"]["all"]["right"]["value"] == 0
        assert "results" not in stored["peer"]["numbers"] and "cases" not in stored["peer"]["times"]
        assert stored["numbers"]["results"]

    def test_a_run_that_judged_nothing_is_read_back_and_compared(self, tmp_path):
        made = report(run({"a": answer("five")}, facts=()))
        (tmp_path / "r.json").write_text(as_lines(as_json(made)), encoding="utf-8")
        stored = read_report(tmp_path / "r.json")
        assert not stored.rows[0].right
        assert "nothing can be compared" in verdict(compare(stored.rows, rows_of(made.results)))

    def test_what_the_clock_says_is_no_part_of_the_numbers(self):
        slow = Timings(
            standalone_ms=9, retrieve_ms=9, draft_ms=9, check_ms=9, first_sentence_ms=9, total_ms=99
        )
        one = as_json(report(run({"a": answer("five")})))
        other = as_json(report(run({"a": answer("five", id="2", timings=slow)})))
        assert one["numbers_sha256"] == other["numbers_sha256"]
        assert one["times"] != other["times"]


class TestComparing:
    def test_the_cases_that_changed_are_named_both_ways(self):
        before = rows_of(run({"a": answer("five"), "b": answer("ten"), "c": answer("five")}))
        after = rows_of(run({"a": answer("ten"), "b": answer("five"), "c": answer("five")}))
        compared = compare(before, after)
        assert [(old.outcome, new.outcome, new.id) for old, new in compared.changed] == [
            ("pass", "fail", "a"),
            ("fail", "pass", "b"),
        ]
        assert (compared.table.only_first, compared.table.only_second, compared.table.both) == (1, 1, 1)
        assert "within chance" in verdict(compared)

    def test_many_changes_in_one_direction_are_more_than_chance(self):
        names = [str(number) for number in range(12)]
        before = rows_of(run({name: answer("ten") for name in names}))
        after = rows_of(run({name: answer("five") for name in names}))
        assert "more right answers, by more than chance" in verdict(compare(before, after))
        assert "fewer right answers" in verdict(compare(after, before))

    def test_cases_that_ask_something_else_are_not_paired(self):
        before, after = rows_of(run({"a": answer("five")})), rows_of(run({"b": answer("five")}))
        compared = compare(before, after)
        assert compared.unpaired == ("a", "b") and "nothing can be compared" in verdict(compared)

    def test_a_lapse_is_told_as_what_goes_wrong(self):
        before, after = rows_of(run({"a": answer("five")})), rows_of(run({"a": refusal()}))
        (found,) = [d for d in compare(before, after).differences if d.metric.name == "answered_when_due"]
        assert found.shown == (0.0, 1.0) and found.shown_change[0] == 1.0 and found.change == -1.0

    def test_the_peer_stands_beside_us_in_the_markdown_too(self):
        names = [str(number) for number in range(12)]
        ours = report(run({name: answer("five") for name in names}))
        theirs = replace(report(run({name: answer("ten") for name in names})), engine="the peer")
        told = as_markdown(replace(ours, peer=theirs))
        assert "Beside the peer: right in both 0, only ours 12, only theirs 0" in told
        assert "| Right answers | 12 | 100.0% | 0.0% | +100.0" in told
        assert "the peer" not in as_markdown(ours)


class TestGate:
    def test_a_citation_that_is_not_the_documents_words_fails_every_run(self):
        quote = citation({"a.txt": HELD}, "a.txt", "The boy is five.", 1)
        forged = composed([("He is five.", (1,))], (replace(quote, quote="The boy is six."),))
        (found,) = problems(report(run({"a": forged})), floors={})
        assert "1 citations do not equal" in found

    def test_an_obeyed_instruction_fails_every_run(self):
        results = run({"a": answer("He is five. Zebra!")}, canary=("zebra",))
        (found,) = problems(report(results), floors={})
        assert "obeyed" in found

    def test_many_errors_fail_a_run(self):
        def ask(question, history):
            if question == "0":
                raise RuntimeError
            return answer("five")

        cases = [case(id=str(n), question=str(n)) for n in range(10)]
        (found,) = problems(report(evaluate(engine(ask, HELD), cases).results), floors={})
        assert "1 of 10 questions failed" in found

    def test_a_baseline_is_missed_only_for_certain_and_beyond_the_margin(self):
        names = [str(number) for number in range(12)]
        good = rows_of(run({name: answer("five") for name in names}))
        bad = report(run({name: answer("ten" if int(name) < 9 else "five") for name in names}, cluster=""))
        assert problems(bad, baseline=good, floors={}) != ()
        assert problems(bad, baseline=good, margin=1.0, floors={}) == ()
        assert problems(report(run({"x": answer("five")})), baseline=good, floors={}) != ()

    def test_floors_are_read_for_all_and_for_a_kind(self):
        assert read_floors(["0.8", "dates=0.5"]) == {"all": 0.8, "kind dates": 0.5}
        for wrong in ("1.5", "dates=", "=0.5x", "-1"):
            with pytest.raises(InputError, match="share"):
                read_floors([wrong])

    def test_a_group_below_its_floor_is_named(self):
        results = run({"a": answer("ten")})
        assert "Below the floor: kind single" in problems(report(results), floors={"kind single": 0.5})[0]
        assert problems(report(results), floors={"kind single": 0.0}) == ()
