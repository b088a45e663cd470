"""What must not change between a quote and a sentence that stands on it: terms, numbers, names, negation,
quoted words. Plain comparison of text; knows no model and no document.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from nltk.stem.snowball import SnowballStemmer  # type: ignore[import-untyped]

_STOP_WORDS = frozenset(
    "a about above across after again all along also am among an and another any are around as at be "
    "became because been before being between both but by can could did do does doing during each "
    "either every for from further get gets getting given had has have having he her here hers him "
    "himself his how i if in into is it its itself just like made make many may me might more most "
    "much must my nor of off on once one only or other our out over own per put same shall she should "
    "since so some such than that the their them then there these they this those though through to "
    "too toward towards under until up upon us very was we were what when where whether which while "
    "who whom whose why will with within would yes yet you your according article document documents "
    "mention mentioned passage passages say said says state stated states stating text".split()
)
# How something is denied tells nothing of what is denied.
_DENIALS = frozenset("cannot neither never no nobody none nor not nothing without".split())
_NEGATIONS = _DENIALS | frozenset(
    "contradict contradicted contradicts declined declines decline denied denies deny denying "
    "dispute disputed disputes fail failed fails false falsely refuse refused refuses reject rejected "
    "rejects ruled unable unlikely".split()
)
_NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen twenty".split()
    )
} | {
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "seventy": "70",
    "eighty": "80",
    "ninety": "90",
}
_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?")
_CAPITALISED = re.compile(r"(?<![\w.])[A-Z][\w'’-]*")
_QUOTED = re.compile(r"[“\"]([^“”\"]{3,}?)[”\"]")
_CLAUSE_END = re.compile(r"[,;:]\s|\b(?:but|while|although|though|whereas)\b", re.IGNORECASE)
_ORDINAL = re.compile(r"(\d)(?:st|nd|rd|th)\b")
_MONTHS = {
    name[:3]: name
    for name in (
        "january february march april may june july august september october november december".split()
    )
}
_stemmer = SnowballStemmer("english")


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    return str(_stemmer.stem(word))


def words(text: str) -> list[str]:
    """Words and numbers of `text` in lower case, without possessive endings, number words as numerals."""
    found = (match.group().lower() for match in _WORD.finditer(_ORDINAL.sub(r"\1", text)))
    bare = (re.sub(r"['’]s$", "", word).replace(",", "").replace("’", "'") for word in found)
    return [_NUMBER_WORDS.get(word, _MONTHS.get(word, word)) for word in bare]


def terms(text: str) -> frozenset[str]:
    """Stems of the telling words and the numbers of `text`."""
    left_out = _STOP_WORDS | _DENIALS
    return frozenset(_stem(word) for word in words(text) if word not in left_out and "'" not in word)


def numbers(text: str) -> frozenset[str]:
    """Numbers of `text` as numerals; "one" is too often a pronoun to count."""
    return frozenset(word for word in words(text) if word[0].isdigit()) - {"1"}


def names(text: str) -> frozenset[str]:
    """Stems of the capitalised words of `text` but for stop words: names of people, places, days, bodies."""
    capitalised = " ".join(match.group() for match in _CAPITALISED.finditer(text))
    # "Two days" begins with a number, which is compared as one.
    return frozenset(term for term in terms(capitalised) if not term[0].isdigit())


def negations(text: str) -> int:
    """How many words of `text` deny."""
    return sum(word in _NEGATIONS or word.endswith("n't") for word in words(text))


def negated(text: str) -> bool:
    """Whether `text` denies something: an odd number of negations."""
    return negations(text) % 2 == 1


def denies(text: str, about: frozenset[str]) -> bool:
    """Whether `text` denies in the clause that says most about the terms `about`."""
    clauses = _CLAUSE_END.split(text)
    return negated(max(clauses, key=lambda clause: len(terms(clause) & about)))


def quoted(text: str) -> tuple[str, ...]:
    """What stands between quotation marks in `text`."""
    return tuple(match.group(1).strip(" ,.") for match in _QUOTED.finditer(text))


def share(
    part: frozenset[str], whole: frozenset[str], weight: Callable[[str], float] = lambda term: 1.0
) -> float:
    """How much of the terms `part` is among `whole`, by weight: 0 to 1; 1 when there are none to look for."""
    total = sum(map(weight, part))
    return sum(map(weight, part & whole)) / total if total > 0 else 1.0


def plain(text: str) -> str:
    """`text` in lower case with straight quotes, single spaces and no punctuation at its ends."""
    straight = text.translate(str.maketrans("“”‘’–—", "\"\"''--")).lower()
    return " ".join(straight.split()).strip(" .,;:!?\"'")
