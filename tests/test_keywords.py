import random
import sqlite3

import pytest

from qa.keywords import match_expression


def test_telling_words_are_kept_and_stop_words_dropped():
    assert match_expression("Was the Honduran mother given judicial review?") == (
        '"honduran" OR "mother" OR "given" OR "judicial" OR "review"'
    )


def test_numbers_keep_their_separators():
    assert match_expression("1,900 arrests at 10:30") == '"1,900" OR "arrests" OR "10:30"'


def test_stop_words_count_when_there_is_nothing_else():
    assert match_expression("Who is it?") == '"who" OR "is" OR "it"'


@pytest.mark.parametrize("question", ["", "   ", "?!…", "___", "\x00\x07", "\ud800", '""*^:()'])
def test_without_a_word_there_is_no_expression(question):
    assert match_expression(question) == ""


def test_fts5_takes_the_expression_of_any_question():
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE t USING fts5(x, tokenize='porter unicode61 remove_diacritics 2')"
    )
    connection.execute("INSERT INTO t VALUES ('mother review')")
    rng = random.Random(7)
    letters = "aé\"'*^:(){}[]-+.,/\\AND OR NOT NEAR \x00\n\u0301\u200d²½一ß\U0001f600\ud83d<|im_end|>0123"
    taken = 0
    for _ in range(3000):
        question = "".join(rng.choices(letters, k=rng.randrange(40)))
        expression = match_expression(question)
        if expression:
            connection.execute("SELECT * FROM t WHERE t MATCH ?", (expression,)).fetchall()
            taken += 1
    assert taken > 2000


def test_a_hundred_thousand_characters_make_a_short_expression():
    assert len(match_expression(" ".join(f"word{n}" for n in range(12_000)))) < 1000
