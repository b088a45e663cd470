"""A report as JSON, and what a stored one is read back for.

The schema is stable: `numbers` holds all that must be equal when the same answers are scored again, and
`numbers_sha256` proves it; what the clock says stands apart in `times`. Knows results; asks and scores
nothing.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from evals.figures import Figure, calibration, cluster_of, risk_coverage, summary, times
from evals.types import Report, Result, Score
from qa import InputError

SCHEMA = 3
"""Raised when a field of the JSON changes its meaning or goes away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One case of a run, as far as another run is compared with it."""

    id: str
    kind: str
    part: str
    cluster: str
    question: str
    outcome: str
    scores: Mapping[str, float]
    """Those for which the case was eligible."""

    @property
    def right(self) -> bool:
        return self.scores.get("right") == 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A report that was read back from its file."""

    engine: str
    suite: str
    numbers_sha256: str
    identity: Mapping[str, str]
    rows: tuple[Scored, ...]


def as_json(report: Report) -> dict[str, Any]:
    """All that is needed to read every answer again without the engine."""
    numbers = _numbers(report)
    return {
        "schema": SCHEMA,
        "suite": report.suite,
        "engine": report.engine,
        "note": report.note,
        "identity": dict(sorted(report.identity.items())),
        "checker": report.checker,
        "numbers_sha256": numbers_digest(numbers),
        "numbers": numbers,
        "checker_card": dict(report.card) if report.card is not None else None,
        "times": {
            "started": report.started,
            "memory_mb": report.memory_mb,
            "spread": times(report.results),
            "cases": {r.case.id: dataclasses.asdict(r.answer.timings) for r in report.results if r.answer},
        },
        "peer": _brief(as_json(report.peer)) if report.peer else None,
    }


def as_lines(stored: Mapping[str, Any], depth: int = 3) -> str:
    """`stored` as JSON with a line for every case and group of figures: short, and made for diffs."""
    told = (
        f"{json.dumps(name)}: {as_lines(value) if name == 'peer' and value else _spread(value, depth - 1)}"
        for name, value in stored.items()
    )
    return "{\n" + ",\n".join(told) + "\n}"


def numbers_digest(numbers: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(numbers, ensure_ascii=True, sort_keys=True).encode()).hexdigest()


def rows_of(results: Sequence[Result]) -> tuple[Scored, ...]:
    """The results as another run is compared with them."""
    return tuple(
        Scored(
            id=result.case.id,
            kind=result.case.kind,
            part=result.case.part,
            cluster=cluster_of(result.case),
            question=result.case.question,
            outcome=result.outcome,
            scores={score.name: score.value for score in result.scores if score.value is not None},
        )
        for result in results
    )


def read_report(path: Path) -> Stored:
    """A report that `as_json` made.

    Raises:
        InputError: it cannot be read, or is not a report of this version; the message names the field.
    """
    try:
        stored = _Stored.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(
            f"The report {path} cannot be read ({error.strerror}); make one with: qa eval"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise InputError(
            f"{path} is no report of this version: {where}: {first['msg']}. Make one with: qa eval"
        ) from error
    if stored.schema_ != SCHEMA:
        raise InputError(
            f"{path} has schema {stored.schema_} and this version reads {SCHEMA}; make it again."
        )
    return Stored(
        engine=stored.engine,
        suite=stored.suite,
        numbers_sha256=stored.numbers_sha256,
        identity=stored.identity,
        rows=tuple(
            Scored(
                **row.model_dump(exclude={"scores"}),
                scores={name: score.value for name, score in row.scores.items()},
            )
            for row in stored.numbers.results
        ),
    )


class _Score(BaseModel):
    value: float


class _Row(BaseModel):
    id: str
    kind: str
    part: str
    cluster: str
    question: str
    outcome: str
    scores: dict[str, _Score]


class _Numbers(BaseModel):
    results: list[_Row]


class _Stored(BaseModel, populate_by_name=True):
    schema_: int = 0
    engine: str
    suite: str
    identity: dict[str, str]
    numbers_sha256: str
    numbers: _Numbers

    model_config = {"alias_generator": lambda name: name.rstrip("_")}


def _spread(value: object, depth: int) -> str:
    if depth == 0 or not value or not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, dict):
        told = (f"{json.dumps(name)}: {_spread(each, depth - 1)}" for name, each in value.items())
        return "{\n" + ",\n".join(told) + "\n}"
    return "[\n" + ",\n".join(_spread(each, depth - 1) for each in value) + "\n]"


def _numbers(report: Report) -> dict[str, Any]:
    return {
        "figures": {
            name: {figure: _figure(value) for figure, value in made.items()}
            for name, made in summary(report).items()
        },
        "risk_coverage": [[_tidy(at), _tidy(risk)] for at, risk in risk_coverage(report.results)],
        "calibration": [
            {"confidence": _tidy(sure), "right": _figure(share)}
            for sure, share in calibration(report.results)
        ],
        "stability": dataclasses.asdict(report.stability) if report.stability else None,
        "noise": dataclasses.asdict(report.noise) if report.noise else None,
        "left_out": [{"id": id_, "reason": reason} for id_, reason in report.left_out],
        "stopped": None if report.stopped is None else impersonal(report.stopped),
        "results": [_result(result) for result in report.results],
    }


def _brief(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A report without its single cases: they stand in a report of their own."""
    numbers = {name: value for name, value in stored["numbers"].items() if name != "results"}
    spread = {name: value for name, value in stored["times"].items() if name != "cases"}
    return {**stored, "numbers": numbers, "times": spread}


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "value": None if figure.value is None else _tidy(figure.value),
        "interval": [_tidy(end) for end in figure.interval],
        "n": figure.n,
        "count": _tidy(figure.count),
        "of": _tidy(figure.of),
        "unit": figure.unit,
    }


def _result(result: Result) -> dict[str, Any]:
    case, answer = result.case, None
    if result.answer:
        answer = dataclasses.asdict(result.answer)
        # Both are another at every asking.
        del answer["id"], answer["timings"]
        # The rest stands in the documents; with it a report would be too long to be kept in a repository.
        answer["passages"] = [
            {name: passage[name] for name in ("source", "start", "end", "cited")}
            for passage in answer["passages"]
        ]
    return {
        "id": case.id,
        "kind": case.kind,
        "part": case.part,
        "cluster": cluster_of(case),
        "question": case.question,
        "history": [dataclasses.asdict(turn) for turn in case.history],
        "outcome": result.outcome,
        "error": None if result.error is None else impersonal(result.error),
        "scores": {s.name: _score(s) for s in result.scores if s.value is not None},
        "checks": [dataclasses.asdict(check) for check in result.checks],
        "gold": [[dataclasses.asdict(quote) for quote in group] for group in case.gold],
        "answer": answer,
    }


def _score(score: Score) -> dict[str, Any]:
    """Without what it is where nothing is told: weight 1, no reason."""
    told: dict[str, Any] = {"value": _tidy(score.value or 0.0)}
    if score.weight != 1:
        told["weight"] = score.weight
    return told | ({"reason": score.reason} if score.reason else {})


def impersonal(text: str) -> str:
    """`text` without the places of this machine and this person."""
    for place, name in ((Path.cwd(), "."), (Path.home(), "~")):
        # The root of all files is in every path.
        if len(place.parts) > 1:
            text = text.replace(str(place), name)
    return text


def _tidy(number: float) -> float:
    """Without the last digits, in which machines differ."""
    return round(float(number), 9)
