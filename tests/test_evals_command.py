import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from evals import command
from evals.cases import load
from evals.switches import Agreeing
from qa import cli
from qa.documents import find_files, read
from qa.errors import ModelFileError
from tests.evaluation import answer, refusal

# A third is enough to see what the command does.
CASES = [case for case in load() if not case.planted][::3]
ARTICLES = Path(__file__).parent.parent / "seeds"


class KnowItAll:
    """Stands in for the assistant: gives each case the first of its right answers."""

    model = SimpleNamespace(name="scripted", small=False)
    retriever = SimpleNamespace(find=lambda question, documents=(): ())

    def __init__(self):
        documents = tuple(read(path, source) for path, source in find_files(ARTICLES))
        self.corpus = SimpleNamespace(
            ledger=SimpleNamespace(documents=lambda: documents, index_version=lambda: "v1")
        )

    @classmethod
    def from_config(cls, config):
        return cls()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def ask(self, question, history=(), documents=()):
        case = next(c for c in CASES if (c.question, c.history) == (question, tuple(history)))
        if case.refusal:
            return refusal()
        return answer(case.right[0], status="disputed" if case.disputed else "answered")


class Silent(KnowItAll):
    def ask(self, question, history=(), documents=()):
        return refusal()


class Broken(KnowItAll):
    def ask(self, question, history=(), documents=()):
        raise RuntimeError("the model died")


class Empty(KnowItAll):
    def __init__(self):
        self.corpus = SimpleNamespace(
            ledger=SimpleNamespace(documents=lambda: (), index_version=lambda: "v0")
        )


class WithoutModel(KnowItAll):
    @classmethod
    def from_config(cls, config):
        raise ModelFileError("model.gguf is missing; type: qa models fetch")


class Stopped(KnowItAll):
    def ask(self, question, history=(), documents=()):
        if question == CASES[3].question:
            raise KeyboardInterrupt
        return super().ask(question, history)


@pytest.fixture
def evaluation(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("QA_DOCUMENTS", str(ARTICLES))
    monkeypatch.setenv("QA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("QA_MODELS", str(tmp_path / "models"))
    cases = tmp_path / "cases.jsonl"
    rows = command.SEEDS.read_text(encoding="utf-8").splitlines()
    chosen = {case.id for case in CASES}
    cases.write_text("\n".join(row for row in rows if json.loads(row)["id"] in chosen), encoding="utf-8")

    def run(assistant, *options):
        """Exit code and everything printed."""
        monkeypatch.setattr("evals.engines.Assistant", assistant)
        named = () if "--cases" in options or options[:1] == ("compare",) else ("--cases", cases)
        first = options[:1] if options[:1] == ("ablate",) else ()
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            command.run([str(option) for option in (*first, *named, *options[len(first) :])])
        printed = capsys.readouterr()
        return SimpleNamespace(code=ended.value.code or 0, output=printed.out + printed.err)

    run.folder = tmp_path / "data" / "evals" / "seeds"
    return run


def stored(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_all_right_passes_any_floor_and_tells_each_case(evaluation):
    done = evaluation(KnowItAll, "--floor", "1")
    assert done.code == 0, done.output
    assert f"[{len(CASES)}/{len(CASES)}] pass" in done.output
    assert "Not right: 0" in done.output
    assert sorted(path.name for path in evaluation.folder.iterdir()) == [
        "report.html",
        "report.json",
        "report.md",
        "report.xml",
    ]


def test_a_refuser_falls_below_the_floor_and_its_failures_are_listed(evaluation):
    done = evaluation(Silent, "--floor", "0.5")
    assert done.code == 1
    assert "Below the floor: all" in done.output
    assert "refused, though the documents hold the answer" in done.output


def test_a_floor_can_be_set_for_one_kind(evaluation):
    assert evaluation(Silent, "--floor", "absent=1").code == 0
    done = evaluation(Silent, "--floor", "absent=1", "--floor", "dates=0.1")
    assert done.code == 1 and "kind dates" in done.output
    assert "kind absent" not in done.output.split("Not passed")[1]


def test_only_the_part_and_kind_asked_for_are_run(evaluation, tmp_path):
    evaluation(KnowItAll, "--part", "test", "--kind", "conflict", "--json", tmp_path / "r.json")
    wanted = [c.id for c in CASES if c.part == "test" and c.kind == "conflict"]
    assert [row["id"] for row in stored(tmp_path / "r.json")["numbers"]["results"]] == wanted


def test_the_note_and_the_answers_are_written(evaluation, tmp_path):
    evaluation(KnowItAll, "--sample", "3", "--engine-note", "other prompt", "--json", tmp_path / "r.json")
    report = stored(tmp_path / "r.json")
    assert report["note"] == "other prompt" and report["engine"] == "scripted"
    assert len(report["numbers"]["results"]) == 3
    assert all(row["answer"]["status"] for row in report["numbers"]["results"])


def test_a_second_run_gives_the_same_numbers_byte_for_byte(evaluation, tmp_path):
    for name, options in (("1", ()), ("2", ()), ("3", ("--fresh",))):
        evaluation(KnowItAll, "--json", tmp_path / name, *options)
    first, second, fresh = (stored(tmp_path / name) for name in "123")
    assert json.dumps(first["numbers"]) == json.dumps(second["numbers"]) == json.dumps(fresh["numbers"])
    assert first["numbers_sha256"] == fresh["numbers_sha256"]
    assert first["identity"]["cases"] == second["identity"]["cases"]


@pytest.mark.parametrize(
    ("assistant", "options", "named"),
    [
        (WithoutModel, (), "qa models fetch"),
        (Empty, (), "qa index"),
        (Broken, (), "qa doctor"),
        (KnowItAll, ("--part", "third"), "'third'"),
        (KnowItAll, ("--kind", "riddle"), "'riddle'"),
        (KnowItAll, ("--cases", "gone.jsonl"), "gone.jsonl"),
        (KnowItAll, ("--suite", "trivia"), "squad2"),
        (KnowItAll, ("--suite", "squad2"), "--data"),
        (KnowItAll, ("--suite", "squad2", "--data", "no/such"), "no/such"),
        (KnowItAll, ("--floor", "lots"), "'lots'"),
        (KnowItAll, ("--sample", "1", "--floor", "riddle=1"), "'riddle'"),
        (KnowItAll, ("--baseline", "gone.json"), "gone.json"),
        (KnowItAll, ("--jobs", "2"), "--against"),
        (KnowItAll, ("--against", "ftp://there"), "http://"),
        (KnowItAll, ("--sample", "1", "--json", "/dev/null/r.json"), "/dev/null"),
    ],
)
def test_a_run_that_cannot_be_made_says_why_and_is_no_quality_failure(evaluation, assistant, options, named):
    done = evaluation(assistant, *options)
    assert done.code == 2
    assert named in done.output


def test_an_interrupted_run_keeps_its_answers_and_goes_on(evaluation):
    done = evaluation(Stopped)
    assert done.code == 130
    assert "3 answers are kept" in done.output
    kept = (evaluation.folder.parent / "answers.jsonl").read_bytes()
    assert evaluation(KnowItAll).code == 0
    assert (evaluation.folder.parent / "answers.jsonl").read_bytes().startswith(kept)


def test_a_system_that_dies_on_the_way_leaves_a_report_of_what_came(evaluation):
    class Dying(KnowItAll):
        asked = 0

        def ask(self, question, history=(), documents=()):
            Dying.asked += 1
            if Dying.asked > 10:
                raise ModelFileError("it is gone")
            return super().ask(question, history)

    done = evaluation(Dying)
    assert done.code == 2 and "it is gone" in done.output
    report = stored(evaluation.folder / "report.json")
    assert len(report["numbers"]["results"]) == 15 and report["numbers"]["stopped"]


def test_a_baseline_stops_a_run_that_is_worse_for_certain(evaluation, tmp_path):
    assert evaluation(KnowItAll, "--json", tmp_path / "base.json").code == 0
    assert evaluation(KnowItAll, "--baseline", tmp_path / "base.json").code == 0
    done = evaluation(Silent, "--fresh", "--baseline", tmp_path / "base.json")
    assert done.code == 1
    assert "Below the baseline: Right answers" in done.output
    assert "pass → abstained" in done.output


def test_two_reports_are_compared(evaluation, tmp_path):
    evaluation(KnowItAll, "--json", tmp_path / "a.json")
    evaluation(Silent, "--fresh", "--json", tmp_path / "b.json")
    done = evaluation(KnowItAll, "compare", tmp_path / "a.json", tmp_path / "b.json")
    assert done.code == 0
    assert "B has fewer right answers, by more than chance (exact McNemar" in done.output
    assert "Smallest difference" in done.output
    same = evaluation(KnowItAll, "compare", tmp_path / "a.json", tmp_path / "a.json")
    assert "within chance" in same.output and "Changed: 0" in same.output


@pytest.mark.parametrize("text", ["", "{not json", "{}", '{"schema": 1}', "[]"])
def test_a_file_that_is_no_report_is_refused_by_name(evaluation, tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    done = evaluation(KnowItAll, "compare", tmp_path / "a.json", tmp_path / "a.json")
    assert done.code == 2 and "a.json" in done.output and "qa eval" in done.output


def test_qa_eval_is_the_same_command(evaluation, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["qa", "eval", "compare", "gone.json", "gone.json"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2 and "gone.json" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["qa", "eval", "--help"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code and "--against URL" in capsys.readouterr().out


def test_cases_asked_again_tell_how_stable_the_answers_are(evaluation, tmp_path):
    class Moody(KnowItAll):
        asked = 0

        def ask(self, question, history=(), documents=()):
            Moody.asked += 1
            if question not in {case.question for case in CASES}:
                return refusal()
            return super().ask(question, history)

    done = evaluation(
        Moody, "--kind", "single", "--sample", "6", "--again", "4", "--json", tmp_path / "r.json"
    )
    assert "Asked again: 4 of 4 answers were identical." in done.output
    assert "4 of 4 changed sides" in done.output
    assert "With the passages found in another order: 0 of 4 changed" in done.output
    # There are no model files here to index anything with: what cannot be asked has changed.
    assert "With the documents indexed in another order: 4 of 4 changed" in done.output
    assert Moody.asked == 6 + 4 + 4 + 4


def test_the_table_of_stages_is_kept_and_goes_on_after_a_stop(evaluation):
    class Staged(KnowItAll):
        """Answers differently once its model agrees with everything."""

        asked = 0

        def ask(self, question, history=(), documents=()):
            Staged.asked += 1
            if isinstance(self.model, Agreeing):
                return answer("Ten arrests.")
            return super().ask(question, history)

    options = (
        "--kind",
        "single",
        "--sample",
        "4",
        "--check",
        "words",
        "--stage",
        "opinion",
        "--stage",
        "rewriting",
    )
    done = evaluation(Staged, "ablate", *options)
    assert done.code == 0, done.output
    table = (evaluation.folder / "ablation.md").read_text(encoding="utf-8")
    assert "| without opinion | 4 of 4 | -100.0 points" in table
    assert "| without rewriting | 0 of 4 |" in table
    assert stored(evaluation.folder / "ablation.json")["without"]["opinion"]["mcnemar"]["only_whole"] == 4
    # Single questions have no conversation to be rewritten from: nothing is asked for that row.
    assert Staged.asked == 4 + 4
    assert evaluation(Staged, "ablate", *options).code == 0
    assert Staged.asked == 4 + 4
    assert evaluation(Staged, "ablate", "--stage", "magic").code == 2


def test_noise_is_for_documents_of_ones_own(evaluation, tmp_path):
    done = evaluation(KnowItAll, "--noise", "0")
    assert done.code == 2 and "--noise" in done.output
    done = evaluation(KnowItAll, "--sample", "1", "--noise", "9", "--data", tmp_path)
    assert done.code == 2 and "squad2/corpus.jsonl" in done.output
