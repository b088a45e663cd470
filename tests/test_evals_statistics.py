import numpy as np
import pytest

from evals.statistics import (
    cluster_interval,
    drawn_interval,
    mcnemar,
    pooled_mean,
    quantile,
    risks,
    smallest_difference,
    smallest_mean_difference,
    wilson,
)


def test_intervals_of_shares_are_wilsons():
    # Newcombe 1998, Statistics in Medicine 17, table I, method 3: 81 of 263 and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


def test_means_are_by_weight_and_nothing_has_no_mean():
    assert pooled_mean([1.0, 0.0], [3.0, 1.0]) == 0.75
    assert pooled_mean([], []) is None
    assert pooled_mean([1.0], [0.0]) is None


def test_cases_that_are_kin_make_an_interval_wider():
    values = [1.0] * 20 + [0.0] * 20
    alone = cluster_interval(values, [1.0] * 40, [str(n) for n in range(40)])
    kin = cluster_interval(values, [1.0] * 40, [str(n // 10) for n in range(40)])
    assert kin[1] - kin[0] > 1.5 * (alone[1] - alone[0])


def test_the_same_numbers_give_the_same_interval():
    values, names = [0.1 * n for n in range(10)], [str(n % 4) for n in range(10)]
    assert cluster_interval(values, [1.0] * 10, names) == cluster_interval(values, [1.0] * 10, names)


def test_what_never_failed_is_not_called_certain():
    low, high = cluster_interval([1.0] * 30, [1.0] * 30, [str(n % 5) for n in range(30)])
    assert high == 1.0 and low < 0.6
    assert cluster_interval([], [], []) == (0.0, 1.0)


def test_mcnemar_is_the_exact_one():
    # Fagerland et al. 2013, BMC Medical Research Methodology 13, table 2: 1 and 7 discordant pairs.
    table = mcnemar([True] * 1 + [False] * 7 + [True] * 9, [False] * 1 + [True] * 7 + [True] * 9)
    assert (table.only_first, table.only_second, table.both, table.neither) == (1, 7, 9, 0)
    assert table.p == pytest.approx(0.0703, abs=1e-4)
    assert mcnemar([True], [True]).p == 1.0 and mcnemar([], []).n == 0


def test_smallest_difference_is_the_one_that_the_design_counts_on():
    assert smallest_difference(470, 0.15) == pytest.approx(0.05, abs=2e-3)
    assert smallest_difference(160, 0.15) > smallest_difference(470, 0.15)
    assert smallest_difference(0, 0.15) is None and smallest_difference(10, 0.0) is None
    assert smallest_mean_difference([0.1]) is None
    assert smallest_mean_difference([0.0, 0.2] * 50) == pytest.approx(0.02815, abs=1e-4)


def test_answers_that_are_equally_sure_share_their_errors():
    sure = np.array([0.9, 0.5, 0.5])
    for wrong in ([0.0, 1.0, 0.0], [0.0, 0.0, 1.0]):
        assert risks(sure, np.array(wrong)).tolist() == pytest.approx([0.0, 0.25, 1 / 3])


def test_any_statistic_has_an_interval_over_clusters():
    values = np.array([0.0, 0.0, 1.0, 1.0])
    low, high = drawn_interval(lambda rows: float(values[rows].mean()), ["a", "a", "b", "b"])
    assert (low, high) == (0.0, 1.0)
    assert drawn_interval(lambda rows: 0.5, ["a", "a"]) == (0.0, 1.0)


def test_quantiles_of_nothing_are_none():
    assert quantile([], 0.5) is None and quantile([1.0, 3.0], 0.5) == 2.0
