"""What is committed as the baseline: small, of no machine in particular, readable by this version."""

import json
import re
from pathlib import Path

import pytest

from evals.cases import load
from evals.report import as_json, as_lines, read_report
from evals.run import evaluate
from evals.types import Report
from qa import InputError
from tests.answerers import articles, engine_of

FOLDER = Path(__file__).parent.parent / "evals" / "baseline"
KEPT = sorted(path for path in FOLDER.rglob("*") if path.suffix in (".json", ".md"))
MOST_BYTES = 1_200_000
PLACES = re.compile(r"(?<![\w.:/-])(?:/(?:home|root|tmp|work|usr|var|opt|mnt|Users|private)/|[A-Z]:\\)")


def test_a_path_of_a_machine_is_known_when_it_is_seen():
    assert PLACES.search('"error": "cannot open /home/ann/x"') and PLACES.search("C:\\Users\\ann")
    assert not PLACES.search("https://example.org/home/x ./build/tmp/x and/or")


def test_a_report_of_all_cases_is_small_enough_to_be_committed():
    documents = articles()
    cases = load()
    report = Report(results=evaluate(engine_of(cases, documents), cases).results)
    assert len(report.results) == len(cases) >= 150
    assert len(as_lines(as_json(report)).encode()) < MOST_BYTES


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_what_is_kept_is_small_and_of_no_machine(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) < MOST_BYTES
    assert PLACES.findall(text) == []


def test_the_stored_baseline_can_be_held_against_a_run():
    path = FOLDER / "report.json"
    if not path.exists():
        with pytest.raises(InputError, match="qa eval"):
            read_report(path)
        return
    stored = read_report(path)
    assert json.loads(path.read_text(encoding="utf-8"))["peer"]["engine"]
    asked = {case.id: case.question for case in load()}
    # Cases may be added later; those which are there must still ask the same, or nothing is compared.
    assert all(asked.get(row.id) == row.question for row in stored.rows)
