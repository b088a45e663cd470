import re
from dataclasses import replace

import pytest

from evals import wording
from evals.drafting import draft_cases
from evals.matching import locate, normalise, says
from evals.wording import Statement, statements
from qa import Assistant, Config, InputError
from qa.corpus import Corpus
from tests.drafting import DraftingModel
from tests.evaluation import document
from tests.fakes import HashEmbedding
from tests.town import BANK, KNOWS, TOWN, VOTES


@pytest.fixture(name="assistant_with")
def assistant_over_a_town(tmp_path):
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "town.txt").write_text(TOWN)
    embedder = HashEmbedding()
    with Corpus.open(Config(data_dir=tmp_path / "data"), embedder) as corpus:
        corpus.sync(tmp_path / "documents")
        yield lambda model: Assistant(Config(), corpus, embedder, model)


def of_kind(cases, kind):
    return [case for case in cases if case.kind == kind]


class TestAnswerable:
    def test_a_sentence_with_a_number_becomes_a_question_with_fact_and_gold(self, assistant_with):
        drafted = draft_cases(assistant_with(DraftingModel(KNOWS)), 4)
        (case,) = (case for case in drafted if case.question == VOTES)
        assert says(normalise("It was 340 in the end."), case.facts[0].accept)
        ((gold,),) = case.gold
        assert (gold.source, "340 votes" in gold.quote) == ("town.txt", True)
        assert locate(TOWN, gold.quote)

    def test_every_case_is_a_draft_with_a_note_for_the_person(self, assistant_with):
        for case in draft_cases(assistant_with(DraftingModel(KNOWS)), 6):
            assert case.state == "draft"
            assert case.note

    def test_a_question_that_the_model_cannot_answer_back_is_dropped(self, assistant_with):
        model = DraftingModel(KNOWS | {f"{VOTES}\nAnswer": "Nobody knows."})
        assert VOTES not in [case.question for case in draft_cases(assistant_with(model), 4)]

    def test_a_question_by_which_the_search_does_not_find_the_sentence_is_dropped(self, assistant_with):
        assistant = assistant_with(DraftingModel(KNOWS))
        assistant.retriever.find = lambda question, documents=(): ()
        assert draft_cases(assistant, 4) == ()

    def test_the_same_question_is_drafted_alike_every_time(self, assistant_with):
        first = draft_cases(assistant_with(DraftingModel(KNOWS)), 6)
        assert draft_cases(assistant_with(DraftingModel(KNOWS)), 6) == first

    def test_each_is_told_as_it_comes(self, assistant_with):
        told = []
        assert draft_cases(assistant_with(DraftingModel(KNOWS)), 6, told.append) == tuple(told)

    @pytest.mark.parametrize("n", [1, 2, 3, 5])
    def test_there_are_never_more_than_were_asked_for(self, assistant_with, n):
        assert len(draft_cases(assistant_with(DraftingModel(KNOWS)), n)) <= n


class TestOthers:
    def test_a_near_miss_asks_of_somebody_no_document_names(self, assistant_with):
        for case in of_kind(draft_cases(assistant_with(DraftingModel(KNOWS)), 6), "absent"):
            assert case.refusal
            assert "Tansley" not in case.question
            stranger = re.search(r"“([^”]+)” stands in no document", case.note)[1]
            assert stranger in case.question
            assert stranger not in TOWN

    def test_a_name_that_a_document_has_is_no_stranger(self, tmp_path):
        (tmp_path / "documents").mkdir()
        (tmp_path / "documents" / "a.txt").write_text(f"{TOWN} Then {' and '.join(wording.STRANGERS)} left.")
        with Corpus.open(Config(data_dir=tmp_path / "data"), HashEmbedding()) as corpus:
            corpus.sync(tmp_path / "documents")
            cases = draft_cases(Assistant(Config(), corpus, HashEmbedding(), DraftingModel(KNOWS)), 6)
        assert of_kind(cases, "single")
        assert not of_kind(cases, "absent")

    def test_a_follow_up_leaves_the_name_to_the_conversation(self, assistant_with):
        short = "Which institution paid for the stalls she wanted?"
        model = DraftingModel({"the last message shorter": short} | KNOWS)
        drafted = of_kind(draft_cases(assistant_with(model), 8), "follow-up")
        (case,) = (case for case in drafted if case.standalone == BANK)
        assert case.question == short
        assert [turn.role for turn in case.history] == ["user", "assistant"]
        assert case.history[0].content == VOTES

    def test_what_the_model_makes_worse_is_made_shorter_by_rule(self, assistant_with):
        model = DraftingModel({"the last message shorter": "What did Ilse say?"} | KNOWS)
        drafted = of_kind(draft_cases(assistant_with(model), 8), "follow-up")
        assert {case.question for case in drafted} == {
            "How many people backed the proposal of them?",
            "Which institution paid for the stalls that they wanted?",
        }


class TestBadInput:
    def test_without_a_model_the_next_command_is_named(self, assistant_with):
        with pytest.raises(InputError, match="qa models fetch"):
            draft_cases(assistant_with(None), 4)

    def test_without_a_document_there_is_nothing_to_draft(self, tmp_path):
        with Corpus.open(Config(data_dir=tmp_path), HashEmbedding()) as corpus:
            assistant = Assistant(Config(), corpus, HashEmbedding(), DraftingModel())
            with pytest.raises(InputError, match="no document"):
                draft_cases(assistant, 4)

    @pytest.mark.parametrize("written", ["", "\n\n", "I cannot.", "?", "<|im_end|>", "Who?" * 40])
    def test_whatever_the_model_writes_only_fair_questions_stay(self, assistant_with, written):
        assert draft_cases(assistant_with(DraftingModel({"____": written})), 4) == ()


@pytest.mark.parametrize(
    ("question", "leaning"),
    [
        ("What did Ruth Tansley say?", "What did they say?"),
        ("Who voted for Ruth Tansley?", "Who voted for them?"),
        ("What was Ruth Tansley's plan?", "What was their plan?"),
        ("What became of Ruth Tansley’s plan?", "What became of their plan?"),
    ],
)
def test_a_pronoun_has_the_case_of_its_place(question, leaning):
    assert wording.with_pronoun(question, "Ruth Tansley") == leaning


class TestStatements:
    def test_sentences_that_lean_or_tell_nothing_are_passed_over(self):
        texts = [each.text for each in statements(document(TOWN))]
        assert not any(text.startswith("She") for text in texts)
        assert any("340 votes" in text for text in texts)

    def test_page_furniture_is_passed_over(self):
        text = "Read 300 more stories by Ann Lee in our shop now. The town has 40 new stalls on its square."
        skipped = (0, text.index("The town"))
        assert [each.target for each in statements(replace(document(text), skipped=(skipped,)))] == ["40"]

    @pytest.mark.parametrize(
        ("text", "target", "beginning"),
        [
            ("They made 680 arrests.", "680", "How many arrests"),
            ("It cost $5 million.", "$5 million", "How much"),
            ("It began in 2015.", "2015", "In which year"),
            ("It grew by 5%.", "5%", "What percentage"),
            ("A 5-year-old boy.", "5", "How old"),
            ("It was Feb. 10 then.", "10", "On which day"),
            ("He met Ruth Tansley.", "Ruth Tansley", "Who"),
            ("He met the Supreme Court.", "Supreme Court", "Which"),
        ],
    )
    def test_a_question_begins_as_its_answer_asks_for(self, text, target, beginning):
        statement = Statement(source="a.txt", text=text, before="", target=target)
        assert wording.beginning(statement) == beginning


STATEMENT = Statement(
    source="a.txt",
    before="",
    text="In the end there were 340 votes for the plan of mayor Ruth Tansley.",
    target="340",
)


class TestFaults:
    @pytest.mark.parametrize(
        ("question", "fault"),
        [
            (VOTES, None),
            ("How many votes?", "fair length"),
            ("There were votes for the mayor.", "fair length"),
            ("Were there 340 votes for the mayor Ruth Tansley?", "gives the answer away"),
            ("How many votes did Ilse Brandvold get there?", "brandvold"),
            ("How warm was the winter weather abroad?", "something else"),
            ("How many votes did she get?", "too little"),
            ("How many votes for the plan of mayor Ruth Tansley were there?", "copies"),
            ("How many votes were there for that plan by the mayor?", "not understood alone"),
        ],
    )
    def test_what_is_wrong_is_said(self, question, fault):
        found = wording.fault(question, STATEMENT, document(TOWN))
        assert found is None if fault is None else re.search(fault, found or "none")
