"""Questions made from sentences: they read as people ask, and nothing but prose gives any."""

import time

import pytest

from qa import read_document, split_sentences
from tests.library import SEEDS
from tests.payloads import PAYLOADS
from ui.phrasing import LONGEST_QUESTION, questions
from ui.verbs import base


def asked(sentence):
    return [phrased.question for phrased in questions(sentence)]


class TestForms:
    @pytest.mark.parametrize(
        ("sentence", "question"),
        [
            ("Marie Curie discovered polonium in 1898.", "When did Marie Curie discover polonium?"),
            ("The bridge was opened on 3 May 1932.", "When was the bridge opened?"),
            (
                "On Feb. 21, Secretary Kelly traveled to Guatemala City for a series of meetings.",
                "When did Secretary Kelly travel to Guatemala City for a series of meetings?",
            ),
            ("The raids resulted in 680 arrests.", None),
            (
                "The February raids resulted in 680 arrests nationwide, many of them wrong.",
                "How many arrests did the February raids result in nationwide?",
            ),
            (
                "Last week Tesla delivered 25,000 cars in the first quarter of 2017.",
                None,
            ),
            (
                "Tesla delivered over 25,000 cars in the first quarter of 2017.",
                "How many cars did Tesla deliver in the first quarter of 2017?",
            ),
            (
                "Maria Lopez founded the bakery in 1987 because her town had none.",
                "Why did Maria Lopez found the bakery?",
            ),
            (
                "Tillerson said the leaders had agreed the trade relationship needed to be modernized.",
                "What did Tillerson say about the trade relationship?",
            ),
            (
                "“The bridge will never open on the promised day,” Mayor Smith said.",
                "What did Mayor Smith say about the promised day?",
            ),
            (
                "Pena Nieto recently canceled a trip to Washington over Trump's insistence that they pay.",
                "Who recently canceled a trip to Washington over Trump's insistence?",
            ),
            ("He was told by Bob Casey to leave.", "What is said about Bob Casey?"),
            ("The City Council is here, he said.", "What is said about the City Council?"),
            ("Ada Byron built 12 models of kites.", "How many models of kites did Ada Byron build?"),
            (
                "Acme Steel used six million rivets for the bridge.",
                "How many rivets did Acme Steel use for the bridge?",
            ),
        ],
    )
    def test_sentence_gives_the_question_that_people_would_ask(self, sentence, question):
        assert question in asked(sentence) if question else question not in asked(sentence)

    @pytest.mark.parametrize(
        "sentence",
        [
            "He met her there.",
            "Kelly met them here after that.",
            "In 1990 they left.",
            "Yet Kelly resigned.",
            "Bread baked by Lopez was good.",
            "Workers used six rivets for the bridge.",
            "Httpx is a client library for Python.",
            "How many arrests were there?",
            "Die Brücke wurde 1932 eröffnet.",
            "El alcalde dijo que no.",
            "A heading without a stop about Bob Casey",
            "",
        ],
    )
    def test_what_leans_on_its_neighbours_or_is_no_statement_gives_none(self, sentence):
        assert asked(sentence) == []

    @pytest.mark.parametrize(
        "sentence",
        [
            "<b>John Kelly</b> met Bob Casey in May 2017.",
            "**John Kelly** met Bob Casey in May 2017.",
            "John Kelly met [Bob Casey](https://example.org) in May 2017.",
            "John Kelly met Bob Casey at https://example.org in May 2017.",
            "| John Kelly | met Bob Casey in May 2017. |",
            "John Kelly met `Bob Casey` in May 2017.",
            "John Kelly met Bob_Casey = True in May 2017.",
            *PAYLOADS[::3],
        ],
    )
    def test_markup_gives_none(self, sentence):
        assert asked(sentence) == []

    def test_no_question_is_longer_than_a_reader_takes_in_at_a_glance(self):
        tail = " with the officials of the northern city" * 8
        made = asked(f"On May 3, Secretary Kelly discussed the wall{tail}.")
        assert made and all(len(question) <= LONGEST_QUESTION for question in made)
        assert made[0].startswith("When did Secretary Kelly discuss the wall with the officials")

    def test_all_questions_over_the_articles_are_short_whole_and_plain(self):
        made = [
            phrased
            for path in sorted(SEEDS.iterdir())
            for document in [read_document(path, path.name)]
            for start, end in split_sentences(document.text)
            for phrased in questions(document.text[start:end])
        ]
        assert {"how many", "when", "said", "who"} <= {phrased.form for phrased in made}
        for phrased in made:
            assert phrased.question.endswith("?") and len(phrased.question) <= LONGEST_QUESTION
            assert not set("<>[]{}|*#_") & set(phrased.question)

    @pytest.mark.parametrize(
        "sentence",
        ["A of the " * 40 + "x.", "Kelly said " + "the a " * 60 + ".", "“" + "A " * 150 + "x,” Bob said."],
    )
    def test_strange_sentence_takes_no_time(self, sentence):
        began = time.monotonic()
        questions(sentence)
        assert time.monotonic() - began < 1


class TestVerbs:
    @pytest.mark.parametrize(
        "root",
        "accept add announce appear approve argue arrest arrange ask attend call cancel change charge cite "
        "claim compare complete conclude confirm convict create declare deliver deport describe detain "
        "determine develop discover discuss dispute explain follow hire include increase introduce invite "
        "issue join launch mention move note open order pass persuade pledge prepare produce promise "
        "publish reach reduce reject release repair report request require resign respond return review "
        "rule settle share sign support travel treat use visit vote".split(),
    )
    def test_regular_verb(self, root):
        assert base(root + "d" if root.endswith("e") else root + "ed") == root

    @pytest.mark.parametrize(
        ("past", "root"),
        [("met", "meet"), ("carried", "carry"), ("planned", "plan"), ("said", "say"), ("fled", "flee")],
    )
    def test_other_spellings(self, past, root):
        assert base(past) == root

    @pytest.mark.parametrize("word", ["the", "red", "controlled", "says", "indeed", "his", "ed"])
    def test_what_leaves_a_doubt_gives_none(self, word):
        assert base(word) is None
