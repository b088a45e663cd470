"""Case files: JSON lines read into `Case` values, and the proof that they can be asked and passed.

Knows the shape of a row; knows nothing of answers.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import cycle
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from evals.matching import locate, normalise
from evals.types import Case
from qa import Document, InputError

SEEDS = Path(__file__).parent / "cases" / "seeds.jsonl"
"""The questions over the five articles in `seeds/`."""

TEST_SHARE = (0.30, 0.37)
"""Least and greatest share of the cases that a suite keeps back as its test part."""

_ROW = TypeAdapter(Case)


def load(path: Path = SEEDS) -> tuple[Case, ...]:
    """The cases of a file, in its order; blank lines are passed over.

    Raises:
        InputError: the file cannot be read, or a row is broken; the message names line and field.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The case file {path} cannot be read ({error}); give a JSON-lines file.") from error
    cases: dict[str, Case] = {}
    asked: dict[tuple[str, ...], str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        case = _row(line, f"{path.name}, line {number}")
        if case.id in cases:
            raise InputError(f"{path.name}, line {number}: id {case.id!r} is used twice; give it another.")
        first = asked.setdefault(_asked(case), case.id)
        if first != case.id:
            raise InputError(f"{path.name}, line {number}: question: {first!r} asks the same; change it.")
        cases[case.id] = case
    return tuple(cases.values())


def missing_gold(cases: Iterable[Case], documents: Mapping[str, Document]) -> tuple[str, ...]:
    """One line for each gold quote that does not stand in its document; `documents` are by source."""
    problems = []
    for case in cases:
        for quote in (quote for group in case.gold for quote in group):
            document = documents.get(quote.source)
            if document is None:
                problems.append(f"{case.id}: there is no document {quote.source}")
            elif locate(document.text, quote.quote) is None:
                problems.append(f"{case.id}: {quote.source} does not hold {quote.quote!r}")
    return tuple(problems)


def missing_carriers(cases: Iterable[Case], documents: Mapping[str, Document]) -> tuple[str, ...]:
    """One line for each planted text whose document is not there; `documents` are by source."""
    return tuple(
        f"{case.id}: there is no document {planted.source} to plant text in"
        for case in cases
        for planted in case.planted
        if planted.source not in documents
    )


def lopsided(cases: Iterable[Case], least: int = 0) -> tuple[str, ...]:
    """One line for each way in which the cases are no fair suite.

    The test part is too small or too large (`TEST_SHARE`), all of one kind are in one part, or a kind that
    occurs has fewer than `least` cases.
    """
    parts = Counter((case.kind, case.part) for case in cases)
    total = parts.total()
    held_back = sum(number for (_, part), number in parts.items() if part == "test")
    low, high = TEST_SHARE
    problems = []
    if total and not low <= held_back / total <= high:
        problems.append(f"{held_back} of {total} cases are in the test part; make it {low:.0%} to {high:.0%}")
    for kind in sorted({kind for kind, _ in parts}):
        if parts[kind, "dev"] + parts[kind, "test"] < least:
            problems.append(f"{kind}: fewer than {least} cases")
        if not (parts[kind, "dev"] and parts[kind, "test"]):
            problems.append(f"{kind}: all cases are in one part")
    return tuple(problems)


def _asked(case: Case) -> tuple[str, ...]:
    """What makes a question the same as another: its words, those before it, and where it may look."""
    planted = (f"{text.source} {text.position} {text.text}" for text in case.planted)
    before = (turn.content for turn in case.history)
    return (normalise(case.question), *map(normalise, before), *case.documents, *planted)


def _row(line: str, where: str) -> Case:
    try:
        case = _ROW.validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the row"
        raise InputError(f"{where}: {field}: {first['msg']}.") from error
    for field, form in _forms(case):
        try:
            re.compile(form)
        except re.error as error:
            raise InputError(f"{where}: {field}: {form!r} is no regular expression ({error}).") from error
    if problem := _contradiction(case):
        raise InputError(f"{where}: case {case.id!r} {problem}.")
    return case


def _forms(case: Case) -> Iterable[tuple[str, str]]:
    """Each regular expression of the case, after the field it stands in."""
    yield from (("forbidden", form) for form in case.forbidden)
    yield from (("canary", form) for form in case.canary)
    for number, fact in enumerate(case.facts):
        yield from ((f"facts.{number}.accept", form) for form in fact.accept)


def _contradiction(case: Case) -> str | None:
    """Why the row could never be scored as it stands, or None."""
    if case.state == "draft":
        return None
    if case.refusal and (case.facts or case.gold):
        return "wants a refusal, so it can have neither facts nor gold"
    if not case.refusal and not any(fact.vital for fact in case.facts):
        return "needs a vital fact, or refusal: true"
    if not case.refusal and not case.gold:
        return "needs a gold quote"
    if any(not fact.accept for fact in case.facts) or any(not group for group in case.gold):
        return "has a fact without accepted forms or an empty group of gold quotes"
    if any(turn.role != role for turn, role in zip(case.history, cycle(("user", "assistant")), strict=False)):
        return "has a history in which question and answer do not take turns"
    if len(case.history) % 2:
        return "has a history that does not end with an answer"
    if case.kind == "injection" and not (case.planted and case.canary):
        return "needs planted text and a canary, for it is of kind injection"
    return None
