"""The ceiling of the checker's card: how far people agree with each other."""

import pytest

from evals.datasets.values import LabelledPair
from evals.raters import ONE_LABEL, agreement, people
from evals.words import ceilings


def rated(*ratings, cluster):
    return LabelledPair(
        id=cluster, evidence=("e",), claim="c", label="supported", cluster=cluster, ratings=ratings
    )


def test_raters_who_agree_reach_the_top():
    found = agreement([rated(n, n, n, cluster=str(n)) for n in (1, 2, 3, 4)])
    assert [found[name][0] for name in found] == [1, 1, 1]


def test_pairs_of_raters_are_counted_and_not_answers():
    found = agreement([rated(4, 4, 2, cluster="a"), rated(1, 1, 2, cluster="b")])
    # Of six pairs two have the same mark, and two more are one step apart.
    assert found["same mark"][0] == pytest.approx(2 / 6)
    assert found["within a step"][0] == pytest.approx(4 / 6)


def test_raters_who_contradict_each_other_reach_nothing():
    found = agreement([rated(4, 1, cluster="a"), rated(1, 4, cluster="b"), rated(4, 1, cluster="c")])
    assert found["Spearman"][0] < 0 and found["same mark"][0] == 0


def test_an_answer_that_one_person_rated_tells_nothing():
    both = [rated(4, 4, cluster="a"), rated(2, 2, cluster="b")]
    assert agreement([*both, rated(1, cluster="c")]) == agreement(both)


def test_a_set_with_one_label_has_no_ceiling_and_says_so():
    card = {"mtrag": {"Spearman": (0.5, 0.4, 0.6)}, "wice": {"AUC": (0.7, 0.6, 0.8)}}
    found = people(card, {"mtrag": [rated(n, n, cluster=str(n)) for n in (1, 2, 3)]})
    assert found["wice"] == ONE_LABEL and found["mtrag"]["Spearman"][0] == 1
    told = list(ceilings({"people": found}))
    assert told[0].startswith("People among themselves on mtrag: Spearman 1.000")
    assert told[1] == f"wice: {ONE_LABEL}."
