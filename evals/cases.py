"""Case files: JSON lines read into `Case` values, and the proof that their gold quotes exist.

Knows the shape of a row; knows nothing of answers.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from evals.matching import locate
from evals.types import Case
from qa import Document, InputError

SEEDS = Path(__file__).parent / "cases" / "seeds.jsonl"
"""The questions over the five articles in `seeds/`."""

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
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        case = _row(line, f"{path.name}, line {number}")
        if case.id in cases:
            raise InputError(f"{path.name}, line {number}: id {case.id!r} is used twice; give it another.")
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


def _row(line: str, where: str) -> Case:
    try:
        case = _ROW.validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the row"
        raise InputError(f"{where}: {field}: {first['msg']}.") from error
    for form in (*case.forbidden, *(form for fact in case.facts for form in fact.accept)):
        try:
            re.compile(form)
        except re.error as error:
            raise InputError(f"{where}: the form {form!r} is no regular expression ({error}).") from error
    if problem := _contradiction(case):
        raise InputError(f"{where}: case {case.id!r} {problem}.")
    return case


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
    if case.history and case.history[-1].role != "assistant":
        return "has a history that does not end with an answer"
    return None
