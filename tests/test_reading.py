"""What of a draft reaches the reader: sentences that answer, each with its proof."""

import threading
from dataclasses import replace

import pytest

from qa import reading
from qa.questions import Part
from tests.drafting import DraftingModel
from tests.sources import sheet_of

SHEET = sheet_of(
    "Portia, the heroine of Venice. Portia never married the duke. In 2013 the town voted for the bill. "
    "Nine of its councillors voted against the bill.",
    title="Portia",
)


def told(question, draft):
    """The texts of what is found for a question when the model writes `draft`."""
    model = DraftingModel({"Portia": draft})
    found = reading.read(Part(question), SHEET, model, reading.Meter(), threading.Event())
    return [finding.text for finding in found]


@pytest.mark.parametrize(
    ("question", "draft", "found"),
    [
        ("Portia the heroine of Venice", "Portia is the heroine of Venice.", []),
        (
            "Who is the heroine of Venice?",
            "Portia is the heroine of Venice.",
            ["Portia is the heroine of Venice."],
        ),
        (
            "Is Portia the heroine of Venice?",
            "Portia is the heroine of Venice.",
            ["Portia, the heroine of Venice."],
        ),
        # What denies the question adds no term to it, and answers.
        (
            "Why did Portia marry the duke?",
            "Portia never married the duke.",
            ["Portia never married the duke."],
        ),
    ],
)
def test_sentence_that_only_repeats_the_question_answers_nothing(question, draft, found):
    assert told(question, draft) == found


@pytest.mark.parametrize(
    ("relevance", "question", "found"),
    [(0.4, "Was Portia married?", 1), (0.4, "Was Portia arrested?", 0), (0.6, "Was Portia arrested?", 1)],
)
def test_yes_or_no_is_not_told_of_what_an_unsure_quote_does_not_speak_of(relevance, question, found):
    sheet = replace(SHEET, chosen=tuple(replace(one, relevance=relevance) for one in SHEET.chosen))
    model = DraftingModel({"Portia": "Portia never married the duke."})
    findings = list(reading.read(Part(question), sheet, model, reading.Meter(), threading.Event()))
    assert bool(findings) is bool(found)


def test_who_denies_the_allegations_says_no_whatever_they_are():
    sheet = sheet_of("Berg has denied these allegations.", title="Boats")
    sheet = replace(sheet, chosen=tuple(replace(one, relevance=0.4) for one in sheet.chosen))
    model = DraftingModel({"Boats": "Berg has denied these allegations."})
    part = Part("Did Berg sell the stolen boat?")
    assert list(reading.read(part, sheet, model, reading.Meter(), threading.Event()))


@pytest.mark.parametrize(
    ("question", "found"),
    [("What is the sailor's name?", 1), ("What is the name of the cook?", 0), ("What is his name?", 1)],
)
def test_name_is_not_told_of_whom_the_quote_does_not_speak_of(question, found):
    sheet = sheet_of("A sailor came with Marty Collins.", title="Boats")
    model = DraftingModel({"Boats": "The name is Marty Collins."})
    findings = reading.read(Part(question), sheet, model, reading.Meter(), threading.Event())
    assert len(list(findings)) == found


@pytest.mark.parametrize(("who", "found"), [("Ann Lund", 0), ("Tom Berg", 1), ("Ola", 1)])
def test_words_of_another_are_no_answer_to_what_somebody_said(who, found):
    sheet = sheet_of("The boat of Ann Lund is quite new, Tom Berg said, as Ola wrote.", title="Boats")
    model = DraftingModel({"Boats": "The boat of Ann Lund is quite new, Tom Berg said, as Ola wrote."})
    findings = reading.read(
        Part(f"What did {who} say about the boat?"), sheet, model, reading.Meter(), threading.Event()
    )
    assert len(list(findings)) == found


@pytest.mark.parametrize(
    ("text", "draft", "found"),
    [
        ("Lund heard of it and called it sad, according to Tom Berg.", "Lund called it sad.", 1),
        ("Tom Berg bought a boat. He said that it was sad.", "He said that it was sad.", 0),
        ("Tom Lund bought a boat. He said that it was sad.", "He said that it was sad.", 1),
    ],
)
def test_who_speaks_is_whom_the_sentences_before_speak_of(text, draft, found):
    model = DraftingModel({"Boats": draft})
    part, sheet = Part("What did Lund say about the boat?"), sheet_of(text, title="Boats")
    assert len(list(reading.read(part, sheet, model, reading.Meter(), threading.Event()))) == found


@pytest.mark.parametrize(
    ("draft", "found"),
    [
        ("In 2013 the town voted for the bill.", False),
        ("Nine of its councillors voted against the bill.", True),
    ],
)
def test_year_does_not_answer_how_many(draft, found):
    assert bool(told("How many votes were there on the bill?", draft)) is found


@pytest.mark.parametrize(
    ("noun", "odds", "found"), [("votes", 0.5, True), ("elephants", 0.5, False), ("elephants", 0.9, True)]
)
def test_number_of_something_else_is_told_only_when_the_model_is_sure(noun, odds, found):
    model = DraftingModel({"Portia": "Nine of its councillors voted against the bill."}, odds=odds)
    part = Part(f"How many {noun} did the bill have in the town?")
    findings = list(reading.read(part, SHEET, model, reading.Meter(), threading.Event()))
    assert bool(findings) is found


@pytest.mark.parametrize(
    ("draft", "claim"),
    [
        ("Nine.", "Claim: How many councillors voted against the bill? Nine."),
        ("Nine of its councillors voted against it.", "Claim: Nine of its councillors voted against it."),
    ],
)
def test_model_is_asked_about_a_claim_and_not_about_a_bare_number(draft, claim):
    model = DraftingModel({"Portia": draft})
    part = Part("How many councillors voted against the bill?")
    assert list(reading.read(part, SHEET, model, reading.Meter(), threading.Event()))
    assert any(claim in prompt.user for prompt in model.asked)


def sheet_with(**relevances):
    """The sheet, on which the sentence that begins with a word answers so surely; the others hardly."""
    chosen = tuple(
        replace(quote, relevance=relevances.get(quote.text.split()[0], 0.1)) for quote in SHEET.quotes
    )
    return replace(SHEET, quotes=chosen, chosen=chosen)


class TestSurely:
    """A sentence that surely answers stands beside what the draft of a small model picks."""

    def found(self, question, sheet, **settings):
        model = DraftingModel(**{"drafts": {"Portia": "In 2013 the town voted for it."}} | settings)
        read = reading.read(Part(question), sheet, model, reading.Meter(), threading.Event())
        return [(finding.text, finding.answers) for finding in read], model.asked

    def test_where_no_other_may_answer_it_is_told_and_the_model_is_not_asked(self):
        told, asked = self.found("How did the town vote?", sheet_with(In=0.9), small=True)
        assert told == [("In 2013 the town voted for the bill.", 0.9)] and not asked

    def test_what_a_draft_picks_of_others_comes_first(self):
        drafts = {"Portia": "Nine councillors voted against the bill."}
        told, asked = self.found(
            "How did they vote?", sheet_with(In=0.9, Nine=0.4), small=True, drafts=drafts
        )
        assert [text for text, _ in told] == [
            "Nine of its councillors voted against the bill.", "In 2013 the town voted for the bill.",
        ]  # fmt: skip
        assert len(asked) == 1

    def test_a_pick_that_hardly_answers_is_not_told(self):
        drafts = {"Portia": "Portia never married the duke."}
        told, _ = self.found("How did they vote?", sheet_with(In=0.9, Nine=0.4), small=True, drafts=drafts)
        assert [text for text, _ in told] == ["In 2013 the town voted for the bill."]

    @pytest.mark.parametrize(
        ("denied", "told"), [("the town", True), ("the mayor", False), ("information on the town", False)]
    )
    def test_a_draft_that_finds_nothing_is_believed_unless_that_stands_there(self, denied, told):
        drafts = {"Portia": f"The passage does not mention {denied}."}
        sheet = sheet_with(In=0.9, Nine=0.4)
        assert bool(self.found("How did they vote?", sheet, small=True, drafts=drafts)[0]) is told

    def test_where_both_agree_nothing_more_is_asked(self):
        told, asked = self.found("How did the town vote?", sheet_with(In=0.9, Nine=0.4), small=True)
        assert told == [("In 2013 the town voted for the bill.", 0.9)] and len(asked) == 1

    @pytest.mark.parametrize(
        ("draft", "found"),
        [("Portia is the heroine of Venice.", 1), ("The heroine is called the heroine of the town.", 0)],
    )
    def test_who_asks_for_a_name_gets_what_a_draft_finds_one_for(self, draft, found):
        told, _ = self.found(
            "What is the name of the heroine?", sheet_with(Portia=0.9), small=True,
            drafts={"Portia": draft},
        )  # fmt: skip
        assert len(told) == found

    @pytest.mark.parametrize(("sure", "small"), [(0.9, False), (0.25, True)])
    def test_a_large_model_is_asked_and_a_small_one_where_nothing_is_sure(self, sure, small):
        _, asked = self.found("How did the town vote?", sheet_with(In=sure), small=small)
        assert asked

    def test_it_is_told_with_the_sentence_without_which_nobody_understands_it(self):
        sheet = sheet_of("The town voted for the bill. It had done so before.", title="Portia")
        quotes = (replace(sheet.quotes[0], relevance=0.1), replace(sheet.quotes[1], relevance=0.9))
        sheet = replace(sheet, quotes=quotes, chosen=quotes)
        ((text, _),), _ = self.found("What had the town done before?", sheet, small=True)
        assert text == "The town voted for the bill. It had done so before."

    @pytest.mark.parametrize(("small", "claim"), [(True, False), (False, True)])
    def test_words_of_its_own_stand_only_from_a_large_model(self, small, claim):
        draft, source = "The town voted for it in 2013.", "In 2013 the town voted for the bill."
        told, _ = self.found("How did it vote?", sheet_with(), small=small, drafts={"Portia": draft})
        assert [text for text, _ in told] == [draft if claim else source]

    @pytest.mark.parametrize(
        ("question", "asked"),
        [
            ("Why did the town vote for it?", True),
            ("Who did it?", True),
            ("What did the town vote for?", False),
        ],
    )
    def test_what_gives_no_reason_or_takes_up_nothing_is_not_that_sure(self, question, asked):
        assert bool(self.found(question, sheet_with(In=0.45), small=True)[1]) is asked

    @pytest.mark.parametrize(("counted", "asked"), [("councillors", False), ("children", True)])
    def test_number_of_something_else_is_not_that_sure(self, counted, asked):
        question = f"How many {counted} voted against the bill?"
        assert bool(self.found(question, sheet_with(Nine=0.45), small=True)[1]) is asked

    def test_the_model_is_asked_for_a_number_that_is_not_there(self):
        _, asked = self.found("How many voted for it?", sheet_with(In=0.9), small=True)
        assert asked

    @pytest.mark.parametrize("small", [True, False])
    def test_nothing_is_drafted_where_nothing_answers(self, small):
        silent = {quote.text.split()[0]: 0.01 for quote in SHEET.quotes}
        assert self.found("Who was it?", sheet_with(**silent), small=small) == ([], [])


@pytest.mark.parametrize(
    "text", ["Did the town vote for the bill in 2013?", "The town voted for the bill in 2013."]
)
def test_a_question_of_the_document_answers_nothing(text):
    sheet = sheet_of(f"{text} Nobody knew it.", title="Portia")
    model = DraftingModel({"Portia": text})
    found = reading.read(Part("How did the town vote?"), sheet, model, reading.Meter(), threading.Event())
    assert len(list(found)) == (not text.endswith("?"))
