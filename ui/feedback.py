"""What readers think of answers, one JSON object a line, in the data folder: cases for the evaluation.

Knows the file and its form; knows no page.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from qa import DataError
from ui.conversation import Rated

FILE = "feedback.jsonl"
LARGEST_BYTES = 50_000_000


def keep(rated: Rated, data_dir: Path) -> None:
    """Append `rated` to the file.

    Raises:
        DataError: it cannot be written, or has grown too large.
    """
    entry = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "question": rated.answer.question,
        "history": [said.model_dump() for said in rated.history],
        "answer": asdict(rated.answer),
        "rating": rated.rating,
        "reason": rated.reason,
    }
    path = data_dir / FILE
    try:
        if path.exists() and path.stat().st_size > LARGEST_BYTES:
            raise DataError(f"{path} is full. Move it away; a new one is begun.")
        with path.open("a", encoding="utf-8") as file:
            # One write of one line, so that two readers at once do not mix theirs.
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    except OSError as error:
        raise DataError(f"{path} cannot be written ({error.strerror}). Type: qa doctor") from error
