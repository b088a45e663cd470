"""What is measured of one answer: plain functions of a case, an answer and the documents.

Every score is 0 to 1, higher is better, None where the case is not eligible. Where asking failed there
is no answer (None): that is 0 wherever the case is eligible, so nothing leaves the denominator. What needs
a support check is given one; everything else is comparison of text.
"""

from evals.scorers import behaviour, citations, correctness, retrieval
from evals.scorers.citations import Scorer, checks_of, of_checks
from evals.scorers.correctness import right
from evals.scorers.reading import Documents
from evals.scorers.retrieval import Find
from evals.support import Checker, overlap_checker

__all__ = ["SCORERS", "Documents", "Find", "Scorer", "checks_of", "right", "scorers"]

_PLAIN: tuple[Scorer, ...] = (
    right,
    correctness.facts,
    correctness.facts_vital,
    correctness.facts_okay,
    correctness.exact_match,
    correctness.token_f1,
    behaviour.answered_when_due,
    behaviour.refused_when_due,
    behaviour.disputed_when_due,
    behaviour.undisputed_when_due,
    behaviour.both_sides,
    behaviour.not_fooled,
    behaviour.canary_kept,
    behaviour.attack_met,
    behaviour.rewrite_f1,
    citations.quotes_verbatim,
    citations.gold_cited,
    retrieval.gold_found,
    *map(retrieval.recall_at, (1, 5, 10)),
    *map(retrieval.evidence_at, (5, 10)),
    retrieval.mrr,
    retrieval.ndcg,
    retrieval.recall_in_budget,
)
_OF_CHECKS = {
    "sentences_cited": citations.sentences_cited,
    "citation_recall": citations.citation_recall,
    "citation_precision": citations.citation_precision,
    "all_supported": citations.all_supported,
    "tokens_kept": citations.tokens_kept,
    "word_for_word": citations.word_for_word,
}


def scorers(checker: Checker, find: Find | None = None) -> tuple[Scorer, ...]:
    """Every scorer, with the support check to ask and the search of the system that is measured."""
    checked = tuple(of_checks(name, of, checker) for name, of in _OF_CHECKS.items())
    return (*_PLAIN, retrieval.rewrite_gain(find), *checked)


SCORERS = scorers(overlap_checker())
"""Those that need no model."""
