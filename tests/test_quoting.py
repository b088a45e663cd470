"""The sentences of a passage under what stands above them."""

import pytest

from qa import outline, quoting
from qa.quoting import leans, tells
from tests.scripted import make_document, make_passage

MANUAL = """# Lavella W7

## Error codes

- **E10** no water comes in. Open the tap. Clean the sieve.
- E20

Weight: 71 kg

| programme | time |
|---|---|
| Wool | 45 min |

## Not covered

Damage by flood."""


@pytest.fixture(name="quotes")
def quotes_of_the_manual():
    document = make_document(MANUAL, title="Lavella W7")
    return {q.text: q for q in quoting.quotes_of(make_passage(document), 0, outline.read(document))}


def test_each_is_the_stored_text_at_its_place_and_rules_are_left_out(quotes):
    for text, quote in quotes.items():
        assert MANUAL[quote.start : quote.end] == text
    assert not any(text.startswith("|--") for text in quotes)


def test_each_is_read_under_its_headings_and_a_row_with_its_columns(quotes):
    assert quotes["Damage by flood."].read == "Not covered: Damage by flood."
    assert quotes["| Wool | 45 min |"].read == "Error codes: programme: Wool; time: 45 min"


def test_words_of_a_heading_count_and_are_known_as_lent(quotes):
    flood = quotes["Damage by flood."]
    assert flood.lent == {"cover"} and flood.terms > flood.lent


def test_what_goes_on_in_an_item_leans_on_what_stands_before_it_there(quotes):
    first, second, third = (
        quotes[t] for t in ("**E10** no water comes in.", "Open the tap.", "Clean the sieve.")
    )
    assert leans(first, second) and leans(second, third) and not leans(third, quotes["E20"])
    assert third.readings[0] == "**E10** no water comes in. Open the tap. Clean the sieve."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Weight: 71 kg", True),
        ("| Wool | 45 min |", True),
        ("Damage by flood.", True),
        ("| programme | time |", False),
        ("Not covered", False),
        ("E20", False),
    ],
)
def test_line_behind_a_label_and_row_tell_something_and_headings_do_not(quotes, text, expected):
    assert tells(quotes[text]) == expected


def test_headings_are_told_where_they_say_what_is_asked(quotes):
    flood = quotes["Damage by flood."]
    assert [one.text for one in quoting.above(flood, "Is flood covered?")] == ["Not covered"]
    assert quoting.above(flood, "What damage is there?") == ()
