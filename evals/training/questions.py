"""Claims and unanswerable questions made by rule from questions whose answer is known.

Knows how an English question becomes a sentence; every function gives nothing where it is not sure.
"""

import re
from collections.abc import Sequence
from random import Random

from evals.training.synthesis import CONTRADICTED, NAME, SUPPORTED, UNSUPPORTED, Made, sentences

_VERB = r"(?:is|was|are|were|has|had|will|can|could|would)"
_SUBJECT = re.compile(rf"^(?:who|what|which \w+|what \w+) ({_VERB} .+|\w+ed .+|\w+s .+|\w+t .+)\?$", re.I)
_COPULA = re.compile(r"^(?:who|what) (is|was|are|were) ((?:the|an?|\w+'s|his|her|its) .+)\?$", re.I)
_WHEN = re.compile(
    r"^(?:when|where) (was|were|is|are) (.+?) (\w+ed|born|held|built|made|found|located|set)(.*)\?$", re.I
)
_DENIABLE = ("did", "was", "is", "were", "can")
_OPPOSITE = {
    "first": "last", "last": "first", "before": "after", "after": "before", "largest": "smallest",
    "most": "least", "highest": "lowest", "oldest": "youngest", "start": "end", "began": "ended",
    "won": "lost", "born": "buried",
    "north": "south", "east": "west", "smallest": "largest", "more": "less",
    "cause": "prevent", "increase": "decrease", "join": "leave", "rise": "fall", "open": "close",
    "best": "worst",
}  # fmt: skip


def declared(question: str, answer: str) -> str | None:
    """The question and its answer as one sentence, where the question's form allows it."""
    if copula := _COPULA.match(question):
        verb, what = copula.groups()
        return f"{what[0].upper()}{what[1:]} {verb} {answer}."
    if when := _WHEN.match(question):
        verb, who, done, rest = when.groups()
        before = "" if re.match(r"(?:in|on|at|by|from|near|during|after)\b", answer, re.I) else "in "
        return f"{who[0].upper()}{who[1:]} {verb} {done}{rest} {before}{answer}."
    if subject := _SUBJECT.match(question):
        return f"{answer[0].upper()}{answer[1:]} {subject.group(1)}."
    return None


def asserted(question: str, answer: str, chance: Random) -> str:
    """What somebody says who answers `question` with `answer`."""
    said = declared(question, answer)
    if said is not None and chance.random() < 0.8:
        return said
    return f"{question} {answer[0].upper()}{answer[1:]}."


def claims(question: str, answer: str, passage: str, chance: Random) -> list[Made]:
    """The right answer, another of its kind from the passage, and the right one with its sentence gone."""
    if not 1 <= len(answer.split()) <= 12 or answer.lower() in ("yes", "no"):
        return []
    made = [(passage, asserted(question, answer, chance), SUPPORTED)]
    other = _another(answer, question, passage, chance)
    if other is not None:
        made.append((passage, asserted(question, other, chance), CONTRADICTED))
    left = " ".join(one for one in sentences(passage) if answer.lower() not in one.lower())
    if len(left.split()) > 15 and chance.random() < 0.6:
        made.append((left, asserted(question, answer, chance), UNSUPPORTED))
    return made


def _another(answer: str, question: str, passage: str, chance: Random) -> str | None:
    numeric = bool(re.search(r"\d", answer))
    pattern = re.compile(r"\b(?:[A-Z][a-z]+ )?\d[\d,.]*\d\b|\b\d\b") if numeric else NAME
    if not numeric and not answer[:1].isupper():
        return None
    known = f"{answer} {question}".lower()
    found = sorted({one for one in pattern.findall(passage) if one.lower() not in known})
    return chance.choice(found) if found else None


def unanswerable(question: str, passage: str, strangers: Sequence[str], chance: Random) -> str | None:
    """The question with one thing changed, so that it supposes what the passage does not say."""
    lower = question.lower()
    turned = [word for word in _OPPOSITE if re.search(rf"\b{word}\b", lower)]
    named = [name for name in NAME.findall(question) if name.lower() in passage.lower()]
    if named and chance.random() < 0.7:
        name = chance.choice(named)
        inside = [one for one in NAME.findall(passage) if one not in question and name not in one]
        new = chance.choice(inside) if inside and chance.random() < 0.5 else chance.choice(strangers)
        return question.replace(name, new)
    if turned:
        word = chance.choice(turned)
        return re.sub(rf"\b{word}\b", _OPPOSITE[word], question, count=1, flags=re.I)
    if year := re.search(r"\b(?:1[5-9]|20)\d\d\b", question):
        return question.replace(year.group(), str(int(year.group()) + chance.choice((-11, -4, -2, 3, 7, 12))))
    for old in _DENIABLE:
        if chance.random() < 0.25 and re.search(rf"\b{old} [A-Z]?\w+ \w+ ", question):
            return re.sub(rf"\b({old} (?:the |an? )?\w+) ", r"\1 not ", question, count=1)
    return None
