"""What is taken as a question, and what becomes of its characters."""

import pytest

from qa.errors import InputError
from qa.plain_text import visible
from qa.questions import Part, clean, parts


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\x00\x07\x1b[31mb", "a[31mb"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("tab\tstays", "tab\tstays"),
        ("\u202eright\u202c \u2066to\u2069 left\u200b\ufeff", "right to left"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("می‌خواهم 👩‍👩‍👧", "می‌خواهم 👩‍👩‍👧"),
        ("half \ud83d", "half "),
        ("<|im_end|> [INST]", "<|im_end|> [INST]"),
    ],
)
def test_only_characters_that_can_be_seen_are_kept(text, seen):
    assert visible(text) == seen


@pytest.mark.parametrize("question", ["Who?", "誰？", "¿Quién?", "4?", "мэр"])
def test_word_or_digit_of_any_script_makes_a_question(question):
    assert clean(f"  {question}\n", 10) == question


@pytest.mark.parametrize("question", ["", " ", "?!", "\u200b", "\U000e0041\U000e0042"])
def test_nothing_to_read_is_refused(question):
    with pytest.raises(InputError, match="no words"):
        clean(question, 10)


def test_length_is_counted_without_outer_space():
    assert clean(" " * 100 + "x" * 10, 10) == "x" * 10
    with pytest.raises(InputError, match="11 characters; the longest accepted is 10"):
        clean("x" * 11, 10)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "Where did the storm begin and when did the town flood?",
            ["Where did the storm begin?", "When did the town flood?"],
        ),
        (
            "Who ran the office, and who took that post later?",
            ["Who ran the office?", "Who ran the office? Who took that post later?"],
        ),
        (
            "Does the Herald praise the bridge, while the Mirror blames the towers?",
            ["Does the Herald praise the bridge?", "Is it true that the Mirror blames the towers?"],
        ),
        (
            "What do they offer, and until when must we accept?",
            ["What do they offer?", "Until when must we accept?"],
        ),
        (
            "Which came first: the flood in Oslo or the fire?",
            ["When was the flood in Oslo?", "When was the fire?"],
        ),
        (
            "Which building was built earlier, the mill or the hall?",
            ["When was the mill built?", "When was the hall built?"],
        ),
        (
            "Who has more seats, the Blues or Ben Lund?",
            ["How many seats does the Blues have?", "How many seats does Ben Lund have?"],
        ),
        (
            "Which of the two had the most votes: Ann or Ben?",
            ["How many votes did Ann have?", "How many votes did Ben have?"],
        ),
        ("Who has more to say, Ann or Ben?", None),
        ("Who of the two is older, Ann or Ben?", ["How old is Ann?", "How old is Ben?"]),
        (
            "What do the Bank of Oslo and the Herald say about it?",
            ["What does the Bank of Oslo say about it?", "What does the Herald say about it?"],
        ),
        ("What did Ann and Ben write?", ["What did Ann write?", "What did Ben write?"]),
        ("How old are Ann Lund and Ben?", ["How old is Ann Lund?", "How old is Ben?"]),
        ("Who was the first king, Ann or Ben?", None),
        ("Which of them is best, tea or coffee?", None),
        ("Who was last seen with Ann or Ben?", None),
        ("Did the bridge sway while the wind blew?", None),
        ("Who spoke, while others left?", None),
        ("Who won? And why did the others lose?", None),
        ("Was the mother denied review, or was she heard?", None),
        ("Who came and went?", None),
        ("What did Anna and Ben do?", None),
        ("What did Anna and Ben say to each other?", None),
        ("What did Anna and the man say?", None),
        ("Who fell, and when?", None),
        ("Which firm was sued and is also accused of theft?", None),
        ("When the firm came to the city, which law ended?", None),
    ],
)
def test_parts_of_a_question_that_asks_several_things(question, asked):
    assert [part.search for part in parts(question)] == (asked or [question])


def test_part_that_leans_on_the_first_keeps_it_as_its_context():
    _, later = parts("Who ran the office, and who took that post later?")
    assert later == Part("Who took that post later?", "Who ran the office?", beside=True)
    assert later.read == ("Who took that post later?",)


def test_how_many_of_what_the_first_part_asks_about_leans_on_it():
    _, later = parts("On how many counts was she charged, and how many can bring death?")
    assert later == Part("How many can bring death?", "On how many counts was she charged?", beside=True)


def test_follow_up_is_read_alone_and_with_what_it_follows():
    assert Part("And when?", "Who won?").read == ("Who won? And when?", "And when?")
    assert Part("Who won?").read == ("Who won?",)


def test_question_that_leans_on_an_earlier_one_is_not_asked_together_with_it():
    assert parts("On what date?", "Who won the race?") == (Part("On what date?", "Who won the race?"),)
