"""What a question asks for, a quantity, a time, a name, a yes or a no, and whether a text has that.

Questions are read by their wording alone; knows no model and no document.
"""

import re
from collections.abc import Callable
from itertools import pairwise

from qa import dates, facts

_AUXILIARY = "is|are|was|were|did|do|does|has|have|had"
_ASKS_QUANTITY = re.compile(
    r"\bhow (?:many|much|old|long|tall|high|wide|deep|far|often|big|large)\b|\b(?:number|age) of\b"
    r"|\b(?:what|which) (?:number|age|percentage|share)\b",
    re.IGNORECASE,
)
_ASKS_TIME = re.compile(
    r"^(?:(?:since|until|by) )?when\b"
    rf"|\bwhen (?:exactly )?(?:{_AUXILIARY}|will|would|must|should|can|could)\b"
    r"|\b(?:what|which) (?:date|day|year|month|time|hour|week)\b|\bhow (?:soon|late|early)\b",
    re.IGNORECASE,
)
_ASKS_NAME = re.compile(
    r"\b(?:who|whom|whose|where)\b|\b(?:what|which) (?:city|country|state|place|town)\b", re.IGNORECASE
)
# Where it can be only one. Who a person is that the question names, many names may tell.
_ASKS_WHICH_ONE = re.compile(
    r"\b(?:where (?:is|was|will)|who (?:is|was|will) (?!(?-i:[A-Z])))\b"
    r"|\b(?:what|which) (?:city|country|state|place|town)\b",
    re.IGNORECASE,
)
_ASKS_WHETHER = re.compile(
    rf"^(?:and |but |so )?(?:{_AUXILIARY}|will|would|can|could|should)\b"
    rf"|\byes or no\b|\bor (?:{_AUXILIARY}|will) ",
    re.IGNORECASE,
)
# A word in the plural before its verb: "which words has he used", "what were the reasons".
_ASKS_SEVERAL = re.compile(
    r"\b(?:which|what) (?:two|three|four|five|six|several|other)\b"
    r"|\b(?:which|what) (?:[a-z-]+ )?[a-z]+[^siu\W]s "
    rf"(?:of|{_AUXILIARY}|will|would|can|could|may|might|should)\b"
    r"|\b(?:who|what) (?:are|were)\b|\b(?:list|name) (?:all|the)\b",
    re.IGNORECASE,
)
# Who asks what somebody says of a thing takes for granted only that he speaks of it.
_PRESUPPOSES = re.compile(rf"(?:why|when|how|what) (?:{_AUXILIARY})\b(?!.* say\b)", re.IGNORECASE)
REBUTTED = 0.5
"""Share of the question's terms which a sentence must take up before it can deny them."""
_QUANTITIES = frozenset(
    "hundred hundreds thousand thousands million millions billion billions dozen dozens several half third "
    "single once twice none".split()
)
_ASKS_DURATION = re.compile(
    r"\bhow (?:long|much (?:time|later|earlier)|many (?:minutes|hours|days|weeks|months|years))\b",
    re.IGNORECASE,
)
_WHEN_LATER = re.compile(
    r"\b[\w-]+ (?:second|minute|hour|day|week|month|year)s? (?:later|earlier|ago|afterwards)\b", re.IGNORECASE
)
_LENGTHS = frozenset("foot feet inch yard mile metr meter centimet centimetr kilomet kilometr cm km".split())
_ASKS_MONEY = re.compile(
    r"\bhow much money\b|\bhow much (?:is|are|was|were|do|does|did|would|will)\b[^?]* (?:costs?|worth)\b"
    r"|\bhow much (?!time\b|longer\b|more\b|less\b)[^?]*"
    r"\b(?:pays?|paid|spend|spent|earns?|earned|charged?|owed?)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"[$€£¥]|\b(?:dollars?|euros?|pounds?|cents?|francs?|yen|yuan|rupees?|pesos?|[mb]illions?"
    r"|(?-i:EUR|USD|GBP|CHF|CAD|AUD|JPY|CNY|INR|SEK|NOK|DKK|PLN))\b",
    re.IGNORECASE,
)
# "62 m", "5'11", "45 min": short for a unit behind a number.
_SHORT_LENGTH = re.compile(r"\d ?['’′] ?\d|\d ?(?:m|mm|ft|in|mi|yd)\b")
_SHORT_TIME = re.compile(r"\d ?(?:h|hrs?|mins?|secs?|s)\b")
# What such a question is answered with, beside a number: stems of units, or what needs none, as the age in
# "Ann, 31, who".
_UNITS: tuple[tuple[re.Pattern[str], frozenset[str], Callable[[str], object]], ...] = (
    (
        re.compile(r"\bhow long\b", re.IGNORECASE),
        facts.TIMES | _LENGTHS,
        lambda text: _SHORT_LENGTH.search(text) or _SHORT_TIME.search(text),
    ),
    (
        re.compile(r"\bhow much time\b", re.IGNORECASE),
        facts.TIMES,
        lambda text: facts.single_units(text) or _SHORT_TIME.search(text),
    ),
    (re.compile(r"\bhow (?:tall|wide|deep)\b", re.IGNORECASE), _LENGTHS, _SHORT_LENGTH.search),
    (re.compile(r"\bhow old\b", re.IGNORECASE), facts.TIMES, facts.ages),
    (_ASKS_MONEY, frozenset[str](), _MONEY.search),
)
# "Channel 4" is a name, "to Rome 4 people" none.
_NUMBERED = re.compile(r"(?<=[a-z,] )([A-Z]\w+) \d+\b(?! (?:[a-z]+s|people|percent|per cent)\b)")
_ASKS_NAMING = re.compile(
    r"\bnames? of\b|\bwhat(?:['’]s| is| was| are| were) (?:his|her|its|their) names?\b"
    r"|(?<!after )\bwhat(?:['’]s| is| was| are| were)\b[^?]*(?:['’]s names?|\b(?:called|named))\W*$",
    re.IGNORECASE,
)
_ASKS_REASON = re.compile(
    rf"^(?:and |but |so )?why\b|\b(?:what|which) (?:(?:{_AUXILIARY}) )?(?:the )?(?:reason|cause|motive)s?\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|since|due to|so that|in order to|thanks to|prompt\w*|result\w*|caus\w+|reasons?|motiv\w+"
    r"|to (?:avoid|prevent|protect|ensure|keep|help|save|stop)\b"
    r"|for (?:be(?:ing)?|fear|his|her|its|their)\b)",
    re.IGNORECASE,
)
# Whose words are wanted; "the White House" speaks through others.
_ASKS_WORDS = re.compile(
    r"\b(?i:what|how|why|when) (?:did|does|has) (?P<who>[A-Z][\w.-]*(?: [A-Z][\w.-]*)*)"
    r" (?:said?|say|written?|write|tell|told|tweet(?:ed)?|think|claim(?:ed)?|announced?|suggest|promise"
    r"|comment|answer|reply|respond|explain|deny)\b"
)
_COUNTED = re.compile(r"\bhow many (?:more |other |further |different |of the )?([^\W\d_]+)", re.IGNORECASE)
_PEOPLE = facts.stem("people")
_WHO_COUNT = frozenset("children dead injured killed men wounded women".split())
_TIME = re.compile(
    r"\d|\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august"
    r"|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|noon|midnight|morning"
    r"|afternoon|evening|night|today|yesterday|tomorrow|weeks?|months?|years?|earlier|later|hours?|minutes?|days?"
    r"|recently|following|(?:right|same|first|next) time|until|once|after|before|as soon as|during)\b",
    re.IGNORECASE,
)


def asks_quantity(question: str) -> bool:
    """Whether `question` asks how many, how much, how long or the like."""
    return bool(_ASKS_QUANTITY.search(question))


def asks_measure(question: str) -> bool:
    """Whether `question` asks for a quantity or a time."""
    return asks_quantity(question) or bool(_ASKS_TIME.search(question))


def asks_whether(question: str) -> bool:
    """Whether `question` wants a yes or a no, and so takes nothing for granted."""
    return bool(_ASKS_WHETHER.search(question))


def asks_reason(question: str) -> bool:
    """Whether `question` asks why."""
    return bool(_ASKS_REASON.search(question))


def asks_several(question: str) -> bool:
    """Whether `question` wants more than one thing: "which two", "what words", "who were"."""
    return bool(_ASKS_SEVERAL.search(question))


def asks_naming(question: str) -> bool:
    """Whether `question` asks what somebody or something is called."""
    return bool(_ASKS_NAMING.search(question))


def names_nobody(question: str, text: str) -> bool:
    """Whether `question` asks what something is called, and `text` has no name that it has not."""
    return asks_naming(question) and not _new_names(question, text)


def fits(question: str, text: str) -> bool | None:
    """Whether `text` has the kind of thing that `question` asks for: a quantity, a time, a name that the
    question has not, a reason; None when it asks for none of these."""
    if asks_quantity(question):
        return _quantifies(question, text)
    if _ASKS_TIME.search(question):
        return bool(_TIME.search(text))
    if _ASKS_NAME.search(question):
        return bool(_new_names(question, text))
    if asks_reason(question):
        return bool(_REASON.search(text))
    return None


def needs(question: str, text: str, heading: str) -> bool:
    """Whether `text` answers `question` only under `heading`: the heading has the kind of thing that is asked
    for, and `text` has not, or no more of it than the time of a day."""
    bare = not fits(question, text) or (_ASKS_TIME.search(question) and not dates.days(text))
    return bool(bare and (dates.is_day(heading) if fits(question, text) else fits(question, heading)))


def _new_names(question: str, text: str) -> frozenset[str]:
    """The names of people and places in `text` that `question` has not."""
    return facts.names(_TIME.sub(" ", text)) - facts.terms(question)


def _quantifies(question: str, text: str) -> bool:
    """Whether `text` has a quantity, in such a unit as `question` wants, or says that there are "no children"
    where it counts them."""
    wanted = [(units, bare) for asked, units, bare in _UNITS if asked.search(question)]
    if not all(bare(text) or not units.isdisjoint(_stems(text)) for units, bare in wanted):
        return False
    found = facts.words(_NUMBERED.sub(r"\1", dates.without_days(text)))
    if any(word[0].isdigit() or word in _QUANTITIES for word in found):
        return True
    if _ASKS_DURATION.search(question) and facts.single_units(text):
        return True
    return ("no", counted(question)) in {(before, facts.stem(word)) for before, word in pairwise(found)}


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(facts.stem, facts.words(text)))


def asks_words(question: str) -> frozenset[str]:
    """Stems of the name of whoever's words `question` asks for: of "What did Ann Lund say?"; else none."""
    asked = _ASKS_WORDS.search(question)
    return facts.names(asked["who"]) if asked else frozenset()


def counted(question: str) -> str | None:
    """Stem of what `question` asks the number of: of "how many votes"."""
    asked = _COUNTED.search(question)
    return facts.stem(asked[1].lower()) if asked else None


def counts(question: str, text: str) -> bool:
    """Whether `text` speaks of what `question` asks the number of, if of anything: people may be workers."""
    noun = counted(question)
    if noun is None or noun in facts.terms(text):
        return True
    counted_there = (of for n, of in pairwise(facts.words(text)) if n[0].isdigit())
    return noun == _PEOPLE and any(map(_may_be_people, counted_there))


def _may_be_people(word: str) -> bool:
    return word in _WHO_COUNT or (word.endswith("s") and facts.stem(word) not in facts.TIMES)


def same_kind(question: str, one: str, other: str) -> bool:
    """Whether numbers of both may answer `question`: "40 tweets" is no "how long" beside "nine hours", nor is
    "20 minutes later"."""
    if not _ASKS_DURATION.search(question):
        return True
    mine, theirs = (facts.measures(_WHEN_LATER.sub(" ", text)) for text in (one, other))
    return bool(mine) == bool(theirs)


def differ(question: str, one: str, other: str) -> bool:
    """Whether two answers to `question` name different days, or, where there can be only one, different
    people or places."""
    if _ASKS_TIME.search(question):
        return dates.differ(one, other)
    mine, theirs = (_new_names(question, text) for text in (one, other))
    return bool(_ASKS_WHICH_ONE.search(question) and mine and theirs and not mine & theirs)


def rebuts(question: str, text: str) -> bool:
    """Whether `text` denies what a question for a thing, a reason, a time or a manner takes for granted."""
    asked = facts.terms(question)
    return bool(
        _PRESUPPOSES.match(question)
        and not asks_whether(question)
        and facts.share(asked, facts.terms(text)) >= REBUTTED
        and not facts.denied(question)
        and facts.denies(text, asked)
    )
