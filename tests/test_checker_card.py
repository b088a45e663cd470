"""The checker's card: its measures, and the hand-made pairs over the seed articles."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from evals import checker_card, reliability

SEEDS = Path(__file__).parent.parent / "seeds"


class TestHardPairs:
    pairs = checker_card.hard_pairs()

    def test_there_are_at_least_two_hundred_of_three_labels(self):
        assert len(self.pairs) >= 200
        assert len({pair["id"] for pair in self.pairs}) == len(self.pairs)
        labels = Counter(pair["label"] for pair in self.pairs)
        assert labels.keys() == {"supported", "unsupported", "contradicted"}
        assert min(labels.values()) >= 30

    def test_evidence_stands_in_its_document_word_for_word(self):
        texts = {
            path.name: " ".join(path.read_text(encoding="utf-8").split()) for path in SEEDS.glob("*.txt")
        }
        assert [pair["id"] for pair in self.pairs if pair["evidence"] not in texts[pair["source"]]] == []

    def test_no_claim_is_asked_twice_of_the_same_evidence(self):
        asked = Counter((pair["evidence"], pair["claim"]) for pair in self.pairs)
        assert max(asked.values()) == 1


class TestMeasures:
    truth = np.array([1.0, 1.0, 0.0, 0.0])

    def test_order_is_measured_by_area(self):
        assert checker_card.auc(np.array([0.9, 0.8, 0.2, 0.1]), self.truth) == 1
        assert checker_card.auc(np.array([0.1, 0.2, 0.8, 0.9]), self.truth) == 0
        assert checker_card.auc(np.array([0.5, 0.5, 0.5, 0.5]), self.truth) == 0.5

    def test_both_kinds_count_alike_however_many_there_are(self):
        assert checker_card.balanced(np.ones(4), self.truth) == 0.5
        assert checker_card.balanced(np.array([1.0, 1.0, 0.0, 1.0]), self.truth) == 0.75

    def test_finding_what_does_not_stand_is_measured_by_f1(self):
        assert checker_card.f1(np.array([1.0, 1.0, 0.0, 1.0]), self.truth) == pytest.approx(2 / 3)

    def test_one_kind_alone_has_no_area(self):
        assert np.isnan(checker_card.auc(np.ones(2), np.ones(2)))

    def test_probability_that_comes_true_as_often_as_it_says_has_no_error(self):
        assert reliability.error(np.array([0.5, 0.5]), np.array([1.0, 0.0])) == 0
        assert reliability.error(np.array([0.9, 0.9]), np.array([0.0, 0.0])) == pytest.approx(0.9)
        assert sum(
            one.share for one in reliability.bins(np.linspace(0, 1, 50), np.ones(50))
        ) == pytest.approx(1)
