"""What the loaders give out: sets of questions with their documents, and claims which people have judged.

Knows the values of the evaluation; knows no file and no data set.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from evals.matching import normalise
from evals.types import Case

Label = Literal["supported", "partly", "unsupported"]
_ARTICLE = re.compile(r"^(?:the|an?) (?=\w)")
_SENTENCE_END = re.compile(r"[.!?][\"”’')\]]*\s+(?=[\"“‘'(\[]?[A-Z0-9])")
_SLUG_CHARACTERS = 48
# The corpus takes these out of every document, and refuses one with too many of them.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A document of a set, as a file which the corpus will read."""

    source: str
    """Its file name; cases name it by this."""
    content: str
    """With the title, if it has one, on the first line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSet:
    """Questions with all the documents that they are asked of."""

    name: str
    texts: tuple[Text, ...]
    cases: tuple[Case, ...]
    """What they name in `documents` and `gold` is in `texts`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPair:
    """A claim, the evidence it was made from, and what people said of it."""

    id: str
    evidence: tuple[str, ...]
    claim: str
    label: Label
    cluster: str
    """What it shares with other pairs: they are not independent."""
    question: str | None = None
    """What the claim answers, where it answers something."""
    unsupported: tuple[tuple[int, int], ...] = ()
    """Characters of the claim which the evidence does not carry, where people marked them."""
    rating: float | None = None
    """Mean of the people's ratings, 1 to 4, where they rated."""
    ratings: tuple[float, ...] = ()
    """Of each of them, where that is published."""


def text(identity: str, title: str | None, body: str) -> Text:
    """The document that is known in its set as `identity`; the same identity has the same file always."""
    digest = hashlib.sha256(identity.encode()).hexdigest()[:8]
    slug = re.sub(r"\W+", "-", identity, flags=re.ASCII).strip("-")[-_SLUG_CHARACTERS:].strip("-")
    heading, body = " ".join(visible(title or "").split()), visible(body)
    return Text(source=f"{slug}-{digest}.txt", content=f"{heading}\n\n{body}" if heading else body)


def visible(words: str) -> str:
    """`words` without the control and direction characters that nobody sees."""
    return _INVISIBLE.sub("", words)


def form(answer: str) -> str:
    """A published answer as an accepted form: its words, whole, without the article before them."""
    words = _ARTICLE.sub("", normalise(answer)) or normalise(answer)
    return rf"(?<!\w){re.escape(words)}(?!\w)"


def sentence_at(content: str, start: int, end: int) -> str:
    """The sentence around some characters of a text: an answer alone may stand in many places of it."""
    ends = [match.end() for match in _SENTENCE_END.finditer(content)]
    first = max((edge for edge in ends if edge <= start), default=0)
    last = min((edge for edge in ends if edge >= end), default=len(content))
    return content[first:last].strip()
