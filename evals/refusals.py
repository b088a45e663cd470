"""Whether a text says that it has no answer: for systems that have words for it and no field.

Knows English; generous, so that nobody is called wrong for having said so in words of their own.
"""

import re

from evals.matching import normalise
from qa import split_sentences

_TEXTS = r"(?:sources?|documents?|passages?|articles?|texts?|contexts?|excerpts?)"
_REFUSAL = re.compile(
    rf"\b{_TEXTS}\b.{{0,60}}\b(?:do|does|did|can) not (?:\w+ ){{0,2}}?"
    r"(?:contain|mention|provide|say|state|specify|include|answer|have|address|give|indicate|name|tell|help)\b"
    r"|\b(?:i|we) (?:do|can|could) not (?:\w+ ){0,2}?(?:answer|find|know|determine|have|provide|say)\b"
    r"|\b(?:i am|we are|^) ?unable to (?:answer|determine|find|provide)\b"
    r"|\b(?:question|query) (?:can|could) not be answered\b|\bcan not be (?:answered|determined)\b"
    rf"|\b(?:no|not enough|insufficient) (?:\w+ )?(?:information|mention|evidence|answer)\b.*\b{_TEXTS}\b"
    rf"|\b{_TEXTS}\b.*\b(?:no|not enough|insufficient) (?:\w+ )?(?:information|mention|answer)\b"
    r"|^there is (?:no|not enough|insufficient) (?:\w+ )?information\b|^(?:insufficient|no) information\b"
    rf"|\bnone of the (?:\w+ )?{_TEXTS}\b|\b{_TEXTS} (?:are|is) not helpful\b"
    r"|\bnot (?:\w+ ){0,2}?(?:mentioned|provided|stated|specified|given|found|available|named)"
    rf"(?: \w+){{0,3}}? (?:in|by) (?:\w+ ){{0,3}}?{_TEXTS}\b"
    r"|^empty response$"
)


def is_refusal(text: str) -> bool:
    """Whether it begins by saying that there is no answer; saying nothing at all is a refusal too."""
    sentences = [normalise(text[start:end]) for start, end in split_sentences(text)]
    told = [bool(_REFUSAL.search(sentence)) for sentence in sentences if sentence]
    return not told or told[0]
