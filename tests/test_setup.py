"""Set-up from nothing, a second time, and after it was broken off; with an interpreter that only notes."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ENVIRONMENT = ROOT / ".venv"
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

INTERPRETER = """#!{python} -IS
import pathlib, shutil, sys
{peculiarity}
arguments = sys.argv[1:]
if arguments[:1] != ["-c"]:
    with open("steps.txt", "a") as steps:
        print(pathlib.Path(sys.argv[0]).name, *arguments, file=steps)
if arguments[:1] == ["-c"]:
    exec(arguments[1])
elif arguments == ["--version"]:
    print("Python 3.10.13")
elif arguments[:3] == ["-m", "venv", "--clear"]:
    shutil.rmtree(arguments[3], ignore_errors=True)
    pathlib.Path(arguments[3], "bin").mkdir(parents=True)
    for name in ("python", "qa", "ruff", "mypy"):
        shutil.copy(__file__, pathlib.Path(arguments[3], "bin", name))
elif pathlib.Path("fails").exists() and pathlib.Path("fails").read_text() in arguments:
    sys.exit("it failed")
"""
TOO_OLD = "sys.version_info = (3, 10, 13)"
NO_VENV = "sys.modules['ensurepip'] = None"

INSTALL = [
    "python3 -m venv --clear .venv",
    "python -m pip install -qq --disable-pip-version-check --no-compile --no-deps --require-hashes"
    " -r requirements.lock",
    "python -m pip install -qq --no-deps --no-build-isolation -e .",
    "python -m pip check",
]
FETCH, INDEX, CHROMIUM = "qa models fetch", "qa index", "python -m tests.chromium"


def environment(**more):
    """As somebody types `make`, also when these tests run under it."""
    of_make = ("PYTHON", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "ARGS")
    return {name: value for name, value in os.environ.items() if name not in of_make} | more


class Clone:
    """A fresh clone, and a `python3` that notes what it is asked to do."""

    def __init__(self, folder):
        self.folder = folder / "clone"
        self.programs = folder / "programs"
        self.programs.mkdir()
        self.folder.mkdir()
        for name in ("Makefile", "pyproject.toml", "requirements.lock"):
            shutil.copy(ROOT / name, self.folder)
        self.add("python3")

    def add(self, name, peculiarity=""):
        path = self.programs / name
        path.write_text(INTERPRETER.format(python=sys.executable, peculiarity=peculiarity))
        path.chmod(0o755)
        return path

    def make(self, *arguments):
        """The steps that were taken, and how it ended."""
        steps = self.folder / "steps.txt"
        steps.unlink(missing_ok=True)
        environ = environment(PATH=f"{self.programs}:/usr/bin:/bin")
        done = subprocess.run(
            ["make", *arguments], cwd=self.folder, env=environ, capture_output=True, text=True, timeout=60
        )
        return steps.read_text().splitlines() if steps.exists() else [], done

    def fail_at(self, word):
        (self.folder / "fails").write_text(word)

    def heal(self):
        (self.folder / "fails").unlink()


@pytest.fixture
def clone(tmp_path):
    return Clone(tmp_path)


class TestSetup:
    def test_first_run_installs_what_the_lock_pins_and_gets_everything_ready(self, clone):
        steps, done = clone.make("setup")
        assert steps == [*INSTALL, FETCH, INDEX] and done.returncode == 0, done.stderr

    def test_second_run_does_next_to_nothing_and_says_nothing(self, clone):
        clone.make("setup")
        steps, done = clone.make("setup")
        assert steps == [FETCH] and done.stdout == done.stderr == ""

    @pytest.mark.parametrize("word", ["requirements.lock", "-e", "check"])
    def test_an_installation_that_was_broken_off_is_begun_again(self, clone, word):
        clone.fail_at(word)
        steps, done = clone.make("setup")
        assert done.returncode != 0 and FETCH not in steps
        clone.heal()
        assert clone.make("setup")[0] == [*INSTALL, FETCH, INDEX]

    @pytest.mark.parametrize("word", ["models", "index"])
    def test_what_failed_after_the_installation_does_not_cost_another_one(self, clone, word):
        clone.fail_at(word)
        assert clone.make("setup")[1].returncode != 0
        clone.heal()
        assert clone.make("setup")[0] == [FETCH, INDEX]

    @pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
    def test_other_requirements_are_another_environment(self, clone, name):
        clone.make("setup")
        with (clone.folder / name).open("a") as file:
            file.write("\n# changed\n")
        assert clone.make("setup")[0] == [*INSTALL, FETCH, INDEX]

    def test_an_environment_that_was_moved_or_lost_its_interpreter_is_made_again(self, clone):
        clone.make("setup")
        clone.folder = clone.folder.rename(clone.folder.with_name("moved here"))
        assert clone.make("setup")[0] == [*INSTALL, FETCH, INDEX]
        (clone.folder / ".venv" / "bin" / "python").unlink()
        assert clone.make("setup")[0] == [*INSTALL, FETCH, INDEX]

    def test_real_one_that_is_there_is_ready_in_seconds(self):
        if not (ENVIRONMENT / "key").exists() or sys.prefix != str(ENVIRONMENT):
            pytest.skip("this environment was not made by `make setup`")
        done = subprocess.run(
            ["make", "setup"], cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=30
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


class TestInterpreter:
    def test_one_that_is_too_old_is_named_and_nothing_is_made(self, clone):
        old = clone.add("old-python", TOO_OLD)
        done = clone.make("setup", f"PYTHON={old}")[1]
        assert done.returncode != 0 and not (clone.folder / ".venv").exists()
        assert "3.11, 3.12 or 3.13 is needed" in done.stderr
        assert f"{old} says: Python 3.10.13" in done.stderr and "make setup PYTHON=" in done.stderr

    def test_one_that_is_not_there_is_named(self, clone):
        done = clone.make("setup", "PYTHON=no-such-python")[1]
        assert done.returncode != 0 and "no-such-python says" in done.stderr

    def test_another_one_is_taken_when_the_default_is_too_old(self, clone):
        clone.add("python3", TOO_OLD)
        clone.add("python3.13")
        steps, done = clone.make("setup")
        assert steps[0] == "python3.13 -m venv --clear .venv" and done.returncode == 0

    def test_one_without_venv_says_what_to_install(self, clone):
        clone.add("python3", NO_VENV)
        done = clone.make("setup")[1]
        assert done.returncode != 0 and "apt install python3-venv" in done.stderr


@pytest.mark.parametrize(
    ("target", "steps"),
    [
        ("chat", ["qa serve --open"]),
        ("serve", ["qa serve"]),
        ("test", [CHROMIUM, "python -m pytest"]),
        ("check", [CHROMIUM, "ruff format --check .", "ruff check .", "mypy", "python -m pytest"]),
        ("eval", ["qa index", "python -m evals"]),
    ],
)
def test_every_target_sets_up_first(clone, target, steps):
    taken = [step.strip() for step in clone.make(target)[0]]
    assert taken == [*INSTALL, FETCH, INDEX, *steps]


def test_help_lists_every_target(clone):
    listed = " ".join(re.findall(r"make (\w+)", clone.make("help")[1].stdout))
    assert listed == "help setup chat serve test check eval screenshots lock clean"


def test_continuous_integration_calls_make_test_from_anywhere(tmp_path):
    program = tmp_path / "make"
    program.write_text('#!/bin/sh\necho "$CI $PWD $*"\ncat\n')
    program.chmod(0o755)
    environ = environment(PATH=f"{tmp_path}:{os.environ['PATH']}")
    done = subprocess.run(
        [ROOT / ".ci" / "run"], cwd=tmp_path, env=environ, input="x", capture_output=True, text=True
    )
    assert done.stdout == f"true {ROOT} test\n" and done.returncode == 0


class TestRequirements:
    PINNED = re.findall(
        r"^([a-z0-9-]+)==\S+(?: ;.*)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", LOCK, re.M
    )

    def test_every_package_of_the_lock_has_its_hashes(self):
        lines = [line for line in LOCK.splitlines() if not line.startswith("    --hash")]
        assert len(lines) == len(self.PINNED) > 100

    def test_lock_names_no_index_and_nothing_that_is_not_needed(self):
        assert "://" not in LOCK and "--index" not in LOCK
        names = {name for name, _ in self.PINNED}
        assert not names & {"torch", "xllamacpp", "transformers"}

    def test_lock_holds_everything_that_the_project_asks_for(self):
        project = PYPROJECT["project"]
        asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
        assert {re.split("[<>=]", one)[0] for one in asked} <= {name for name, _ in self.PINNED}

    def test_dependencies_are_what_the_code_imports(self):
        trees = [
            ast.parse(p.read_text(encoding="utf-8"))
            for part in ("qa", "ui", "evals")
            for p in (ROOT / part).glob("*.py")
        ]
        nodes = [node for tree in trees for node in ast.walk(tree)]
        imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
        top = {name.split(".")[0] for name in imported} - set(sys.stdlib_module_names) - {"qa", "ui", "evals"}
        carriers = {
            name: {d.lower().replace("_", "-") for d in packages_distributions()[name]} for name in top
        }
        declared = {re.split("[<>=]", one)[0] for one in PYPROJECT["project"]["dependencies"]}
        assert [name for name, carry in carriers.items() if not carry & declared] == []
        # Not imported by us: pip is run, it brings model files; FastAPI reads forms with the other.
        assert declared - set().union(*carriers.values()) == {"pip", "python-multipart"}
