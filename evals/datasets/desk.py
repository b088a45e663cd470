"""The papers of a made-up household and its clubs, with questions: what no news report is like.

Contract, minutes, manual, timetable, letters, bill, notes: headings, lists, tables and columns. They were
written for this suite and describe nobody; they lie in `evals/cases/desk`, the cases beside them.
"""

from pathlib import Path

from evals.cases import load
from evals.datasets.values import QuestionSet, Text
from qa import find_files

CASES = Path(__file__).parent.parent / "cases" / "desk.jsonl"
PAPERS = CASES.with_suffix("")


def questions() -> QuestionSet:
    """All papers, and every question over all of them.

    Raises:
        InputError: the case file is broken.
    """
    papers = (Text(source=source, content=path.read_text("utf-8")) for path, source in find_files(PAPERS))
    return QuestionSet(name="desk", texts=tuple(papers), cases=load(CASES))
