"""A file of drafted cases: plain JSON lines that a person accepts, corrects or deletes.

A draft is a case with `"state": "draft"`; it is asked once that says `"accepted"`. Lines that are there are a
person's work and are never changed; new drafts go to the end.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import MISSING, asdict, fields, replace
from pathlib import Path
from typing import Any

from evals.cases import load
from evals.drafting import OnCase, draft_cases
from evals.types import Case
from qa import Assistant, Config, InputError

# What a person decides stands first, and what is as it is by default is left out.
_FIRST = ("state", "question", "note", "facts", "gold", "refusal")
_DEFAULTS = {field.name: field.default for field in fields(Case) if field.default is not MISSING}

Open = Callable[[Config], Assistant]


def new_cases(
    folder: Path, n: int, path: Path, config: Config, on_case: OnCase = lambda case: None
) -> tuple[Case, ...]:
    """Index `folder`, draft up to `n` cases over it and add them to the file `path`; what was added.

    Args:
        config: its data folder is used when its documents are those of `folder`, else one inside it.

    Raises:
        InputError: there is nothing to draft from, or the file is broken or cannot be written.
        QAError: as `Assistant.from_config`.
    """
    _held(path)
    if folder.resolve() != config.documents_dir.resolve():
        name = "-".join(folder.resolve().parts[1:])[-80:]
        config = replace(config, documents_dir=folder, data_dir=config.data_dir / "evals" / "drafting" / name)
    with Assistant.from_config(config) as assistant:
        assistant.corpus.sync(folder)
        return add_drafts(draft_cases(assistant, n, on_case), path)


def add_drafts(drafts: Iterable[Case], path: Path) -> tuple[Case, ...]:
    """Add those whose id is not in the file yet; the file is made when it is not there.

    Raises:
        InputError: the file is broken or cannot be written.
    """
    held = {case.id for case in _held(path)}
    added = {case.id: case for case in drafts if case.id not in held}
    lines = "".join(f"{json.dumps(_row(case), ensure_ascii=False)}\n" for case in added.values())
    try:
        before = path.read_bytes() if path.exists() else b""
        ending = b"\n" if before and not before.endswith(b"\n") else b""
        path.parent.mkdir(parents=True, exist_ok=True)
        # Beside first: a disk that is full must not cost the lines that a person wrote.
        beside = path.with_name(f"{path.name}.new")
        beside.write_bytes(before + ending + lines.encode("utf-8", "replace"))
        beside.replace(path)
    except OSError as error:
        raise InputError(f"The cases cannot be written to {path} ({error}); name another file.") from error
    return tuple(added.values())


def _held(path: Path) -> tuple[Case, ...]:
    return load(path) if path.exists() else ()


def _row(case: Case) -> dict[str, Any]:
    told = {name: value for name, value in asdict(case).items() if value != _DEFAULTS.get(name, MISSING)}
    return {name: told[name] for name in (*_FIRST, *told) if name in told}
