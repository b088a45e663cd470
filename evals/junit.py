"""A report as JUnit XML, which continuous integration shows by itself.

Knows results; the text of answers is data and stays text.
"""

import re
from xml.etree import ElementTree

from evals.types import Report, Result
from evals.words import answer_line, why

# XML 1.0 has no way to write these.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report) -> str:
    """One test suite for each kind of case."""
    root = ElementTree.Element("testsuites", name=_clean(f"evals {report.suite}"))
    for kind in dict.fromkeys(result.case.kind for result in report.results):
        results = [result for result in report.results if result.case.kind == kind]
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=kind,
            tests=str(len(results)),
            failures=str(sum(r.outcome in ("fail", "abstained") for r in results)),
            errors=str(sum(r.outcome == "error" for r in results)),
            skipped=str(sum(r.outcome == "unjudged" for r in results)),
        )
        for result in results:
            _add(suite, result)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _add(suite: ElementTree.Element, result: Result) -> None:
    seconds = result.answer.timings.total_ms / 1000 if result.answer else 0.0
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=f"{result.case.kind}.{result.case.part}",
        name=_clean(result.case.id),
        time=f"{seconds:.3f}",
    )
    if result.outcome == "pass":
        return
    tag = {"error": "error", "unjudged": "skipped"}.get(result.outcome, "failure")
    found = ElementTree.SubElement(case, tag, message=_clean(why(result) or result.outcome)[:500])
    found.text = _clean(f"{result.case.question}\n{answer_line(result)}\n{why(result)}")


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
