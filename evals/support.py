"""The support check that the scorers ask: does this evidence carry that claim?

Knows what a check is and one that needs no model; which check a run uses is chosen outside.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from qa import find_numbers, find_terms

Pair = tuple[str, str]
"""Evidence and claim."""
Support = Callable[[Sequence[Pair]], Sequence[float]]
"""For each pair, 0 to 1: how sure it is that the evidence carries the claim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checker:
    """A support check with the value from which on it says yes."""

    name: str
    support: Support
    threshold: float
    known: dict[Pair, float] = field(default_factory=dict, compare=False, repr=False)
    """What was asked before: recall and precision ask the same pairs."""

    def of(self, pairs: Sequence[Pair]) -> tuple[float, ...]:
        """The support of each pair; a pair is only ever computed once."""
        asked = [pair for pair in dict.fromkeys(pairs) if pair not in self.known]
        if asked:
            self.known.update(zip(asked, map(float, self.support(asked)), strict=True))
        return tuple(self.known[pair] for pair in pairs)

    def carries(self, evidence: str, claim: str) -> bool:
        return self.of([(evidence, claim)])[0] >= self.threshold


def overlap(pairs: Sequence[Pair]) -> tuple[float, ...]:
    """The share of the claim's telling words in the evidence; halved when a number of it is not there."""
    return tuple(_overlap(evidence, claim) for evidence, claim in pairs)


def overlap_checker() -> Checker:
    """Words and numbers, no model: what any better check has to beat."""
    return Checker(name="word and number overlap", support=overlap, threshold=0.6)


def _overlap(evidence: str, claim: str) -> float:
    wanted, held = find_terms(claim), find_terms(evidence)
    if not wanted:
        return 0.0
    share = len(wanted & held) / len(wanted)
    return share if find_numbers(claim) <= find_numbers(evidence) else share / 2
