"""Misspelt words of a question, written as the documents write them.

Who asks for a "pestiside" finds nothing by that word, and no model understands it well. Knows texts; what
counts as a word of the language its caller says.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from qa.facts import stem
from qa.linguistics import edit_distance

_WORD = re.compile(r"[^\W\d_]{4,}")
_ASKING = "what when where which whose whom does were have will would could should about there".split()
LONG_LETTERS = 8
"""From so many on a word may have two mistakes, else one: a letter too many, too few, wrong, or two that
changed places."""

Known = Callable[[str], bool]


def is_odd(question: str, known: Known) -> bool:
    """Whether `question` has a word that is not `known`, which is asked in lower case."""
    return not all(map(known, _WORD.findall(question.lower())))


def mended(question: str, texts: Iterable[str], known: Known) -> str:
    """`question` with each word that is neither known nor in `texts` as the nearest word of these, if one is
    near and begins alike."""
    written = Counter(word for text in texts for word in _WORD.findall(text))
    # The most usual form of each, capitals and all: a name is found by them.
    forms = {word.lower(): word for word, _ in reversed(written.most_common())}
    forms |= {word: word for word in _ASKING}
    stems = {stem(form) for form in forms}

    def nearest(match: re.Match[str]) -> str:
        word = match.group().lower()
        # Another ending is no mistake.
        if stem(word) in stems or known(word):
            return match.group()
        most = 2 if len(word) >= LONG_LETTERS else 1
        near = [one for one in forms if one[0] == word[0] and abs(len(one) - len(word)) <= most]
        distances = {one: edit_distance(word, one, transpositions=True) for one in near}
        usual = sorted(near, key=lambda one: (one not in _ASKING, -written[forms[one]]))
        best = min(usual, key=distances.__getitem__, default=word)
        return forms[best] if distances.get(best, most + 1) <= most else match.group()

    return _WORD.sub(nearest, question)
