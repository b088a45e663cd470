"""Days that running text names, as far as it names them, and whether two texts name different ones."""

import re
from dataclasses import dataclass

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_YEAR = r"(?:1[5-9]|20)\d\d\b"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?\b"
# "May" and "March" are months where a day, a year or a word before them says so.
_NAMED = re.compile(
    rf"\b(?P<before>{_DAY}) (?:of )?(?P<month>{_MONTH})(?:,? (?P<year>{_YEAR}))?"
    rf"|\b(?P<month_first>{_MONTH}) (?P<after>{_DAY})(?:,? (?P<year_last>{_YEAR}))?"
    rf"|\b(?P<month_of>{_MONTH}),? (?:of )?(?P<year_of>{_YEAR})"
    rf"|\b(?:in|of|since|until|by|early|late|last|next) (?P<month_alone>{_MONTH})(?!,? (?:of )?\d)"
    rf"|(?<![\d.,$€£])\b(?P<year_alone>{_YEAR})(?![.,]\d)"
)
_WEEKDAY = re.compile(
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?)?\W*", re.IGNORECASE
)
_LAST_YEAR = re.compile(rf"(?<=[\w.]),? {_YEAR}$")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Day:
    """A day, a month or a year: what is not said is None."""

    year: int | None = None
    month: int | None = None
    """1 to 12."""
    day: int | None = None

    def may_be(self, other: "Day") -> bool:
        """Whether nothing that is said of both tells them apart."""
        mine, theirs = (self.year, self.month, self.day), (other.year, other.month, other.day)
        return all(None in pair or pair[0] == pair[1] for pair in zip(mine, theirs, strict=True))


def month(name: str) -> int:
    """1 to 12, of an English name or its beginning: "March", "sept"."""
    return _MONTHS.index(name[:3].lower()) + 1


def days(text: str) -> tuple[Day, ...]:
    """Every day that `text` names, in its order."""
    return tuple(map(_day, _NAMED.finditer(text)))


def differ(one: str, other: str) -> bool:
    """Whether both texts name days, and none of the one can be one of the other."""
    mine, theirs = days(one), days(other)
    return bool(mine and theirs) and not any(day.may_be(other) for day in mine for other in theirs)


def is_day(line: str) -> bool:
    """Whether a line names a day, a month or a year, and at most the day of the week beside it."""
    return bool(days(line)) and _WEEKDAY.fullmatch(without_days(line).strip()) is not None


def without_years(text: str) -> str:
    """`text` without the year of each day that it names: "February 24" for "February 24, 2017"."""
    return _NAMED.sub(lambda match: _LAST_YEAR.sub("", match.group()), text)


def without_days(text: str) -> str:
    """`text` without the days, months and years that it names."""
    return _NAMED.sub(" ", text)


def _day(match: re.Match[str]) -> Day:
    parts = match.groupdict()
    year = parts["year"] or parts["year_last"] or parts["year_of"] or parts["year_alone"]
    name = parts["month"] or parts["month_first"] or parts["month_of"] or parts["month_alone"]
    day = _NUMBER.search(parts["before"] or parts["after"] or "")
    return Day(
        year=int(year) if year else None,
        month=month(name) if name else None,
        day=int(day.group()) if day else None,
    )
