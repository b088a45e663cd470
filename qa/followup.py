"""Follow-up questions: whether a rewritten question may stand for what was asked."""

import re
from collections.abc import Sequence

from qa import facts
from qa.types import Turn

_LABEL = re.compile(r"^(?:follow-?up |rewritten |standalone )?question:\s*", re.IGNORECASE)


def accept(rewritten: str, question: str, history: Sequence[Turn]) -> str:
    """`rewritten`, or `question` when the rewriting brought in words nobody said or lost what was asked."""
    line = _LABEL.sub("", rewritten.strip().split("\n")[0]).strip(' "“”')
    said = facts.terms(question).union(*(facts.terms(turn.content) for turn in history))
    invented = facts.terms(line) - said
    kept = facts.terms(question) & facts.terms(line)
    if not line or len(invented) > 1 or 2 * len(kept) < len(facts.terms(question)):
        return question
    return line
