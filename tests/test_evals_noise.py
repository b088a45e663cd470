"""Noise and order: what is added has nothing to do with the cases, and what counts as flipped."""

import json
from contextlib import nullcontext

import pytest

from evals.noise import ask_among, irrelevant, made, noise_of, read_levels
from evals.report import as_json
from evals.run import evaluate
from evals.stability import ask_again, flipped
from evals.types import Report
from evals.words import as_text
from qa.errors import InputError
from tests.evaluation import answer, case, document, engine, refusal


def results(count=4):
    cases = [case(id=str(n), question=str(n), cluster=str(n)) for n in range(count)]
    return evaluate(engine(lambda question, history: answer("He is five."), document()), cases).results


class TestDocuments:
    def test_they_are_the_same_every_time_and_more_hold_the_fewer(self):
        assert irrelevant(3, None) == irrelevant(3, None)
        assert irrelevant(3, None).items() < irrelevant(30, None).items()
        assert len(set(irrelevant(200, None).values())) == 200

    def test_what_is_made_says_when_and_how_many(self):
        assert any(character.isdigit() for character in made(1).partition("\n\n")[2])

    def test_public_paragraphs_are_taken_where_they_are(self, tmp_path):
        (tmp_path / "squad2").mkdir()
        rows = [{"id": f"p{n}", "title": "T", "text": f"Text {n}."} for n in range(5)]
        (tmp_path / "squad2" / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
        taken = irrelevant(3, tmp_path)
        assert len(taken) == 3 and all("Text" in text for text in taken.values())
        with pytest.raises(InputError, match="has 5 paragraphs"):
            irrelevant(6, tmp_path)

    def test_levels_are_counted_from_one(self):
        assert read_levels((20, 5, 20)) == (5, 20)
        with pytest.raises(InputError, match="--noise is 0"):
            read_levels((5, 0))


class TestSlope:
    def test_it_is_what_is_lost_for_every_hundred_documents(self):
        held = results()
        right = {0: {r.case.id: True for r in held}, 50: {r.case.id: int(r.case.id) < 2 for r in held}}
        noise = noise_of(held, right)
        assert noise.levels == ((0, 4), (50, 2))
        assert noise.slope == pytest.approx(-1.0)
        assert noise.interval[0] < -1 < noise.interval[1]

    def test_the_line_goes_through_all_levels(self):
        held = results(1)
        right = {level: {"0": good} for level, good in ((0, True), (10, True), (20, False))}
        assert noise_of(held, right).slope == pytest.approx(-5.0)

    def test_answers_that_do_not_suffer_have_no_slope(self):
        held = results()
        right = {level: {r.case.id: True for r in held} for level in (0, 10)}
        assert (noise_of(held, right).slope, noise_of(held, right).interval) == (0, (0, 0))

    def test_it_stands_in_the_report(self):
        held = results()
        right = {0: {r.case.id: True for r in held}, 50: {r.case.id: int(r.case.id) < 2 for r in held}}
        report = Report(results=held, noise=noise_of(held, right))
        assert "4 with 0, 2 with 50; -100.0 points for every hundred" in as_text(report)
        assert as_json(report)["numbers"]["noise"]["levels"] == ((0, 4), (50, 2))

    def test_documents_of_an_endpoint_cannot_be_added_to(self):
        held = engine(None, document())
        with pytest.raises(InputError, match="endpoint"):
            ask_among(held, results(), (5,), None, None)
        assert ask_among(held, results(), (), None, None) is None


class TestFlips:
    def test_another_status_or_another_fact_is_a_flip_and_other_words_are_none(self):
        asked = case()
        assert not flipped(asked, answer("He is five."), answer("The boy is 5 years old."))
        assert flipped(asked, answer("He is five."), answer("He is ten."))
        assert flipped(asked, answer("He is five."), answer("He is five.", status="disputed"))
        assert flipped(asked, answer("He is five."), refusal())
        assert flipped(asked, answer("He is five."), answer("He is five and lives in Reading."))
        assert flipped(asked, answer("He is five."), None)

    def test_each_order_is_counted_by_itself(self):
        def turned(question, history, only):
            return refusal() if question == "1" else answer("He is five.")

        def steady(question, history, only):
            return answer("He is five.")

        held = engine(
            lambda question, history: answer("He is five."),
            document(),
            orders={
                "passages found": lambda: nullcontext(turned),
                "documents indexed": lambda: nullcontext(steady),
            },
        )
        stability = ask_again(held, results(), 4)
        assert stability.reordered == {"passages found": 1, "documents indexed": 0}
        told = as_text(Report(results=results(), stability=stability))
        assert "With the passages found in another order: 1 of 4 changed" in told
