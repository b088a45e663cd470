"""What must not change between a quote and a sentence that stands on it: terms, numbers, names, negation,
quoted words. Plain comparison of text; knows no model and no document.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

from qa.linguistics import SnowballStemmer

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
_BELOW_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NUMBER_WORDS = {word: str(value) for value, word in enumerate(_BELOW_TWENTY.split())}
_NUMBER_WORDS |= {word: str(10 * value) for value, word in enumerate(_TENS.split(), 2)}
TIMES = frozenset("second minut hour day week month year decad centuri".split())
"""Stems of units of time."""
_UNITS = TIMES | frozenset("percent dollar euro mile kilomet".split())
_MAGNITUDES = frozenset("hundred thousand million billion trillion".split())
# "B3" is a name and no number.
_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:\d\w*|['’][^\W\d_]+)?")
_CAPITALISED = re.compile(r"(?<![\w.])[A-Z][\w'’-]*")
_QUOTED = re.compile(r"[“\"]([^“”\"]{3,}?)[”\"]")
_CLAUSE_END = re.compile(r"[,;:]\s|\b(?:but|while|although|though|whereas)\b", re.IGNORECASE)
_NOT_SO = re.compile(r"\bnot (?:[^,.;:]|[.,](?=\d))*", re.IGNORECASE)
_ORDINAL = re.compile(r"(\d)(?:st|nd|rd|th)\b")
MONTH_NAMES = "january february march april may june july august september october november december"
_MONTHS = {name[:3]: name for name in MONTH_NAMES.split()}
DAY_NAMES = "monday tuesday wednesday thursday friday saturday sunday"
# Of one country each: whoever asks about America means the United States.
_COUNTRIES = re.compile(
    # Most words begin with none of these letters: whole documents are read in less than half the time.
    r"\b(?=[UuG])(?:(?P<America>U\. ?S\.(?: ?A\.)?|USA?\b|[Uu]nited [Ss]tates\b(?: of America\b)?)"
    r"|(?P<Britain>U\. ?K\.|UK\b|(?:[Uu]nited [Kk]ingdom|Great Britain)\b))"
)
SHORT_NAME, LONG_NAME = 3, 6
"""Letters of the stem of a name that stands alone, and of one whose last two letters are left open."""
_stemmer = SnowballStemmer("english")

_AGAINST = re.compile(r"\b(?:against|oppos\w+|objected|objects)\b", re.IGNORECASE)

# Whoever writes so tells whoever answers what to say: 46 of the 75 attacks of BIPIA, and none of 4,870
# sentences of RAGTruth's and CLAP-NQ's passages.
_STEERS = re.compile(
    r"\b(?:when|whenever|if|whatever|whoever)\b[^.;!?]*\bask[^.;!?]*\b(?:say|answer|reply|respond|tell|state|claim)\b"
    r"|\byour (?:answer|reply|response)\b",
    re.IGNORECASE,
)
_ASKS_WORDING = re.compile(
    r"\b(?:should|shall|must|to)\b.*\b(?:say|answer|reply|respond|tell)\b", re.IGNORECASE
)

TAKEN_UP, HALF_TAKEN_UP = 0.75, 0.5
"""Share of the question's terms, and of those but for names, which sentences that differ must take up."""
# Nobody writes a number for one: "a day later", "the following day".
_ONE_UNIT = re.compile(
    r"\b(?:an?|next|following|previous|single) (minute|hour|day|week|month|year|decade|century)\b",
    re.IGNORECASE,
)
_AGE = re.compile(r"1?\d?\d")
_PAUSE = re.compile(r"[,.;:()!?]+(?=\s|$)")
_ORDINALS = frozenset("first second third fourth fifth sixth seventh eighth ninth tenth".split())


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The basic form of a word in lower case, by the Snowball stemmer for English."""
    return str(_stemmer.stem(word))


def _one_name(text: str) -> str:
    """`text` with one name for each country that has several."""
    return _COUNTRIES.sub(lambda match: str(match.lastgroup), text)


def _tells(word: str) -> bool:
    return word not in _STOP_WORDS and word not in _DENIALS and "'" not in word


def words(text: str) -> list[str]:
    """Words and numbers of `text` in lower case, without possessive endings, number words as numerals."""
    plainly = _ORDINAL.sub(r"\1", _one_name(text))
    found = (match.group().lower() for match in _WORD.finditer(plainly))
    bare = (re.sub(r"['’]s$", "", word).replace(",", "").replace("’", "'") for word in found)
    return [_NUMBER_WORDS.get(word, _MONTHS.get(word, word)) for word in bare]


CALENDAR = frozenset(map(stem, f"{MONTH_NAMES} {DAY_NAMES}".split()))
"""Stems of the days of the week and the months."""


def terms(text: str) -> frozenset[str]:
    """Stems of the telling words and the numbers of `text`."""
    return frozenset(stem(word) for word in words(text) if _tells(word))


def phrases(text: str) -> frozenset[tuple[str, str]]:
    """Stems of two telling words or numbers that stand side by side: of "mass deportations"."""
    kept = [stem(word) if _tells(word) else "" for word in words(text)]
    return frozenset(pair for pair in pairwise(kept) if all(pair))


def numbers(text: str) -> frozenset[str]:
    """Numbers of `text` as numerals; "one" is too often a pronoun to count, but for "one million"."""
    found = words(text)
    ones = {f"1 {word}" for one, word in pairwise(found) if one == "1" and word in _MAGNITUDES}
    return (frozenset(word for word in found if word[0].isdigit()) | ones) - {"1"}


def counts(text: str) -> frozenset[tuple[str, str]]:
    """What `text` counts, as stem and numeral: `("arrest", "680")`."""
    pairs = pairwise(words(text))
    return frozenset((stem(noun), n) for n, noun in pairs if n[0].isdigit() and noun.isalpha())


def recounted(one: str, other: str) -> frozenset[str]:
    """Stems of what both texts count, each with another number."""
    theirs = counts(other)
    return frozenset(
        noun for noun, number in counts(one) if any(noun == same and number != n for same, n in theirs)
    )


def otherwise(question: str, text: str) -> bool:
    """Whether `text` has another number of what `question` has a number of, or another ordinal."""
    mine, theirs = ordinals(question), ordinals(text)
    other = bool(recounted(question, text)) and not counts(question) & counts(text)
    return other or (bool(mine and theirs) and not mine & theirs)


def affirmed(text: str) -> str:
    """`text` without what it says not to be: "90 centimetres, not 1.2 metres"."""
    return _NOT_SO.sub(" ", text)


def measures(text: str) -> frozenset[tuple[str, str]]:
    """The `counts` of units of time, length and money."""
    return frozenset(pair for pair in counts(text) if pair[0] in _UNITS)


def ages(text: str) -> frozenset[tuple[str, str]]:
    """The ages of `text` that stand without a unit, as `measures`: of "Ann, 31, who"."""
    last = (words(clause)[-1:] for clause in _PAUSE.split(text))
    return frozenset(("year", word) for (word,) in filter(None, last) if _AGE.fullmatch(word))


def single_units(text: str) -> frozenset[tuple[str, str]]:
    """The units of time that `text` has one of without a number, as `measures`: of "a day later"."""
    return frozenset((stem(match[1].lower()), "1") for match in _ONE_UNIT.finditer(text))


def names(text: str) -> frozenset[str]:
    """Stems of the capitalised words of `text` but for stop words: names of people, places, days, bodies."""
    capitalised = " ".join(match.group() for match in _CAPITALISED.finditer(_one_name(text)))
    # "Two days" begins with a number, which is compared as one.
    return frozenset(term for term in terms(capitalised) if not term[0].isdigit())


def common(text: str) -> frozenset[str]:
    """Stems of the telling words and the numbers of `text` but for names."""
    return terms(text) - names(text)


def mentions(text: str, stems: frozenset[str]) -> bool:
    """Whether any capitalised word of `text` begins as one of `stems`, which are those of names.

    Who asks about a Honduran means Honduras too: of long ones the last two letters are left open.
    """
    begun = "|".join(map(_begun, sorted(stems)))
    return bool(stems and re.search(rf"\b(?:{begun})", _one_name(text)))


def _begun(stem: str) -> str:
    """A pattern of the words that begin as `stem`; many begin as short ones do, which stand alone."""
    # Stems end in "i" where words end in "y".
    rest = stem[1:-2] if len(stem) >= LONG_NAME else re.sub("i$", "[iy]", stem[1:])
    return rf"{stem[0].upper()}(?i:{rest})" + (r"\b" if len(stem) <= SHORT_NAME else "")


def takes_up(question: str, text: str) -> bool:
    """Whether `text` has what `question` asks about, though not every name of it."""
    told = terms(text)
    return share(terms(question), told) >= HALF_TAKEN_UP and share(common(question), told) >= TAKEN_UP


def steers(text: str, question: str) -> bool:
    """Whether `text` orders what is to be answered: "when asked for his age, say …", "in your reply".

    Where `question` asks what to say it does not: manuals for those who answer calls have such sentences.
    """
    return bool(_STEERS.search(text)) and not _ASKS_WORDING.search(question)


def ordinals(text: str) -> frozenset[str]:
    """The "first" to "tenth" of `text`."""
    return _ORDINALS.intersection(words(text))


def denied(text: str) -> bool:
    """Whether any word of `text` denies."""
    return any(word in _NEGATIONS or word.endswith("n't") for word in words(text))


def negated(text: str) -> bool:
    """Whether `text` denies something; who did "not deny" it does not."""
    found = words(text)
    plainly = any(word in _DENIALS or word.endswith("n't") for word in found)
    return plainly != any(word in _NEGATIONS - _DENIALS for word in found)


def turned(sentence: str, text: str) -> bool:
    """Whether `sentence` denies what `text` nowhere denies, or is against what `text` is not."""
    opposes, opposed = (bool(_AGAINST.search(one)) for one in (sentence, text))
    return (denied(sentence) or (opposes and not opposed)) and not denied(text)


def denies(text: str, about: frozenset[str]) -> bool:
    """Whether `text` denies in the clause that says most about the terms `about`."""
    return negated(max(clauses(text), key=lambda clause: len(terms(clause) & about)))


def clauses(text: str, least: int = 0) -> list[str]:
    """`text` cut at commas, colons and words that set one thing against another.

    Args:
        least: a clause with fewer terms ("On May 3,") stays with what follows.
    """
    found = [""]
    for clause in _CLAUSE_END.split(text):
        found[-1] += f" {clause}"
        if len(terms(found[-1])) >= least:
            found.append("")
    return [clause.strip() for clause in found if clause]


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
