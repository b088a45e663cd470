"""What is taken as a question, and what becomes of its characters."""

import pytest

from qa.errors import InputError
from qa.plain_text import visible
from qa.questions import clean


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
