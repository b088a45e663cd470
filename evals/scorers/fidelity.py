"""The numbers and names of a sentence: do they stand in what it cites?

Word overlap hardly sees one changed number or name; this sees nothing else.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from evals.matching import normalise
from evals.scorers.reading import Documents
from qa import Citation, find_names, find_terms

_NUMBER = re.compile(r"\d+(?:[.:]\d+)*")
_WORD = re.compile(r"[\w'’-]+")
_CAPITALISED = re.compile(r"[A-Z][\w'’-]*")
_LOWER = re.compile(r"(?<!\w)[a-z][\w'’-]*")


def tokens(sentence: str, cited: Sequence[Citation], documents: Documents) -> tuple[str, ...]:
    """The numbers of a sentence, as numerals, and its names, as they are written."""
    numbers = dict.fromkeys(_NUMBER.findall(normalise(sentence)))
    if not re.search(r"(?<!\d)1(?!\d)", sentence):
        # "One" is too often a pronoun to count.
        numbers.pop("1", None)
    return (*numbers, *dict.fromkeys(_names(sentence, cited, documents)))


def lost_tokens(sentence: str, cited: Sequence[Citation], documents: Documents) -> tuple[str, ...]:
    """Those of them that neither the quotes nor the titles and dates shown beside them hold."""
    evidence = " ".join(f"{c.quote} {c.title} {c.date or ''}" for c in cited)
    spelt = normalise(evidence)
    numbers = set(_NUMBER.findall(spelt))
    # Every way: the day beside a quote has no month before it is spelt out, and the United States are one
    # name together, but two words of a sentence.
    held = find_terms(evidence) | find_terms(spelt) | find_terms(", ".join(_WORD.findall(evidence)))
    return tuple(
        token
        for token in tokens(sentence, cited, documents)
        if (token not in numbers if token[0].isdigit() else not find_names(token) <= held)
    )


def _names(sentence: str, cited: Sequence[Citation], documents: Documents) -> list[str]:
    found = []
    for match in _CAPITALISED.finditer(sentence):
        begins = not any(character.isalnum() for character in sentence[: match.start()])
        if find_names(match.group()) and (not begins or _is_name(match, sentence, cited, documents)):
            found.append(match.group())
    return found


def _is_name(match: re.Match[str], sentence: str, cited: Sequence[Citation], documents: Documents) -> bool:
    """Whether the first word of a sentence is a name, which its capital does not tell."""
    if re.match(r"\s+[A-Z]", sentence[match.end() :]):
        return True
    texts = (documents[citation.source].text for citation in cited if citation.source in documents)
    return any(find_names(match.group()) <= _only_capitalised(text) for text in texts)


@lru_cache(maxsize=64)
def _only_capitalised(text: str) -> frozenset[str]:
    return find_names(text) - find_terms(" ".join(_LOWER.findall(text)))
