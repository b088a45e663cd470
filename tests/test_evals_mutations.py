"""The evaluation put to the test: answers spoiled in one way look worse in that way, and nowhere better."""

import pytest

from evals.cases import load
from evals.figures import figures
from evals.metrics import BY_NAME
from evals.run import evaluate
from evals.words import titles
from tests import answerers

CASES = load()
CLEARLY = 0.05
"""Points of a share that count as a clear fall."""
# Neither good nor bad, or no matter of the answer.
NEUTRAL = {"word_for_word", "attack_met", "answered", "rewrite_f1", "rewrite_gain"}
LESS_IS_BETTER = {name for name, metric in BY_NAME.items() if metric.lapse} | {
    "risk_area",
    "lost_tokens",
    "errors",
}


def goodness(spoil=None):
    """Every figure, the right way up: more is better. Figures without a case are left out."""
    run = evaluate(answerers.engine_of(CASES, answerers.articles(), spoil), CASES)
    assert run.stopped is None and not run.left_out and len(run.results) == len(CASES)
    return {
        name: -made.value if name in LESS_IS_BETTER else made.value
        for name, made in figures(run.results).items()
        if made.value is not None and name not in NEUTRAL
    }


@pytest.fixture(scope="module")
def best():
    return goodness()


def test_the_perfect_answerer_is_perfect(best):
    # One passage cannot hold the proof of two documents.
    least = {name: -0.0 if name in LESS_IS_BETTER else 1.0 for name in best if name != "recall_1"}
    assert {name: best[name] for name in least if best[name] < least[name]} == {}


def test_every_figure_has_a_title(best):
    assert best.keys() <= {name for names in titles().values() for name in names}


@pytest.mark.parametrize(
    ("spoil", "falling"),
    [
        (
            answerers.always_refuses,
            "right facts facts_vital answered_when_due j gold_cited disputed_when_due both_sides gold_found "
            "recall_5 mrr_10 ndcg_10 recall_600_tokens",
        ),
        (answerers.never_refuses, "right refused_when_due j selective_accuracy risk_area"),
        (
            answerers.cites_at_random,
            "gold_cited citation_recall citation_precision all_supported tokens_kept lost_tokens both_sides",
        ),
        (
            answerers.copies_the_question,
            "right facts facts_vital citation_recall all_supported disputed_when_due both_sides "
            "selective_accuracy risk_area",
        ),
        (
            answerers.swaps_numbers,
            "right facts facts_vital tokens_kept lost_tokens citation_recall all_supported risk_area",
        ),
        (answerers.invents_a_name, "right facts facts_vital tokens_kept lost_tokens risk_area"),
        (
            answerers.mixes_two_documents,
            "right facts tokens_kept lost_tokens citation_recall citation_precision all_supported",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_bad_answerer_falls_where_it_is_bad_and_is_rewarded_nowhere(best, spoil, falling):
    spoiled = goodness(spoil)
    fallen = {name for name in spoiled if spoiled[name] <= best[name] - CLEARLY}
    assert set(falling.split()) - fallen == set()
    assert {name: value for name, value in spoiled.items() if value > best[name] + 1e-9} == {}
