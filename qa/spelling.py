"""Misspelt words of a question, written as the documents write them.

Who asks for a "pestiside" finds nothing by that word, and no model understands it well. Knows texts; what
counts as a word of the language its caller says.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable

from qa.facts import stem
from qa.linguistics import edit_distance

_WORD = re.compile(r"[^\W\d_]{4,}")
_ASKING = "what when where which whose whom does were have will would could should about there".split()
# Two verbs side by side open no question.
_WERE_DID = re.compile(r"^were (?=(?:did|do|does|is|was|has|can|will)\b)", re.IGNORECASE)
SHORT_LETTERS = 4
"""A word of no more is written as the documents have it or not at all: too many words are near it."""
LONG_LETTERS = 8
"""From so many on a word may have two mistakes, else one: a letter too many, too few, wrong, or two that
changed places."""


def is_odd(question: str, words: Collection[str]) -> bool:
    """Whether `question` has a word that is not among `words`, which are in lower case."""
    unknown = (word for word in _WORD.findall(question.lower()) if word not in words)
    return any(unknown) or bool(_WERE_DID.match(question))


def mended(question: str, texts: Iterable[str], words: Collection[str]) -> str:
    """`question` with each word that is neither among `words` nor in `texts` as the nearest word of these.

    A near word begins alike. Where none of `texts` is near, one of `words` is meant that differs by a letter;
    short words and names, of which nobody knows all, stay.

    Args:
        words: of the language, in lower case, the most common first.
    """
    written = Counter(word for text in texts for word in _WORD.findall(text))
    # The most usual form of each, capitals and all: a name is found by them.
    forms: dict[str, str] = {word.lower(): word for word, _ in reversed(written.most_common())}
    forms |= {word: word for word in _ASKING}
    stems = {stem(form) for form in forms}
    usual = sorted(forms, key=lambda one: (one not in _ASKING, -written[forms[one]]))

    def nearest(match: re.Match[str]) -> str:
        asked: str = match.group()
        word = asked.lower()
        # Another ending is no mistake.
        if stem(word) in stems or word in words or stem(word) in words:
            return asked
        if found := _nearest(word, usual, 2 if len(word) >= LONG_LETTERS else 1):
            return forms[found]
        named = match.start() > 0 and asked[0].isupper()
        guessed = "" if named or len(word) <= SHORT_LETTERS else _nearest(word, words, 1)
        return guessed or asked

    return _WORD.sub(nearest, _WERE_DID.sub("Where ", question))


def _nearest(word: str, among: Iterable[str], most: int) -> str | None:
    """The first of those nearest to `word`; None when all differ from it by more than `most` letters."""
    near = [one for one in among if one[0] == word[0] and abs(len(one) - len(word)) <= most]
    distances = {one: edit_distance(word, one, transpositions=True) for one in near}
    best = min(near, key=distances.__getitem__, default="")
    return best if best and distances[best] <= most else None
