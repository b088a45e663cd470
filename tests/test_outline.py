"""What stands above a line: headings, the writer of a letter, the head of a table."""

import pytest

from qa import outline
from tests.scripted import make_document

MANUAL = """# Lavella washing machine

Thank you for choosing it.

## 1. Guarantee

It lasts five years.

### What is left out

- glass
- seals

## Programmes

| programme | time | load |
|---|---|---|
| Wool | 45 min | |
| Cotton \\| linen | 2 h | 7 kg |

Never use bleach."""

LETTERS = """From: Nadia Ferreira <nadia@example.org>

To: Owen Pritchard

Date: Tue, 3 Feb 2026

Subject: The book

We offer £9,000.

From: owen@example.org

Sent: Thu, 5 Feb 2026

I ask for £12,000."""


def above(text, words, title="Lavella washing machine", **changes):
    document = make_document(text, title=title, **changes)
    return outline.read(document).at(text.index(words))


def headings(text, words, **changes):
    return [heading.words for heading in above(text, words, **changes).headings]


class TestHeadings:
    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ("Thank you", []),
            ("## 1.", []),
            ("It lasts", ["1. Guarantee"]),
            ("seals", ["1. Guarantee", "What is left out"]),
            ("Never use", ["Programmes"]),
        ],
    )
    def test_each_stands_until_one_of_its_level(self, words, expected):
        assert headings(MANUAL, words) == expected

    def test_one_that_is_not_the_title_is_kept(self):
        assert headings(MANUAL, "It lasts", title="W7") == ["Lavella washing machine", "1. Guarantee"]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Care\n====\n\nDry it.", ["Care"]),
            ("6 PREMIUM\n\nDry it.", ["PREMIUM"]),
            ("2.1 WHAT IS NOT COVERED\n\nDry it.", ["WHAT IS NOT COVERED"]),
            ("Sat 9 May\n\nFly.\n\nSun 10 May 2026\n\nDry it.", ["Sun 10 May 2026"]),
            ("For the cake:\n- eggs\n- Dry it.", ["For the cake"]),
            ("Sally\n\n: Dry it.", ["Sally"]),
            ("Q: Is it wet?\n\nDry it.", ["Is it wet?"]),
        ],
    )
    def test_people_head_plain_text_in_many_ways(self, text, expected):
        assert headings(text, "Dry it.") == expected

    @pytest.mark.parametrize(
        "text",
        [
            "A sentence that ends.\n- Dry it.",
            "9 May 2026\n\nDry it.",
            "EUR 12\n\nDry it.",
            "# " + "long " * 30 + "\n\nDry it.",
            "Nadia\n\n---\n\nDry it.",
        ],
    )
    def test_other_lines_are_none(self, text):
        assert headings(text, "Dry it.") == []

    def test_page_furniture_is_none(self):
        text = "SHARE THIS\n\nDry it."
        assert headings(text, "Dry it.", skipped=((0, 10),)) == []
        assert headings(text, "Dry it.") == ["SHARE THIS"]

    def test_each_stands_in_the_document_where_it_says(self):
        for text, words in ((MANUAL, "seals"), (LETTERS, "We offer")):
            for heading in above(text, words).headings:
                assert text[heading.start : heading.end] == heading.text


class TestLetters:
    def test_who_wrote_it_and_when_stands_above_its_lines(self):
        assert headings(LETTERS, "We offer") == ["Nadia Ferreira, Tue, 3 Feb 2026"]
        assert headings(LETTERS, "I ask") == ["owen@example.org, Thu, 5 Feb 2026"]
        assert above(LETTERS, "We offer").headings[0].writer == "Nadia Ferreira"
        assert above(MANUAL, "It lasts").headings[0].writer == ""

    def test_a_sentence_about_where_somebody_is_from_is_none(self):
        assert headings("From: Cork\n\nDry it.", "Dry it.") == []


class TestLabels:
    MEETING = "HOLLIS: Yes. We go in May.\n\nMS PARK: No.\n\n[03/06/2026, 18:05] Tomas: Why? It costs 95."

    def test_what_somebody_goes_on_to_say_stands_below_his_name(self):
        assert headings(self.MEETING, "We go") == ["HOLLIS"]
        assert headings(self.MEETING, "It costs") == ["Tomas, 03/06/2026, 18:05"]
        assert above(self.MEETING, "It costs").headings[0].writer == "Tomas"

    @pytest.mark.parametrize("words", ["HOLLIS", "MS PARK", "[03/06"])
    def test_line_with_the_label_needs_no_heading(self, words):
        assert headings(self.MEETING, words) == []

    def test_one_line_alone_has_no_label(self):
        assert headings("Mexico City: It began. It went on.", "It went") == []


class TestTables:
    def test_row_is_told_with_the_names_of_its_columns(self):
        row = above(MANUAL, "| Wool")
        assert row.columns == ("programme", "time", "load") and row.head == MANUAL.index("| programme")
        assert outline.labelled("| Wool | 45 min | |", row.columns) == "programme: Wool; time: 45 min"

    def test_bar_behind_a_backslash_parts_no_cells(self):
        assert outline.cells("| Cotton \\| linen | 2 h | 7 kg |") == ("Cotton \\| linen", "2 h", "7 kg")

    def test_head_and_what_follows_the_table_have_no_columns(self):
        head = above(MANUAL, "| programme")
        assert head.heads and not head.columns
        assert above(MANUAL, "Never use") == outline.Above(headings=head.headings)

    def test_line_under_the_head_is_no_row(self):
        assert outline.is_rule("|---|:--:|---|") and outline.is_rule("--- | ---")
        assert not outline.is_rule("| Wool | - |") and not outline.is_rule("---")


class TestFinding:
    def test_title_and_headings_are_searched_with_what_stands_below(self):
        document = make_document(MANUAL, title="Lavella washing machine")
        assert outline.titled(document, MANUAL.index("seals")).splitlines() == [
            "Lavella washing machine",
            "1. Guarantee",
            "What is left out",
        ]

    def test_text_without_any_line_has_nothing_above(self):
        assert outline.read(make_document("")).at(0) == outline.Above()
