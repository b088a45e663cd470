import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest

from evals.cases import load, missing_gold
from evals.matching import locate, normalise
from evals.report import as_json, as_text, failure, share, wilson
from evals.run import evaluate, sample
from evals.scorers import SCORERS, right
from evals.types import Case, Fact, Gold, Report
from qa.documents import find_files, read
from qa.errors import InputError
from qa.types import Account, Answer, Citation, Document, Passage, Sentence, Timings, Usage

CASES = load()
ARTICLES = Path(__file__).parent.parent / "seeds"


@pytest.fixture(scope="module")
def seeds() -> dict[str, Document]:
    return {source: read(path, source) for path, source in find_files(ARTICLES)}


def document(text: str = "The boy is five. He lives in Reading.", source: str = "a.txt") -> Document:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return Document(id="0" * 16, source=source, title="A", date=None, text=text, sha256=sha256)


def cite(held: Document, quote: str, number: int = 1) -> Citation:
    place = locate(held.text, quote)
    assert place is not None
    start, end = place
    return Citation(
        number=number,
        document_id=held.id,
        title=held.title,
        source=held.source,
        date=None,
        quote=held.text[start:end],
        start=start,
        end=end,
        sha256=held.sha256,
        url="",
    )


def answer(text: str, status: str = "answered", **fields) -> Answer:
    base = {
        "id": "1",
        "question": "?",
        "standalone_question": "?",
        "reason": None,
        "sentences": (),
        "accounts": (),
        "citations": (),
        "passages": (),
        "model": "scripted",
        "index_version": "1",
        "timings": Timings(
            standalone_ms=0, retrieve_ms=3, draft_ms=0, check_ms=0, first_sentence_ms=5, total_ms=10
        ),
        "usage": Usage(prompt_tokens=0, completion_tokens=0),
    }
    return Answer(**{**base, "answer": text, "status": status, **fields})


def refusal(text: str = "") -> Answer:
    return answer(text, status="unanswerable", reason="The documents do not say.")


def case(**fields) -> Case:
    base = {
        "id": "boy",
        "kind": "single",
        "part": "dev",
        "question": "How old is the boy?",
        "facts": (Fact(accept=(r"\b5\b",)), Fact(accept=("reading",), vital=False)),
        "gold": ((Gold(source="a.txt", quote="The boy is five."),),),
    }
    return Case(**{**base, **fields})


def scores(asked: Case, given: Answer | None, *documents: Document) -> dict[str, float | None]:
    by_source = {held.source: held for held in documents}
    return {s.name: s.value for s in (scorer(asked, given, by_source) for scorer in SCORERS)}


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
def test_an_answer_made_of_any_choice_of_gold_quotes_is_right(asked):
    for choice in range(max(len(group) for group in asked.gold)):
        text = " ".join(group[min(choice, len(group) - 1)].quote.rstrip(".") + "." for group in asked.gold)
        assert right(asked, answer(text), {}).value == 1.0, (text, right(asked, answer(text), {}).reason)


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
    assert len(CASES) == 48
    parts = Counter(c.part for c in CASES)
    assert parts["test"] == 16
    for kind, number in Counter(c.kind for c in CASES).items():
        held_back = sum(c.part == "test" for c in CASES if c.kind == kind)
        assert 0.2 <= held_back / number <= 0.5, kind


def test_ids_and_questions_are_not_repeated():
    assert len({c.id for c in CASES}) == len(CASES)
    assert len({(c.question, c.history) for c in CASES}) == len(CASES)


def test_follow_ups_have_a_history_and_no_other_kind_has_one():
    for asked in CASES:
        assert bool(asked.history) == (asked.kind == "follow-up"), asked.id


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
        ([row(facts=[{"accept": ["(yes"]}])], "'(yes'"),
        ([row(facts=[])], "vital fact"),
        ([row(gold=[])], "gold quote"),
        ([row(refusal=True)], "neither facts nor gold"),
        ([row(history=[{"role": "user", "content": "Who?"}])], "does not end with an answer"),
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


# --- matching


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Six hundred and eighty [1]", "680"),
        ("over six hundred; 1,200", "over 600; 1200"),
        ("forty-two tweets", "42 tweets"),
        ("twenty-five thousand three hundred", "25300"),
        ("the 10th of Feb.", "february 10"),
        ("2017-02-10", "february 10 2017"),
        ("Dec. 17, 2015", "december 17 2015"),
        ("they didn’t, can’t and won't", "they did not can not and will not"),
        ("6:30am or 6:30 a.m. sharp", "6:30 am or 6:30 am sharp"),
        ("“Peña  Nieto”", "pena nieto"),
        ("the U.S. Supreme Court — Sen. Casey", "the us supreme court sen casey"),
    ],
)
def test_spellings_of_one_thing_are_made_equal(text, same):
    assert normalise(text) == same


def test_different_numbers_stay_different():
    assert normalise("six hundred") != normalise("six hundred and one")
    assert normalise("seventeen") == "17" and normalise("may 3") != normalise("may 13")


def test_a_quote_is_found_across_line_ends_and_only_when_it_is_there():
    assert locate("one  two\nthree", "two three") == (5, 14)
    assert locate("one two", "two one") is None
    assert locate("one", " ") is None


# --- scorers


def test_quotes_are_verbatim_only_if_document_offsets_text_and_hash_agree():
    held = document()
    good = cite(held, "The boy is five.")
    assert scores(case(), answer("x", citations=(good,)), held)["quotes_verbatim"] == 1.0
    changes = [
        {"end": 15},
        {"quote": "The boy is four."},
        {"sha256": "0"},
        {"source": "b.txt"},
        {"document_id": "f"},
    ]
    for change in changes:
        fields = {name: getattr(good, name) for name in Citation.__dataclass_fields__}
        bad = Citation(**{**fields, **change})
        half = answer("x", citations=(good, bad))
        assert scores(case(), half, held)["quotes_verbatim"] == 0.5, change
    assert scores(case(), answer("x"), held)["quotes_verbatim"] is None


def test_gold_counts_as_cited_from_half_of_its_characters_on():
    held = document()
    assert scores(case(), answer("x", citations=(cite(held, "boy is five."),)), held)["gold_cited"] == 1.0
    assert scores(case(), answer("x", citations=(cite(held, "five."),)), held)["gold_cited"] == 0.0
    twice = (cite(held, "five."), cite(held, "five.", number=2))
    assert scores(case(), answer("x", citations=twice), held)["gold_cited"] == 0.0


def test_every_gold_group_must_be_cited_but_one_quote_of_a_group_is_enough():
    held = document()
    boy, town = (
        Gold(source="a.txt", quote="The boy is five."),
        Gold(source="a.txt", quote="He lives in Reading."),
    )
    given = answer("x", citations=(cite(held, town.quote),))
    assert scores(case(gold=((boy, town),)), given, held)["gold_cited"] == 1.0
    assert scores(case(gold=((boy,), (town,))), given, held)["gold_cited"] == 0.0


def test_gold_is_found_when_a_passage_holds_it():
    held = document()
    passage = Passage(
        document_id=held.id, title="A", source="a.txt", date=None, text=held.text, start=0, end=16, score=1.0
    )
    assert scores(case(), answer("x", passages=(passage,)), held)["gold_found"] == 1.0
    assert scores(case(), answer("x"), held)["gold_found"] == 0.0


def test_sentences_with_marks_that_point_nowhere_do_not_count_as_cited():
    held = document()

    def sentence(*numbers: int) -> Sentence:
        return Sentence(text="x", start=0, end=1, citations=numbers, verdict="supported", support=1.0)

    given = answer(
        "x",
        sentences=(sentence(1), sentence(), sentence(9), sentence(9, 1)),
        citations=(cite(held, "five."),),
    )
    assert scores(case(), given, held)["sentences_cited"] == 0.5


def test_facts_that_are_not_vital_count_for_the_share_and_not_for_right():
    result = scores(case(), answer("He is five."))
    assert (result["right"], result["facts"]) == (1.0, 0.5)


def test_what_stands_only_in_the_accounts_is_read_too():
    account = Account(holder="Bustle", text="The boy is five years old.", citations=(1,))
    assert scores(case(), answer("Accounts differ.", accounts=(account,)))["right"] == 1.0


def test_a_forbidden_claim_fails_an_answer_with_all_facts():
    asked = case(forbidden=(r"\bten\b|\b10\b",))
    assert scores(asked, answer("He is five or ten."))["right"] == 0.0


def test_refusals_are_told_by_status_and_count_where_they_are_due():
    due = case(facts=(), gold=(), refusal=True)
    assert scores(due, refusal())["refused_when_due"] == 1.0
    assert scores(due, answer("I do not know."))["refused_when_due"] == 0.0
    assert scores(case(), refusal())["answered_when_due"] == 0.0
    assert scores(case(), answer("I do not know."))["answered_when_due"] == 1.0
    assert scores(case(refusal_ok=True), refusal())["answered_when_due"] is None


def test_conflicts_are_told_by_status_apart_from_right():
    asked = case(disputed=True)
    assert scores(asked, answer("five"))["disputed_when_due"] == 0.0
    assert scores(asked, answer("five"))["right"] == 1.0
    assert scores(asked, answer("five", status="disputed"))["disputed_when_due"] == 1.0
    assert scores(case(), answer("five", status="disputed"))["undisputed_when_due"] == 0.0


# --- a run


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
