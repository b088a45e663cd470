"""A run that is really killed, and the bar that a person sees."""

import io
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from evals.asking import Choices, ask_engine
from evals.journal import Journal
from evals.run import evaluate
from evals.support import overlap_checker
from tests.evaluation import answer, case, document, engine

CASES = [case(id=str(n), question=str(n)) for n in range(6)]
DYING = """
import os, signal, sys
from pathlib import Path
from evals.journal import Journal
from evals.run import evaluate
from tests.evaluation import answer, document, engine
from tests.test_evals_killed import CASES

def ask(question, history):
    if question == "3":
        os.kill(os.getpid(), signal.SIGKILL)
    return answer("He is five.")

evaluate(engine(ask, document()), CASES, journal=Journal(Path(sys.argv[1])))
"""


def counting(asked):
    return engine(lambda question, history: asked.append(question) or answer("He is five."), document())


def report_to(console, cases, journal):
    return ask_engine(Choices(), counting([]), cases, journal, (overlap_checker(), None), console)


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "answers.jsonl")


def test_a_process_that_is_killed_has_kept_every_answer_and_asks_only_the_rest(tmp_path):
    path = tmp_path / "answers.jsonl"
    killed = subprocess.run(
        [sys.executable, "-c", DYING, str(path)], cwd=Path(__file__).parent.parent, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert len(Journal(path)) == 3
    asked = []
    run = evaluate(counting(asked), CASES, journal=Journal(path))
    assert asked == ["3", "4", "5"] and len(run.results) == len(CASES)


def test_on_a_terminal_there_is_one_bar_and_no_line_for_a_case(journal):
    screen = Console(file=io.StringIO(), force_terminal=True, width=100)
    report = report_to(screen, CASES, journal)
    shown = screen.file.getvalue()
    assert "6/6" in shown and "6 of 6 right" in shown
    assert shown.count("━") and "[1/6]" not in shown
    assert len(report.results) == 6


def test_elsewhere_there_is_a_line_for_each_case_and_no_bar(journal):
    log = Console(file=io.StringIO(), force_terminal=False, width=100)
    report_to(log, CASES, journal)
    lines = log.file.getvalue().strip().split("\n")
    assert lines[0].startswith("[1/6] pass") and len(lines) == 6


def test_what_was_kept_counts_in_the_bar_from_the_start(journal):
    evaluate(counting([]), CASES[:4], journal=journal)
    log = Console(file=io.StringIO(), force_terminal=False, width=100)
    report_to(log, CASES, journal)
    assert log.file.getvalue().count("/6]") == 6
