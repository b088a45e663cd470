"""Days in running text, and texts that name different ones."""

import pytest

from qa.dates import Day, days, differ, without_days, without_years


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("It opened on 3 May 1990, at last.", [Day(1990, 5, 3)]),
        ("On Feb. 21, Kelly came; on June 2nd, 2017 he left.", [Day(None, 2, 21), Day(2017, 6, 2)]),
        ("The 17th of December", [Day(None, 12, 17)]),
        ("In Sept. 2021 or in July.", [Day(2021, 9), Day(None, 7)]),
        ("They came in 2013.", [Day(2013)]),
        ("They may march in March.", [Day(None, 3)]),
        ("May I pay $2013 for 1,999 beds and 2,017.5 chairs?", []),
    ],
)
def test_every_day_is_found_as_far_as_it_is_named(text, named):
    assert list(days(text)) == named


@pytest.mark.parametrize(
    ("one", "other", "different"),
    [
        ("It opened on 3 May 1990.", "It was opened on June 12, 1990.", True),
        ("It opened on 3 May.", "It opened on May 4.", True),
        ("It opened in March 2021.", "It opened in September 2021.", True),
        ("It opened in 1990.", "It opened on 3 May 1990.", False),
        ("It opened on 3 May.", "Begun in 1986, it was opened in May 1990.", False),
        ("It opened on 3 May.", "It opened on Monday.", False),
    ],
)
def test_texts_name_different_days_only_where_none_can_be_the_same(one, other, different):
    assert differ(one, other) is differ(other, one) is different


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("It opened on February 24, 2017.", "It opened on February 24."),
        ("It opened on 24 Feb. 2017 at last.", "It opened on 24 Feb. at last."),
        ("It opened in 2017.", "It opened in 2017."),
        ("It opened on 24 February.", "It opened on 24 February."),
    ],
)
def test_day_without_its_year(text, bare):
    assert without_years(text) == bare


def test_text_without_days_keeps_its_other_numbers():
    assert without_days("On 25 May 2025 and in 2026 24 came.").split() == "On and in 24 came.".split()
