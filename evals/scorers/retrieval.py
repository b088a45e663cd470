"""Was the proof among the passages, how high, and within what a small prompt can hold?

By characters of the documents and not by passage numbers, so that indexes cut in other ways compare. A gold
group counts as found once four fifths of one of its quotes lie in the passages so far, taken together.
"""

import math
from collections.abc import Callable, Sequence

from evals.scorers.reading import Documents, Range, covered, gold_places
from evals.types import Case, Score
from qa import Answer, Passage, count_tokens

FOUND_SHARE = 0.8
BUDGET_TOKENS = 600
DEPTH = 10

Find = Callable[[str, Sequence[str]], Sequence[Passage]]
"""The passages for a question among the documents with these ids; none named: all."""


def first_ranks(case: Case, passages: Sequence[Passage], documents: Documents) -> tuple[int | None, ...]:
    """For each gold group, how many passages it takes until it is found; None when they never do."""
    ranges: list[Range] = [(p.source, p.start, p.end) for p in passages]
    return tuple(_first(gold_places(group, documents), ranges) for group in case.gold)


def recall_at(k: int) -> Callable[[Case, Answer | None, Documents], Score]:
    """Share of the gold groups found in the first k passages."""

    def recall(case: Case, answer: Answer | None, documents: Documents) -> Score:
        return _of_ranks(f"recall_{k}", case, answer, documents, lambda ranks: _share_found(ranks, k))

    return recall


def evidence_at(k: int) -> Callable[[Case, Answer | None, Documents], Score]:
    """1 when every gold group is found in the first k passages."""

    def evidence(case: Case, answer: Answer | None, documents: Documents) -> Score:
        return _of_ranks(
            f"all_evidence_{k}", case, answer, documents, lambda ranks: float(_share_found(ranks, k) == 1)
        )

    return evidence


def mrr(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """One over the rank at which the first gold group is found, within ten."""

    def reciprocal(ranks: Sequence[int | None]) -> float:
        best = min((rank for rank in ranks if rank is not None and rank <= DEPTH), default=None)
        return 1 / best if best else 0.0

    return _of_ranks("mrr_10", case, answer, documents, reciprocal)


def ndcg(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """Newly found groups, discounted by rank, within ten; one group at each of the first ranks is ideal."""

    def gain(ranks: Sequence[int | None]) -> float:
        got = sum(1 / math.log2(rank + 1) for rank in ranks if rank is not None and rank <= DEPTH)
        ideal = sum(1 / math.log2(place + 2) for place in range(min(len(ranks), DEPTH)))
        return min(1.0, got / ideal)

    return _of_ranks("ndcg_10", case, answer, documents, gain)


def recall_in_budget(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """Share of the gold groups found in the first 600 tokens of the passages."""
    if not case.gold:
        return Score(name="recall_600_tokens", value=None)
    ranges = within_budget(answer.passages) if answer else []
    found = [_first(gold_places(group, documents), ranges) is not None for group in case.gold]
    return Score(name="recall_600_tokens", value=sum(found) / len(found))


def gold_found(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """1 when half of a quote of every gold group lay in the passages: was the proof there at all?"""
    if not case.gold:
        return Score(name="gold_found", value=None)
    ranges = [(p.source, p.start, p.end) for p in answer.passages] if answer else []
    missed = [
        group[0].quote
        for group in case.gold
        if not any(covered(place, ranges) >= 0.5 for place in gold_places(group, documents))
    ]
    return Score(name="gold_found", value=float(not missed), reason="; ".join(missed))


def rewrite_gain(find: Find | None) -> Callable[[Case, Answer | None, Documents], Score]:
    """Recall in five passages with our form of a follow-up beside that with a person's form.

    The value is (1 + ours − theirs) / 2: one half when both find the same.
    """

    def gain(case: Case, answer: Answer | None, documents: Documents) -> Score:
        if find is None or not (case.standalone and case.gold):
            return Score(name="rewrite_gain", value=None)
        ids = [documents[source].id for source in case.documents if source in documents]
        ours = _share_found(first_ranks(case, answer.passages if answer else (), documents), 5)
        theirs = _share_found(first_ranks(case, find(case.standalone, ids), documents), 5)
        reason = f"ours {ours:.2f}, a person's {theirs:.2f}"
        return Score(name="rewrite_gain", value=(1 + ours - theirs) / 2, reason=reason)

    return gain


def within_budget(passages: Sequence[Passage], budget: int = BUDGET_TOKENS) -> list[Range]:
    """What of the passages, in their order, a prompt of so many tokens holds; the last may be cut."""
    ranges: list[Range] = []
    left = budget
    for passage in passages:
        size = count_tokens(passage.text)
        if size > left:
            held = passage.start + (passage.end - passage.start) * left // size
            return [*ranges, (passage.source, passage.start, held)] if held > passage.start else ranges
        ranges.append((passage.source, passage.start, passage.end))
        left -= size
    return ranges


def _first(places: Sequence[Range], ranges: Sequence[Range]) -> int | None:
    for rank in range(1, len(ranges) + 1):
        if any(covered(place, ranges[:rank]) >= FOUND_SHARE for place in places):
            return rank
    return None


def _share_found(ranks: Sequence[int | None], k: int) -> float:
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks)


def _of_ranks(
    name: str,
    case: Case,
    answer: Answer | None,
    documents: Documents,
    value: Callable[[Sequence[int | None]], float],
) -> Score:
    if not case.gold:
        return Score(name=name, value=None)
    return Score(name=name, value=value(first_ranks(case, answer.passages if answer else (), documents)))
