"""Text made comparable: one spelling for numbers, dates, quotes and contractions; quotes found in documents.

Knows English and characters; knows nothing of cases or answers.
"""

import re
import unicodedata

_UNITS = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_VALUES = (
    {word: number for number, word in enumerate([*_UNITS, *_TEENS], start=1)}
    | {word: 10 * number for number, word in enumerate(_TENS, start=2)}
    | {"hundred": 100, "thousand": 1000, "and": 0}
)
_UNIT, _TEEN, _TEN = (rf"\b(?:{'|'.join(words)})\b" for words in (_UNITS, _TEENS, _TENS))
_SMALL = rf"(?:{_TEN}(?: {_UNIT})?|{_TEEN}|{_UNIT})"
_HUNDREDS = rf"{_SMALL}(?: hundred\b(?: (?:and )?{_SMALL})?)?"
_NUMBER = re.compile(rf"{_HUNDREDS}(?: thousand\b(?: (?:and )?{_HUNDREDS})?)?")

_MONTHS = ("january february march april may june july august september october november december").split()
_MONTH = "|".join(_MONTHS)
_SHORT_MONTH = "|".join([month[:3] for month in _MONTHS] + ["sept"])

# In order: each line sees what the ones above it made.
_SPELLING: tuple[tuple[str, str], ...] = (
    (r"\[\d+\]", ""),
    (r"[\u2018\u2019\u02bc`\u00b4]", "'"),
    (r"[\u201c\u201d\u00ab\u00bb\"]", ""),
    (r"(?<=\d),(?=\d{3}\b)", ""),
    (r"(?<=\b[a-z])\.(?=[a-z]\b)", ""),
    (r"(?<=\b[ap]m)\.(?= [a-z])|(?<=\bus)\.(?= )", ""),
    (r"\b(sen|sec|mr|mrs|ms|gov|rep|gen)\.", r"\1"),
    (r"\bwon't\b", "will not"),
    (r"\bcan't\b|\bcannot\b", "can not"),
    (r"n't\b", " not"),
    (r"(\d)(?:st|nd|rd|th)\b", r"\1"),
    (r"(\d) ?([ap]m)\b", r"\1 \2"),
    (r"(?<!\d)[\u2010-\u2015\-]|[\u2010-\u2015\-](?!\d)|[*_]", " "),
    (r"\s+", " "),
)


def normalise(text: str) -> str:
    """`text` as accepted and forbidden forms expect it.

    Lower case without accents, `[n]` marks, double quotes, commas, hyphens and dashes; `n't` written out;
    `six hundred` as `600`; `10th of Feb.` and `2017-02-10` as `february 10` and `february 10 2017`.
    """
    text = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    for pattern, replacement in _SPELLING:
        text = re.sub(pattern, replacement, text)
    text = _NUMBER.sub(lambda match: str(_number(match.group())), text)
    return " ".join(_dates(text).replace(",", " ").replace("-", " ").split())


def _number(words: str) -> int:
    total = current = 0
    for word in words.split():
        if word == "thousand":
            total, current = total + current * 1000, 0
        elif word == "hundred":
            current *= 100
        else:
            current += _VALUES[word]
    return total + current


def _dates(text: str) -> str:
    text = re.sub(rf"\b({_SHORT_MONTH})\b\.?(?= \d)", lambda match: _month(match[1]), text)
    text = re.sub(
        r"\b(\d{4})-(0[1-9]|1[0-2])-(\d\d)\b",
        lambda match: f"{_MONTHS[int(match[2]) - 1]} {int(match[3])} {match[1]}",
        text,
    )
    return re.sub(
        rf"\b(?:the )?(\d{{1,2}})(?: of)? ({_MONTH}|{_SHORT_MONTH})\b\.?",
        lambda match: f"{_month(match[2])} {match[1]}",
        text,
    )


def _month(name: str) -> str:
    return next(month for month in _MONTHS if month.startswith(name[:3]))


def says(text: str, forms: tuple[str, ...]) -> str | None:
    """The first of the forms that occurs in the normalised text, or None."""
    return next((form for form in forms if re.search(form, text)), None)


def locate(text: str, quote: str) -> tuple[int, int] | None:
    """Where a quote stands in a document, whatever the white space; None when it does not."""
    words = quote.split()
    if not words:
        return None
    match = re.search(r"\s+".join(re.escape(word) for word in words), text)
    return match.span() if match else None
