"""Questions which a sentence answers, made from its words by rules: how many, when, why, what was said, who.

Only a plain English sentence about something with a name gives one; of any other with a name in it the
question is what is said about that. Markup gives none.
Knows no document and no search.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ui.verbs import base

Form = Literal["how many", "when", "why", "said", "who", "about"]
LONGEST_QUESTION = 90
"""Characters."""
LONGEST_SENTENCE = 400
FEWEST_WORDS = 4
"""Of a question: "Who resigned?" does not tell what it is about."""

# Letters, digits and the marks of prose; what holds anything else is markup, an address or code.
_PROSE = re.compile(r"[A-ZÀ-ÖØ-Þ“\"](?!.*(?://|_))[\w\s.,;:'’‘“”\"()–—%$€£/?!-]+[.!?…][”\"’)]*")
_WORD = r"(?!The\b)[A-ZÀ-ÖØ-Þ](?:['’][A-Z])?[\w-]*"
NAME = (
    rf"(?:(?:Adm|Capt|Col|Dr|Gen|Gov|Lt|Mr|Mrs|Ms|Prof|Rep|Sec|Sen|St)\. )?{_WORD}"
    rf"(?: (?:[A-Z]\.|(?:(?:of|for|de|del|von|van)(?: the)? )?{_WORD})){{0,5}}"
)
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_SHORT = r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\."
_DAY = rf"(?:(?:{_MONTH}|{_SHORT}) \d{{1,2}}(?:st|nd|rd|th)?(?:, \d{{4}})?|\d{{1,2}} {_MONTH}(?: \d{{4}})?)"
_DATE = rf"(?:(?:[Oo]n )?{_DAY}|[Ii]n (?:{_MONTH}(?: (?:of )?\d{{4}})?|(?:1[5-9]|20)\d\d))\b"
_CLAUSE = re.compile(
    rf"(?:(?P<when>{_DATE}),? )?(?P<subject>(?:[Tt]he )?{NAME}"
    rf"(?:['’]s [a-z]+| and {NAME}| (?!was |is |has )[a-z]+s)?|[Tt]he (?:[a-z-]+ )?[a-z]+(?= (?:was|were)\b))"
    r"(?:, [^,]{3,80},)?(?: also| then| later)?(?P<verb>(?: [a-z]+ly)?"
    r"(?: (?P<auxiliary>was|were|is|are|will|would|can|could))? (?P<main>[a-z]+))(?P<rest>\b.*)"
)
_QUOTE = re.compile(rf"[“\"](?P<rest>[^“”\"]+)[,.!?…]+[”\"] (?P<subject>{NAME}) (?:said|wrote)\b.*")
# What begins a sentence with a capital and is no name.
_OPENERS = frozenset(
    "A After All Although An And As At Before Both But By During Each Earlier For From He Her His How If "
    "In It Its Late Later Many More Most Neither No Now On Once One Only Or Other Our She Since So Some "
    "Such That The Their Then There These They This Those Though Throughout To Two Until We What When "
    "Where Whether Which While Who Why With Yet You January February March April May June July August "
    "September October November December Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
)
# "Workers" at the beginning of a sentence is no name either.
_COMMON = re.compile(r"\w+(?:ers|ors|ists|ents)")
_SAYING = frozenset(
    "said told wrote stated argued claimed announced emphasized explained noted added".split()
)
_STOP = (
    r"(?:in|on|for|to|with|by|at|from|about|over|into|during|that|which|who|is|are|was|were|has|have|had|will"
    r"|would|won['’]t|can|could|must|should|needed)"
)
_TOPIC = re.compile(
    r"\bthe (?:[\w-]+ ){0,2}?[\w-]+(?<! same)(?<! other)(?<! first)(?: of (?:the )?(?:[\w-]+ )?[\w-]+)?"
    rf"(?=[,;:”\"]|$| {_STOP}\b)"
)
_COUNTED = re.compile(
    r"(?P<link>(?: (?!over |some )[a-z]{2,4})?)(?: (?:about|over|more than|nearly|almost|at least|some))? "
    r"(?!(?:19|20)\d\d\b)(?:\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
    r"(?: hundred| thousand| million| billion)?(?P<noun>(?: (?!from |with |more |most )[a-z]{4,})?"
    r" (?:[a-z]{2,}[^s\W]s|people|children|women|men)(?: of [a-z]+)?)\b"
    r"(?P<tail>.*)"
)
# Where the main clause is over, and where what is too long may be cut.
_OVER = re.compile(
    r"[,;:—–(“”\"]| (?:that|which|who|whom|where|when|while|after|before|because|although|though|but|as|if"
    r"|whether|until|since)\b| and [a-z]+ed\b"
)
_JOINT = re.compile(rf" (?={_STOP}\b)")
# What only its neighbours explain.
_LEANS = re.compile(
    r"\b(?:this|these|those|it|he|him|she|they|them|there|here|our|we|us|you|your|I|my|me|yesterday|today"
    r"|tomorrow|ago)\b"
)


@dataclass(frozen=True, slots=True)
class Phrased:
    """A question and of which kind it is."""

    form: Form
    question: str


def is_prose(sentence: str) -> bool:
    """Whether `sentence` is whole, not too long, and made of words alone."""
    return len(sentence) <= LONGEST_SENTENCE and _PROSE.fullmatch(" ".join(sentence.split())) is not None


def questions(sentence: str) -> tuple[Phrased, ...]:
    """Questions which `sentence` answers, the most telling first; often none."""
    text = " ".join(sentence.split())
    if not is_prose(text):
        return ()
    quote, clause = _QUOTE.fullmatch(text), _CLAUSE.fullmatch(text)
    made = _said(quote["subject"], quote["rest"]) if quote else _asked(clause) if clause else iter(())
    fit = tuple(phrased for phrased in made if _is_fit(phrased.question))
    return fit or tuple(Phrased("about", f"What is said about {name}?") for name in names(text)[:1])


def names(text: str) -> tuple[str, ...]:
    """Names of two words and more, but for the first, which may owe its capital to its place."""
    found = (match for match in re.finditer(rf"((?:the |The )?)({NAME})", text) if match.start(2))
    return tuple(
        f"{match[1].lower()}{match[2]}"
        for match in found
        if " " in match[2] and len(match[2]) < LONGEST_QUESTION - 30 and not match[2].isupper()
    )


def _asked(clause: re.Match[str]) -> Iterator[Phrased]:
    # A stop before the last one belongs to an abbreviation.
    subject, main, rest = clause["subject"], clause["main"], clause["rest"].rstrip('.!?…”"’) ')
    if subject.split()[0] in _OPENERS - {"The"} or _COMMON.fullmatch(subject) or re.match(r" by\b", rest):
        return
    subject = re.sub(r"^The ", "the ", subject)
    if main in _SAYING:
        yield from _said(subject, rest)
        return
    root = main if clause["auxiliary"] else base(main)
    if root is None:
        return
    # As it stands in a question: "did she meet", "was she given".
    asks = f"{clause['auxiliary'] or 'did'} {subject} {root}"
    if counted := _COUNTED.match(rest):
        yield Phrased(
            "how many", f"How many{counted['noun']} {asks}{counted['link']}{_main(counted['tail'])}?"
        )
    told = _main(rest)
    undated = re.sub(rf" ?\b{_DATE}", "", told)
    if undated != told or (told and clause["when"]):
        yield Phrased("when", _shortened(f"When {asks}{undated}"))
    if told and rest.startswith(f"{told} because "):
        yield Phrased("why", f"Why {asks}{undated}?")
    # What something is tells of a thing as often as of a person.
    if undated and clause["auxiliary"] not in ("is", "are") and re.fullmatch(NAME, subject):
        yield Phrased("who", _shortened(f"Who{clause['verb']}{told}"))


def _said(subject: str, words: str) -> Iterator[Phrased]:
    topics = [match[0] for match in _TOPIC.finditer(words)]
    names = [match[0] for match in re.finditer(rf"(?:the )?{NAME}(?!\.\w)", words) if " " in match[0]]
    for topic in sorted(topics + names, key=len, reverse=True):
        # "The leaders", by themselves, may be anybody.
        vague = re.fullmatch(r"the \w+s", topic)
        if not vague and not set(topic.split()) & set(subject.split()) - {"the"}:
            yield Phrased("said", f"What did {subject} say about {topic}?")


def _main(words: str) -> str:
    """The part of `words` which still belongs to the main clause."""
    return _OVER.split(words, maxsplit=1)[0].rstrip()


def _shortened(question: str) -> str:
    """Whole phrases only, as many as there is room for."""
    while len(question) >= LONGEST_QUESTION and (joints := list(_JOINT.finditer(question))):
        question = question[: joints[-1].start()]
    return f"{question}?"


def _is_fit(question: str) -> bool:
    words = question.rstrip("?").split()
    return (
        FEWEST_WORDS <= len(words)
        and len(question) <= LONGEST_QUESTION
        and not _LEANS.search(question)
        and not re.fullmatch(rf"{_STOP}|the|an?|of|and|or|not|out|up", words[-1])
    )
