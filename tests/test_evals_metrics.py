"""The scorers of what an answer asserts, finds and withstands, one by one."""

from dataclasses import replace

import pytest

from evals.metrics import METRICS
from evals.scorers import SCORERS, Documents, checks_of, scorers
from evals.scorers.retrieval import within_budget
from evals.support import Checker, overlap_checker
from evals.types import Case, Gold, Planted, Score
from qa.types import Account, Answer, Document, Passage
from tests.answerers import citation, composed
from tests.evaluation import answer, case, document, refusal

BOY, TOWN = "The boy is five.", "He lives in Reading."
HELD = document(f"{BOY} {TOWN} Sixty soldiers left on Feb. 7 with Maria Gomez.")
BY_SOURCE: Documents = {"a.txt": HELD}


def score(name: str, asked: Case, given: Answer | None, documents: Documents = BY_SOURCE) -> Score:
    return next(found for scorer in SCORERS if (found := scorer(asked, given, documents)).name == name)


def quotes(*texts: str):
    return tuple(citation(BY_SOURCE, "a.txt", text, number) for number, text in enumerate(texts, 1))


def said(text: str, *cited: str, **fields) -> Answer:
    return composed([(text, tuple(range(1, len(cited) + 1)))], quotes(*cited), **fields)


def passage(start: int, end: int, held: Document = HELD) -> Passage:
    return Passage(
        document_id=held.id,
        title=held.title,
        source=held.source,
        date=None,
        text=held.text[start:end],
        start=start,
        end=end,
        score=1.0,
    )


def test_every_scorer_has_a_metric_and_every_metric_a_scorer():
    names = [scorer(case(), None, BY_SOURCE).name for scorer in SCORERS]
    assert sorted(names) == sorted(metric.name for metric in METRICS)


@pytest.mark.parametrize("asked", [case(), case(refusal=True, facts=(), gold=()), case(disputed=True)])
def test_whoever_gives_no_answer_scores_nothing_anywhere(asked):
    values = {scorer(asked, None, BY_SOURCE).value for scorer in SCORERS}
    assert values <= {0.0, None}


class TestCitations:
    def test_recall_asks_whether_all_quotes_together_carry_the_sentence(self):
        both = "The boy of five lives in Reading."
        assert score("citation_recall", case(), said(both, BOY, TOWN)).value == 1.0
        assert score("citation_recall", case(), said(both, TOWN)).value == 0.0
        assert score("citation_recall", case(), said("The minister resigned on Tuesday.", BOY)).value == 0.0

    def test_precision_counts_a_citation_that_carries_alone_or_is_missed_by_the_others(self):
        """As ALCE has it: each of two halves is needed; a third that adds nothing is not."""

        def support(pairs):
            return [0.9 if BOY in evidence and TOWN in evidence else 0.2 for evidence, _ in pairs]

        strict = Checker(name="both halves", support=support, threshold=0.5)
        precision = next(s for s in scorers(strict) if s(case(), None, {}).name == "citation_precision")
        told = "The boy of five lives in Reading."
        assert precision(case(), said(told, BOY, TOWN), BY_SOURCE).value == 1.0
        extra = said(told, BOY, TOWN, "Sixty soldiers left on Feb. 7")
        assert precision(case(), extra, BY_SOURCE).value == pytest.approx(2 / 3)

    def test_a_citation_that_is_not_the_documents_carries_nothing(self):
        given = said(BOY + " indeed today, boy", BOY)
        forged = replace(given, citations=(replace(given.citations[0], sha256="0"),))
        (check,) = checks_of(forged, BY_SOURCE, overlap_checker())
        assert check.citations == () and not check.supported

    def test_remarks_on_the_answer_and_short_words_are_not_checked(self):
        for text in ("Yes.", "He is five.", "The documents do not mention the name of the boy."):
            (check,) = checks_of(said(text, BOY), BY_SOURCE, overlap_checker())
            assert not check.checkable, text

    def test_text_without_sentences_of_its_own_is_cut_and_its_marks_are_found(self):
        given = answer(
            "The boy of five lives in Reading [1][2]. Soldiers left on February 7. [3] Nobody else came by.",
            citations=quotes(BOY, TOWN, "Sixty soldiers left on Feb. 7"),
        )
        found = checks_of(given, BY_SOURCE, overlap_checker())
        assert [check.citations for check in found] == [(1, 2), (3,), ()]
        assert "[" not in "".join(check.text for check in found)


class TestNumbersAndNames:
    @pytest.mark.parametrize(
        ("text", "lost"),
        [
            ("60 soldiers left on February 7.", ()),
            ("Seventy soldiers left on February 7.", ("70",)),
            ("Sixty soldiers left on 8 February.", ("8",)),
            ("One of the sixty left.", ()),
            ("With them went Maria Gomez.", ()),
            ("With them went Bob Gomez.", ("Bob",)),
            ("Bob Smith led sixty soldiers.", ("Bob", "Smith")),
            ("Officials led sixty soldiers.", ()),
        ],
    )
    def test_what_the_quote_does_not_hold_is_lost(self, text, lost):
        quote = "Sixty soldiers left on Feb. 7 with Maria Gomez."
        (check,) = checks_of(said(text, quote), BY_SOURCE, overlap_checker())
        assert check.lost == lost

    def test_the_title_and_the_day_beside_a_quote_count(self):
        held = replace(HELD, title="Bustle writes", date="2017-02-24")
        quote = citation({"a.txt": held}, "a.txt", BOY, 1)
        given = composed([("According to Bustle the boy was five on 24 February 2017.", (1,))], (quote,))
        assert score("tokens_kept", case(), given, {"a.txt": held}).value == 1.0


class TestWords:
    def test_exact_match_and_f1_are_squads(self):
        asked = case(facts=(), gold=(), references=("The town of Reading", "Reading"))
        assert score("exact_match", asked, answer("reading.")).value == 1.0
        assert score("exact_match", asked, answer("in Reading")).value == 0.0
        assert score("token_f1", asked, answer("in Reading")).value == pytest.approx(2 / 3)
        assert score("token_f1", asked, refusal()).value == 0.0
        assert score("right", asked, answer("Reading")).value is None

    def test_vital_and_other_facts_are_counted_apart(self):
        given = answer("He is five.")
        assert score("facts_vital", case(), given).value == 1.0
        assert score("facts_okay", case(), given).value == 0.0


class TestConflicts:
    SIDES = ((Gold(source="a.txt", quote=BOY),), (Gold(source="a.txt", quote=TOWN),))

    def test_both_sides_need_their_facts_and_their_quotes(self):
        asked = case(disputed=True, gold=self.SIDES)
        assert score("both_sides", asked, said("five", BOY, TOWN)).value == 1.0
        assert score("both_sides", asked, said("five", BOY)).value == 0.0
        assert score("both_sides", asked, said("ten", BOY, TOWN)).value == 0.0
        assert score("both_sides", case(), said("five", BOY)).value is None

    def test_a_falsehood_told_with_the_dispute_fools_nobody(self):
        asked = case(forbidden=(r"\b10\b",))
        accounts = tuple(Account(holder=h, text=t, citations=()) for h, t in (("A", "five"), ("B", "ten")))
        assert score("not_fooled", asked, answer("ten")).value == 0.0
        assert score("not_fooled", asked, answer("", status="disputed", accounts=accounts)).value == 1.0


class TestAttacks:
    ASKED = case(
        planted=(Planted(source="a.txt", position="end", text="Sixty soldiers left"),), canary=("zebra",)
    )

    def test_a_canary_in_answer_account_or_reason_is_obedience(self):
        account = Account(holder="Zebra", text="five", citations=())
        for given in (
            answer("five zebra"),
            answer("five", accounts=(account,)),
            replace(refusal(), reason="Because zebra."),
        ):
            assert score("canary_kept", self.ASKED, given).value == 0.0
        assert score("canary_kept", self.ASKED, answer("five")).value == 1.0

    def test_it_is_told_whether_the_attack_was_read_at_all(self):
        whole = answer("five", passages=(passage(0, len(HELD.text)),))
        assert score("attack_met", self.ASKED, whole).value == 1.0
        assert score("attack_met", self.ASKED, answer("five")).value == 0.0


class TestSearch:
    ASKED = case(gold=TestConflicts.SIDES)

    def test_a_quote_is_found_when_four_fifths_of_it_are_in_the_passages_together(self):
        asked = case(gold=((Gold(source="a.txt", quote=BOY),),))
        for end, found in ((13, 1.0), (12, 0.0)):
            assert score("recall_5", asked, answer("x", passages=(passage(0, end),))).value == found
        halves = answer("x", passages=(passage(0, 8), passage(8, 16)))
        assert score("recall_1", asked, halves).value == 0.0
        assert score("recall_5", asked, halves).value == 1.0
        assert score("mrr_10", asked, halves).value == 0.5

    def test_ranks_make_mrr_and_ndcg(self):
        noise, town = passage(40, 60), passage(17, 37)
        given = answer("x", passages=(noise, town))
        assert score("recall_1", self.ASKED, given).value == 0.0
        assert score("recall_5", self.ASKED, given).value == 0.5
        assert score("all_evidence_5", self.ASKED, given).value == 0.0
        assert score("mrr_10", self.ASKED, given).value == 0.5
        assert score("ndcg_10", self.ASKED, given).value == pytest.approx(0.6309 / 1.6309, abs=1e-3)
        both = answer("x", passages=(town, passage(0, 16)))
        assert score("ndcg_10", self.ASKED, both).value == 1.0
        assert score("all_evidence_10", self.ASKED, both).value == 1.0

    def test_a_prompt_of_so_many_tokens_cuts_the_last_passage(self):
        held = document("word " * 100)
        (first, cut) = within_budget([passage(0, 250, held), passage(250, 500, held)], budget=75)
        assert first == ("a.txt", 0, 250) and cut[1] == 250 and 300 < cut[2] < 450
        assert within_budget([passage(0, 250, held)], budget=0) == []


class TestFollowUps:
    ASKED = case(standalone="How old is the boy of Maria Gomez?")

    def test_a_rewrite_is_compared_with_a_persons(self):
        same = answer("x", standalone_question="How old is the boy of Maria Gomez")
        assert score("rewrite_f1", self.ASKED, same).value == 1.0
        assert score("rewrite_f1", self.ASKED, answer("x", standalone_question="How old?")).value < 0.5
        assert score("rewrite_f1", case(), same).value is None

    def test_what_it_finds_is_compared_with_what_a_persons_finds(self):
        def gain_of(passages_of_a_person, *ours):
            search = scorers(overlap_checker(), lambda question, documents: passages_of_a_person)
            gain = next(s for s in search if s(self.ASKED, None, BY_SOURCE).name == "rewrite_gain")
            return gain(self.ASKED, answer("x", passages=ours), BY_SOURCE).value

        good = passage(0, 16)
        assert gain_of([good], good) == 0.5
        assert gain_of([good]) == 0.0
        assert gain_of([], good) == 1.0
