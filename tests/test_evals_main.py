import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

import evals.__main__
from evals.cases import load
from qa.documents import find_files, read
from qa.errors import ModelFileError
from tests.evaluation import answer, refusal

CASES = load()
ARTICLES = Path(__file__).parent.parent / "seeds"


class KnowItAll:
    """Stands in for the assistant: gives each case the first of its right answers."""

    def __init__(self):
        documents = tuple(read(path, source) for path, source in find_files(ARTICLES))
        self.corpus = SimpleNamespace(ledger=SimpleNamespace(documents=lambda: documents))

    @classmethod
    def from_config(cls):
        return cls()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def ask(self, question, history=()):
        case = next(c for c in CASES if (c.question, c.history) == (question, tuple(history)))
        return refusal() if case.refusal else answer(case.right[0])


class Silent(KnowItAll):
    def ask(self, question, history=()):
        return refusal()


class Broken(KnowItAll):
    def ask(self, question, history=()):
        raise RuntimeError("the model died")


class Empty(KnowItAll):
    def __init__(self):
        self.corpus = SimpleNamespace(ledger=SimpleNamespace(documents=lambda: ()))


class WithoutModel(KnowItAll):
    @classmethod
    def from_config(cls):
        raise ModelFileError("model.gguf is missing; type: qa models fetch")


@pytest.fixture
def evaluation(monkeypatch):
    app = typer.Typer()
    app.command()(evals.__main__.main)

    def run(assistant, *options):
        monkeypatch.setattr(evals.__main__, "Assistant", assistant)
        return CliRunner().invoke(app, [str(option) for option in options])

    return run


def test_all_right_passes_any_floor_and_tells_each_case(evaluation):
    result = evaluation(KnowItAll, "--floor", "1")
    assert result.exit_code == 0, result.output
    assert f"[{len(CASES)}/{len(CASES)}] right" in result.output
    assert "Failed: 0" in result.output


def test_a_refuser_falls_below_the_floor_and_its_failures_are_listed(evaluation):
    result = evaluation(Silent, "--floor", "0.5")
    assert result.exit_code == 1
    assert "Below the floor" in result.output
    assert "refused, though the documents hold the answer" in result.output


def test_only_the_part_and_kind_asked_for_are_run(evaluation, tmp_path):
    evaluation(KnowItAll, "--part", "test", "--kind", "conflict", "--json", tmp_path / "r.json")
    stored = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    wanted = [c.id for c in CASES if c.part == "test" and c.kind == "conflict"]
    assert [result["id"] for result in stored["results"]] == wanted


def test_the_note_and_the_answers_are_written(evaluation, tmp_path):
    evaluation(KnowItAll, "--sample", "3", "--engine-note", "other prompt", "--json", tmp_path / "r.json")
    stored = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert stored["note"] == "other prompt"
    assert len(stored["results"]) == 3
    assert all(result["answer"]["status"] for result in stored["results"])


@pytest.mark.parametrize(
    ("assistant", "options", "named"),
    [
        (WithoutModel, (), "qa models fetch"),
        (Empty, (), "qa index"),
        (Broken, (), "qa doctor"),
        (KnowItAll, ("--part", "third"), "'third'"),
        (KnowItAll, ("--kind", "riddle"), "'riddle'"),
        (KnowItAll, ("--cases", "gone.jsonl"), "gone.jsonl"),
        (KnowItAll, ("--sample", "1", "--json", "no/such/folder/r.json"), "no/such/folder"),
    ],
)
def test_a_run_that_cannot_be_made_says_why_and_is_no_quality_failure(evaluation, assistant, options, named):
    result = evaluation(assistant, *options)
    assert result.exit_code == 2
    assert named in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
