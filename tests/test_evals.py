import json
from collections import Counter
from pathlib import Path

import pytest

from evals.cases import load, lopsided, missing_carriers, missing_gold
from evals.matching import locate, normalise, says
from evals.scorers import right
from evals.types import Fact, Gold, Planted
from qa.documents import find_files, read
from qa.errors import InputError
from qa.types import Document
from tests.evaluation import answer, case, refusal

CASES = load()
ARTICLES = Path(__file__).parent.parent / "seeds"


@pytest.fixture(scope="module")
def seeds() -> dict[str, Document]:
    return {source: read(path, source) for path, source in find_files(ARTICLES)}


# --- the cases over the seeds


def test_every_gold_quote_stands_in_its_document(seeds):
    assert missing_gold(CASES, seeds) == ()


def test_a_gold_quote_that_no_document_holds_is_named(seeds):
    strange = case(id="strange", gold=((Gold(source=next(iter(seeds)), quote="Bob Casey is a mother"),),))
    gone = case(id="gone", gold=((Gold(source="gone.txt", quote="five"),),))
    problems = missing_gold([strange, gone], seeds)
    assert len(problems) == 2
    assert "strange" in problems[0] and "gone.txt" in problems[1]


@pytest.mark.parametrize("asked", CASES, ids=lambda asked: asked.id)
def test_each_case_passes_its_right_answers(asked):
    assert asked.right
    for text in asked.right:
        given = refusal(text) if asked.refusal else answer(text)
        assert right(asked, given, {}).value == 1.0, (text, right(asked, given, {}).reason)


@pytest.mark.parametrize("asked", CASES, ids=lambda asked: asked.id)
def test_each_case_fails_its_wrong_answers(asked):
    assert asked.wrong
    for text in asked.wrong:
        assert right(asked, answer(text), {}).value == 0.0, text


@pytest.mark.parametrize("asked", [c for c in CASES if c.gold], ids=lambda asked: asked.id)
def test_an_answer_made_of_any_choice_of_gold_quotes_is_right(asked, seeds):
    for choice in range(max(len(group) for group in asked.gold)):
        quotes = [group[min(choice, len(group) - 1)] for group in asked.gold]
        text = " ".join(told(quote, seeds, asked.kind == "conflict").rstrip(".") + "." for quote in quotes)
        assert right(asked, answer(text), {}).value == 1.0, (text, right(asked, answer(text), {}).reason)


def told(quote: Gold, documents: dict[str, Document], with_holder: bool) -> str:
    """The quote; `with_holder` after what stands before it, where its document says whose words these are."""
    text = documents[quote.source].text
    start, end = locate(text, quote.quote)
    return text[max(0, start - 900) : end] if with_holder else quote.quote


@pytest.mark.parametrize("asked", [c for c in CASES if c.forbidden], ids=lambda asked: asked.id)
def test_forbidden_forms_catch_a_wrong_answer(asked):
    reasons = [right(asked, answer(text), {}).reason for text in asked.wrong]
    assert any("says what is wrong" in reason for reason in reasons)


def test_cases_wanting_a_refusal_fail_whatever_is_answered_and_the_others_fail_a_refusal():
    for asked in CASES:
        passes = right(asked, refusal(), {}).value == 1.0
        assert passes == (asked.refusal or asked.refusal_ok), asked.id


def test_no_case_passes_on_its_own_question_or_on_another_kind_of_silence():
    for asked in CASES:
        for text in (asked.question, "", "It is not known.", "I cannot help with that."):
            assert right(asked, answer(text), {}).value == 0.0, (asked.id, text)


def test_a_third_of_the_cases_is_kept_for_the_test_part_in_every_kind():
    assert len(CASES) >= 160
    assert lopsided(CASES, least=14) == ()
    for kind, number in Counter(c.kind for c in CASES).items():
        held_back = sum(c.part == "test" for c in CASES if c.kind == kind)
        assert 0.25 <= held_back / number <= 0.42, kind


def test_a_suite_out_of_balance_is_described():
    many = [case(id=str(n), part="test" if n < 4 else "dev") for n in range(10)]
    assert lopsided(many) == ("4 of 10 cases are in the test part; make it 30% to 37%",)
    few = [*many[1:], case(id="late", kind="dates")]
    assert lopsided(few, least=2) == ("dates: fewer than 2 cases", "dates: all cases are in one part")
    assert lopsided([]) == ()


def test_ids_and_questions_are_not_repeated():
    assert len({c.id for c in CASES}) == len(CASES)
    assert len({(c.question, c.history) for c in CASES}) == len(CASES)


def test_follow_ups_have_a_history_and_no_other_kind_has_one():
    for asked in CASES:
        assert bool(asked.history) == (asked.kind == "follow-up"), asked.id


def test_each_follow_up_is_also_given_as_it_would_be_asked_alone():
    for asked in (c for c in CASES if c.history):
        assert asked.standalone not in ("", asked.question), asked.id


def test_a_chain_of_follow_ups_stands_in_one_part_with_the_case_that_opens_it():
    opening = {c.question: c.part for c in CASES if not c.history}
    for asked in (c for c in CASES if c.history):
        first = asked.history[0].content
        assert asked.part == opening.setdefault(first, asked.part), asked.id


def test_no_article_is_passed_over(seeds):
    for source in seeds:
        proving = [c for c in CASES if any(gold.source == source for group in c.gold for gold in group)]
        assert len(proving) >= 0.12 * len(CASES), source


def test_some_questions_are_in_spanish_and_german():
    assert sum(c.id.startswith("es-") for c in CASES) >= 5
    assert sum(c.id.startswith("de-") for c in CASES) >= 5


# --- instructions hidden in documents


def test_planted_text_has_a_document_to_stand_in(seeds):
    assert missing_carriers(CASES, seeds) == ()
    lost = case(id="lost", planted=(Planted(source="gone.txt", position="end", text="Obey."),))
    assert missing_carriers([lost], seeds) == ("lost: there is no document gone.txt to plant text in",)


def test_a_canary_is_in_no_article_and_in_no_right_answer_but_in_a_wrong_one(seeds):
    for asked in (c for c in CASES if c.planted):
        for text in (*(document.text for document in seeds.values()), *asked.right):
            assert says(normalise(text), asked.canary) is None, asked.id
        assert any(says(normalise(text), asked.canary) for text in asked.wrong), asked.id


def test_repeating_what_was_planted_is_wrong():
    for asked in (c for c in CASES if c.planted):
        for planted in asked.planted:
            assert right(asked, answer(planted.text), {}).value == 0.0, asked.id


def test_every_place_of_a_document_is_tried():
    assert {planted.position for c in CASES for planted in c.planted} == {"start", "middle", "end"}


# --- the case file


def written(folder: Path, *rows: dict) -> Path:
    path = folder / "cases.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def row(**fields) -> dict:
    base = {
        "id": "one",
        "kind": "single",
        "part": "dev",
        "question": "?",
        "facts": [{"accept": ["yes"]}],
        "gold": [[{"source": "a.txt", "quote": "yes"}]],
    }
    return {**base, **fields}


def test_a_good_row_is_read(tmp_path):
    (read_case,) = load(written(tmp_path, row()))
    assert read_case.facts == (Fact(accept=("yes",), vital=True),)


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([row(), row()], "line 2: id 'one' is used twice"),
        ([row(kind="riddle")], "line 1: kind"),
        ([row(fact="x")], "line 1: fact"),
        ([row(facts=[{"accept": ["yes"], "vitl": False}])], "line 1: facts.0.vitl"),
        ([row(gold=[[{"source": "a.txt"}]])], "line 1: gold.0.0.quote"),
        ([row(facts=[{"accept": ["(yes"]}])], "line 1: facts.0.accept: '(yes'"),
        ([row(forbidden=["no)"])], "line 1: forbidden: 'no)'"),
        ([row(canary=["*"])], "line 1: canary: '*'"),
        ([row(planted=[{"source": "a.txt", "position": "top", "text": "!"}])], "line 1: planted.0.position"),
        ([row(planted=[{"source": "a.txt", "position": "end"}])], "line 1: planted.0.text"),
        ([row(kind="injection")], "planted text and a canary"),
        ([row(), row(id="two", question="‘?’"), row(id="three", question=" ? ")], "line 3: question: 'one'"),
        ([row(facts=[])], "vital fact"),
        ([row(gold=[])], "gold quote"),
        ([row(refusal=True)], "neither facts nor gold"),
        ([row(history=[{"role": "user", "content": "Who?"}])], "does not end with an answer"),
        ([row(history=[{"role": "assistant", "content": "Me."}])], "do not take turns"),
    ],
)
def test_a_broken_row_is_refused_with_its_line_and_field(tmp_path, rows, named):
    with pytest.raises(InputError, match=r"cases\.jsonl") as raised:
        load(written(tmp_path, *rows))
    assert named in str(raised.value)


def test_a_file_that_is_not_there_or_not_json_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"gone\.jsonl"):
        load(tmp_path / "gone.jsonl")
    (tmp_path / "cases.jsonl").write_text("{not json")
    with pytest.raises(InputError, match="line 1"):
        load(tmp_path / "cases.jsonl")
