"""What a person said of claims in answers, against what the support check says of them.

Fifty labels are little and far better than none: the checks of strangers were never measured on your
documents. A row of the file:

    {"evidence": "The boy is five.", "claim": "The boy is five years old.", "supported": true}
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from evals.statistics import wilson
from evals.support import Checker
from qa import InputError

NAME = "labels.jsonl"
ENOUGH = 50


class _Label(BaseModel):
    model_config = ConfigDict(frozen=True)

    evidence: str
    claim: str
    supported: bool


def agreement(checker: Checker, path: Path) -> Mapping[str, Any] | None:
    """The check's table against the labels, once there are fifty; None without a file.

    Raises:
        InputError: a row is broken; the message names its line and field.
    """
    if not path.exists():
        return None
    labels = _read(path)
    if len(labels) < ENOUGH:
        return {"labels": len(labels), "needed": ENOUGH}
    said = checker.of([(label.evidence, label.claim) for label in labels])
    table = {(truth, told): 0 for truth in (True, False) for told in (True, False)}
    for label, support in zip(labels, said, strict=True):
        table[label.supported, support >= checker.threshold] += 1
    rates = [
        table[truth, truth] / total
        for truth in (True, False)
        if (total := table[truth, True] + table[truth, False])
    ]
    right = table[True, True] + table[False, False]
    return {
        "labels": len(labels),
        "supported, said so": table[True, True],
        "supported, denied": table[True, False],
        "unsupported, said supported": table[False, True],
        "unsupported, said so": table[False, False],
        "balanced accuracy": sum(rates) / len(rates),
        "same as the person": [right / len(labels), *wilson(right, len(labels))],
    }


def _read(path: Path) -> tuple[_Label, ...]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The labels {path} cannot be read ({error}); write JSON lines in UTF-8.") from error
    labels = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                labels.append(_Label.model_validate_json(line))
            except ValidationError as error:
                first = error.errors()[0]
                field = ".".join(map(str, first["loc"])) or "the row"
                raise InputError(f"{path}, line {number}: {field}: {first['msg']}.") from error
    return tuple(labels)
