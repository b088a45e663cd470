"""What counts as a question; every way in (command line, REST, Python) asks here first.

Special-token text such as `<|im_end|>` is ordinary text here: the prompt module keeps it harmless.
"""

import re
from dataclasses import dataclass

from qa.errors import InputError
from qa.plain_text import visible

MOST_PARTS = 3
LEAST_WORDS = 3
"""A part with fewer ("and when?") is asked together with the rest."""

_WH = r"(?:who|whom|whose|what|which|when|where|why|how)"
_AUXILIARY = r"(?:is|are|was|were|did|do|does|has|have|had|will|would|can|could|should)"
_SUBJECT = r"(?:he|she|it|they|you|there|the|an?|any\w*|some\w*|his|her|its|their|this|that|these|those)"
_ASK = rf"(?:(?:(?:in|at|on|by|to|from|for|with|of|about|since|until) )?{_WH}|{_AUXILIARY} {_SUBJECT})\b"
_AND = re.compile(
    rf"(?:[,;]? and |\? (?:and )?)(?={_ASK})(?!\w+ (?:is|was|has) (?:also|now)\b)", re.IGNORECASE
)
_COMPARES = re.compile(
    r"(?:which|what|who)(?: \w+)?(?: of (?:the two|these|them))? "
    r"(?:came|happened|occurred|took place|(?P<be>is|are|was|were))"
    r"(?: (?P<done>\w+))? (?P<how>\w+)(?: of (?:the two|these|them))?[:,] (?P<one>.+?),? or (?P<other>.+)",
    re.IGNORECASE,
)
_COMPARED = {
    **dict.fromkeys(("first", "earlier", "sooner", "later", "last"), "When"),
    **dict.fromkeys(("older", "younger", "newer"), "How old"),
    **dict.fromkeys(("longer", "shorter"), "How long"),
    **dict.fromkeys(("higher", "lower", "taller"), "How high"),
    **dict.fromkeys(("larger", "bigger", "smaller"), "How large"),
    **dict.fromkeys(("dearer", "cheaper", "costlier"), "How expensive"),
}
"""What must be known of two things before it is known which of them is more so."""
_HAS_MORE = re.compile(
    r"(?:who|which(?: \w+)?)(?: of (?:the two|them))? (?P<has>has|have|had) "
    r"(?:the )?(?:more|most|fewer|fewest) (?P<what>(?!to )[^,:]+)[,:] (?P<one>.+?),? or (?P<other>.+)",
    re.IGNORECASE,
)
_PARTY = r"(?:the )?[A-Z][\w.'’-]*(?: (?:(?:of|for|on|the) )*[A-Z][\w.'’-]*)*"
_TELLS = (
    r"(?:say|said|claim|think|believe|want|suggest|report|estimate|put|give|call|describe|tell|see|view"
    r"|explain|propose|demand|deny|feel|respond|react|write|post|tweet|comment|argue|warn|reply|announce)\b"
)
_OF_EACH = re.compile(
    rf"(?P<ask>(?i:what|how|why)) (?P<do>do|did|does|would) (?P<one>{_PARTY}) and (?P<other>{_PARTY})"
    rf"(?: each| both)?(?P<rest> {_TELLS}(?!.* (?:each other|together|in common)\b).*)"
    rf"|(?P<ask_be>(?i:how) \w+) (?P<be>are|were) (?P<one_be>{_PARTY}) and (?P<other_be>{_PARTY})"
)
_SINGLE = {"do": "does", "are": "is", "were": "was"}
_WHILE = re.compile(r", (?:while|whereas) ", re.IGNORECASE)
_WHETHER = re.compile(rf"(?:and |but |so )?{_AUXILIARY}\b", re.IGNORECASE)
_ASKS = re.compile(rf"(?:and |but |so )?(?:{_ASK}|{_AUXILIARY}\b)", re.IGNORECASE)
_LEANS = re.compile(
    r"\b(?:he|him|his|she|her|they|them|their|it|its|that|this|these|those|there|one)\b"
    rf"|\bhow (?:many|much) (?={_AUXILIARY}\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One question, and the earlier one that it leans on, if any."""

    text: str
    context: str = ""
    beside: bool = False
    """Whether `context` is asked in the same question: its words help to find what answers, but a model that
    reads it answers it again."""

    @property
    def search(self) -> str:
        """Both in one text: what to search for."""
        return f"{self.context} {self.text}".strip()

    @property
    def read(self) -> tuple[str, ...]:
        """The forms in which a model is to read it."""
        return (self.text,) if self.beside else tuple(dict.fromkeys((self.search, self.text)))


def clean(question: str, longest: int) -> str:
    """`question` without control and invisible characters and outer space.

    Raises:
        InputError: nothing with a letter or digit is left, or more than `longest` characters are.
    """
    # Before any work on the text: a megabyte is refused as fast as an empty line.
    question = question.strip()
    if len(question) > longest:
        raise InputError(
            f"The question has {len(question):,} characters; the longest accepted is {longest:,}. "
            "Ask in fewer words, and put long material into a document: `qa index`."
        )
    cleaned = visible(question).strip()
    if not any(character.isalnum() for character in cleaned):
        raise InputError(f'The question {cleaned[:40]!r} has no words. Type one: qa ask "Who won?"')
    return cleaned


def parts(question: str, context: str = "") -> tuple[Part, ...]:
    """The questions that `question` asks at once, each as it can be asked alone; mostly itself only.

    A later part that leans on the first ("and who followed him?") keeps the first as its context. "Does A say
    this, while B says that?" asks about A, and whether it is true of B. "Which came first, A or B?" asks
    when each of them did. "What do A and B say of it?" asks each of the two, who may stand in two documents.
    """
    if each := _compared(question) or _of_each(question):
        return tuple(Part(one, context) for one in each)
    found, opening = [part.strip(" ?,;") for part in _AND.split(question)], ""
    if len(found) == 1 and _WHETHER.match(question):
        found, opening = _WHILE.split(found[0]), "Is it true that "
    if not (1 < len(found) <= MOST_PARTS and _ASKS.match(found[0]) and all(map(_is_whole, found))):
        return (Part(question, context),)
    first, *others = found
    start = _asked(first)
    later = (
        Part(_asked(opening + other), start, beside=True)
        if _LEANS.search(other)
        else Part(_asked(opening + other), context)
        for other in others
    )
    return Part(start, context), *later


def _compared(question: str) -> tuple[str, ...]:
    """What "Which is older, A or B?" and "Who has more votes, A or B?" ask of each of the two; nothing of a
    question of another kind."""
    bare = question.strip(" ?")
    if more := _HAS_MORE.fullmatch(bare):
        does = "did" if more["has"].lower() == "had" else "does"
        return tuple(f"How many {more['what']} {does} {more[one]} have?" for one in ("one", "other"))
    match = _COMPARES.fullmatch(bare)
    asked = _COMPARED.get(match["how"].lower()) if match else None
    if not (match and asked):
        return ()
    ending = f" {match['done']}" if match["done"] else ""
    return tuple(f"{asked} {match['be'] or 'was'} {match[one]}{ending}?" for one in ("one", "other"))


def _of_each(question: str) -> tuple[str, ...]:
    """What "What do A and B say?" or "How old are A and B?" asks of each; nothing of another question."""
    match = _OF_EACH.fullmatch(question.strip(" ?"))
    if not match:
        return ()
    kind = "_be" if match["be"] else ""
    ask, verb = match[f"ask{kind}"], match["be"] or match["do"]
    sides = (match[f"{side}{kind}"] for side in ("one", "other"))
    return tuple(f"{ask} {_SINGLE.get(verb, verb)} {side}{match['rest'] or ''}?" for side in sides)


def _asked(part: str) -> str:
    return f"{part[:1].upper()}{part[1:]}?"


def _is_whole(part: str) -> bool:
    return len(part.split()) >= LEAST_WORDS
