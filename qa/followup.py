"""Follow-up questions: whether a rewritten question may stand for what was asked."""

import re
from collections.abc import Sequence

from qa import facts, languages
from qa.questions import Part
from qa.types import Turn

_LABEL = re.compile(r"^(?:user|question|rewritten question|standalone question):\s*", re.IGNORECASE)
_LEANING = re.compile(
    r"\b(?:he|him|his|she|her|hers|they|them|their|theirs|it|its|this|that|these|those|there|then|one|ones)\b"
    r"|^(?:and|but|why|how|when|where|who|so|what about|how about)\b[^ ]*$",
    re.IGNORECASE,
)
REPEATED = 0.8
"""A rewriting sharing this much with an earlier question is that question again."""


def accept(rewritten: str, question: str, history: Sequence[Turn], language: str | None = None) -> Part:
    """The question to search for: `rewritten` where it is faithful, else the question with what it leans on.

    A rewriting is not faithful when it has words nobody said, lost what was asked, or repeats an earlier
    question. Then a question that leans on the conversation follows the question before it; any other stands
    as it was asked.

    Args:
        language: of `question`, when that is not English; its words are then not looked for in `rewritten`.
    """
    if language and (line := languages.accept(rewritten, question)) != question:
        return Part(line)
    line = _LABEL.sub("", rewritten.strip().split("\n")[0]).strip(' "“”')
    asked, told = facts.terms(question), facts.terms(line)
    said = asked.union(*(facts.terms(turn.content) for turn in history))
    earlier = [turn.content for turn in history if turn.role == "user"]
    repeats = any(len(told & facts.terms(one)) >= REPEATED * len(told) for one in earlier)
    lost = len(asked) > 1 and 2 * len(asked & told) < len(asked)
    if told and len(told - said) <= 1 and not lost and not (repeats and not asked & told):
        return Part(line)
    if earlier and (_LEANING.search(question) or len(asked) < 2):
        return Part(question, earlier[-1])
    return Part(question)
