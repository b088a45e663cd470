"""Turning a question into an FTS5 query that is always valid. Knows nothing of the tables."""

import re

_STOP_WORDS = frozenset(
    "a about after all also am an and any are as at be been but by can could did do does for from had has "
    "have he her him his how i if in into is it its just me my no not of on or our s say said says she "
    "should so t tell than that the their them then there these they this those to us was we were what "
    "when where which who whom whose why will with would you your".split()
)
_WORD = re.compile(r"\d+(?:[.,:]\d+)+|\w+")
_MOST_WORDS = 64


def match_expression(question: str) -> str:
    """An FTS5 expression which finds any of the telling words of `question`; empty when it has no word.

    Stop words count only when there is nothing else; of a very long text the first 64 words are used.
    """
    words = list(dict.fromkeys(word.lower() for word in _WORD.findall(question) if word.strip("_")))
    telling = [word for word in words if word not in _STOP_WORDS] or words
    # Quoted, a word is never taken for an operator or a column name.
    return " OR ".join(f'"{word}"' for word in telling[:_MOST_WORDS])
