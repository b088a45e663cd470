import pytest

from evals.matching import locate, normalise
from evals.scorers import SCORERS
from evals.types import Case, Gold
from qa.types import Account, Answer, Citation, Document, Passage, Sentence
from tests.evaluation import answer, case, cite, document, refusal


def scores(asked: Case, given: Answer | None, *documents: Document) -> dict[str, float | None]:
    by_source = {held.source: held for held in documents}
    return {s.name: s.value for s in (scorer(asked, given, by_source) for scorer in SCORERS)}


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
        text = "The boy lives in Reading with his mother."
        return Sentence(text=text, start=0, end=1, citations=numbers, verdict="supported", support=1.0)

    given = answer(
        "x",
        sentences=(sentence(1), sentence(), sentence(9), sentence(9, 1)),
        citations=(cite(held, "five."),),
    )
    assert scores(case(), given, held)["sentences_cited"] == 0.5
    assert scores(case(), None, held)["sentences_cited"] == 0.0


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
