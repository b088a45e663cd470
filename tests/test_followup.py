"""Which rewriting of a follow-up question may stand for what was asked."""

import pytest

from qa import prompts
from qa.followup import accept
from qa.questions import Part
from qa.types import Turn

HISTORY = (
    Turn(role="user", content="Who tweeted about the Honduran mother?"),
    Turn(role="assistant", content="Senator Bob Casey tweeted about her deportation."),
)
QUESTION = "When did he tweet?"


@pytest.mark.parametrize(
    "rewritten, accepted",
    [
        ("When did Senator Bob Casey tweet?", "When did Senator Bob Casey tweet?"),
        ("  Question: When did Bob Casey tweet?\n", "When did Bob Casey tweet?"),
        ("User: “When did Bob Casey tweet?”", "When did Bob Casey tweet?"),
        ("\n\nWhen did Bob Casey tweet?", "When did Bob Casey tweet?"),
        ("When did Bob Casey tweet?\n\nExplanation: he is Bob Casey.", "When did Bob Casey tweet?"),
    ],
)
def test_rewriting_with_names_of_the_conversation_is_taken(rewritten, accepted):
    assert accept(rewritten, QUESTION, HISTORY) == Part(accepted)


@pytest.mark.parametrize(
    "rewritten",
    ["", "When did Angela Merkel tweet from Berlin?", "I cannot help with rewriting this sentence."],
)
def test_rewriting_that_invents_or_forgets_gives_way_to_the_question_after_the_one_before_it(rewritten):
    assert accept(rewritten, QUESTION, HISTORY) == Part(QUESTION, HISTORY[0].content)


def test_rewriting_that_is_an_earlier_question_again_is_not_taken():
    question = "And where was the family detained?"
    assert accept(HISTORY[0].content, question, HISTORY) == Part(question)


def test_question_that_leans_on_nothing_stands_as_it_was_asked():
    question = "How many arrests did the raids of February lead to?"
    assert accept("What did Napoleon conquer in winter?", question, HISTORY) == Part(question)


def test_question_without_telling_words_can_be_filled_in():
    assert accept("Why did Bob Casey tweet?", "And why?", HISTORY) == Part("Why did Bob Casey tweet?")


def test_model_sees_by_examples_what_to_rewrite_and_the_conversation_last():
    plain, foreign = (prompts.standalone(QUESTION, HISTORY, language).user for language in (None, "Spanish"))
    for prompt in (plain, foreign):
        assert prompt.endswith(f"Assistant: {HISTORY[1].content}\nQuestion: {QUESTION}\nRewritten:")
        assert "Where was Ada Berg born?" in prompt
    assert "in English" in foreign and "¿" in foreign
    assert "in English" not in plain and "¿" not in plain


@pytest.mark.parametrize("turns", [2, 4, 5, 12])
def test_what_a_conversation_began_with_is_read_beside_its_last_turns(turns):
    history = [Turn(role="user" if n % 2 == 0 else "assistant", content=f"Turn {n}.") for n in range(turns)]
    read = prompts.standalone(QUESTION, history).user
    expected = [0, *range(1, turns)[-prompts.HISTORY_TURNS :]]
    assert [n for n in range(turns) if f"Turn {n}." in read] == expected
