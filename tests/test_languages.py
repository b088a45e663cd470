"""In which language a question is asked, and what may stand for it in English."""

import pytest

from qa.languages import accept, foreign


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("¿Cuántos arrestos hubo en las redadas de febrero?", "Spanish"),
        ("Wie alt war der Junge?", "German"),
        ("Combien d’arrestations en février ?", "French"),
        ("誰がそう言ったのですか", "Japanese"),
        ("How many arrests were there in February?", None),
        # Names and single words tell no language.
        ("Kelly", None),
        ("Why?", None),
        ("680", None),
    ],
)
def test_language_of_a_question(question, language):
    assert foreign(question) == language


def test_english_translation_stands_for_the_question():
    assert accept(' "How old was the boy?"\nNote: …', "Wie alt war der Junge?") == "How old was the boy?"


@pytest.mark.parametrize(
    "translated", ["", "…", "Wie alt war denn der Junge damals?", "Were there 68 arrests?"]
)
def test_translation_that_is_none_or_lost_a_number_is_not_used(translated):
    question = "Gab es 680 Festnahmen?"
    assert accept(translated, question) == question


def test_translation_that_repeats_a_long_title_is_not_used():
    question, title = "¿Qué dijo Kelly sobre las deportaciones?", "Kelly would rather send women into danger"
    assert accept(f"Would {title}?", question) == f"Would {title}?"
    assert accept(f"Would {title}?", question, [title]) == question
    assert accept("What did Kelly say?", question, ["Kelly", title]) == "What did Kelly say?"
