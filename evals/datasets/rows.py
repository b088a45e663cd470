"""Reading the files of a data set: JSON lines, each checked against the fields that its loader uses.

Knows files and lines; knows no data set.
"""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from qa import InputError, Turn


class Row(BaseModel):
    """Fields that no loader uses may be there and are passed over."""

    model_config = ConfigDict(frozen=True)

    id: str


class Said(BaseModel):
    """One message of a conversation, as the sets write it."""

    role: Literal["user", "agent", "assistant"]
    text: str

    @property
    def turn(self) -> Turn:
        return Turn(role="user" if self.role == "user" else "assistant", content=self.text)


AnyRow = TypeVar("AnyRow", bound=Row)


def read_rows(folder: Path, name: str, kind: type[AnyRow], published: str) -> tuple[AnyRow, ...]:
    """All rows of the file `name` of the data folder, in its order; blank lines are passed over.

    Raises:
        InputError: the file is not there (the message says where it is published), or a row is broken
            (the message names file, line and field).
    """
    path = folder / name
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError as error:
        raise InputError(
            f"There is no {name} in {folder}. It is made from {published}; put it there, or name the folder "
            "that has it with --data."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}); get it again from {published}.") from error
    rows: dict[str, AnyRow] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            row = _row(line, kind, f"{path}, line {number}")
            if row.id in rows:
                raise InputError(f"{path}, line {number}: id: {row.id!r} is used twice; give it another.")
            rows[row.id] = row
    return tuple(rows.values())


def _row(line: str, kind: type[AnyRow], where: str) -> AnyRow:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the row"
        raise InputError(f"{where}: {field}: {first['msg']}.") from error
