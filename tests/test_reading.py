"""What of a draft reaches the reader: sentences that answer, each with its proof."""

import threading

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
