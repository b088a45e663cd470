"""What README says, done: its commands run, its Python too, its samples are what really comes back.

All in one copy of the project with the embedding model and no language model, so that it takes seconds; the
answer it opens with is asked of the real one.
"""

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qa import Assistant, documents
from qa.config import Config
from qa.model_files import SEARCH_FILES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SERVER = "http://127.0.0.1:8000"
# Started, asked and made elsewhere in this file.
ELSEWHERE = ("qa serve", "curl ", "make ")
SAID = {"law students": "Freedom of Information Act", "main finding": "bees can count to four"}


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)


SCRIPTS = [block.replace("\\\n", "") for block in blocks("sh")]
LINES = [re.sub(r"\s+#.*", "", line) for script in SCRIPTS for line in script.splitlines()]
(EXAMPLE,) = re.findall(r"^```\n(\$ qa ask .*?)^```", README, re.M | re.S)


class Copy:
    """The project as somebody finds it, with its environment, a home of its own, and no language model."""

    def __init__(self, folder):
        self.folder = folder / "clone"
        shutil.copytree(ROOT / "seeds", self.folder / "seeds")
        (self.folder / ".venv").symlink_to(sys.prefix)
        models, papers = folder / "models", folder / "home" / "papers"
        models.mkdir()
        for name in SEARCH_FILES:
            (models / name).symlink_to(Config.from_env().models_dir / name)
        papers.mkdir(parents=True)
        (papers / "one.md").write_text("The main finding was that bees can count to four.\n")
        own = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
        self.environ = {**own, "HOME": str(folder / "home"), "QA_MODELS": str(models)}

    def start(self, script, **streams):
        return subprocess.Popen(
            ["sh", "-euc", f". .venv/bin/activate\n{script}"],
            cwd=self.folder,
            env=self.environ,
            stdout=subprocess.PIPE,
            text=True,
            **streams,
        )

    def run(self, script):
        process = self.start(script, stdin=subprocess.DEVNULL)
        printed, _ = process.communicate(timeout=120)
        assert process.returncode == 0, script
        return printed


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return Copy(tmp_path_factory.mktemp("readme"))


@pytest.fixture(scope="module")
def replies(copy):
    """What each `curl` prints while the server runs."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    (command,) = [line for line in LINES if line.startswith("qa serve")]
    server = copy.start(f"exec {command} --port 0", stderr=subprocess.PIPE)
    address = ""
    while not address:
        told = server.stderr.readline()
        assert told, "the server ended"
        address = told.split()[2] if told.startswith("Answering at") else ""
    asked = [line.replace(SERVER, address) for line in LINES if line.startswith("curl")]
    assert all(address in line for line in asked)
    try:
        yield [copy.run(line) for line in asked]
    finally:
        server.terminate()
        server.communicate(timeout=20)


def shape(value):
    """The names in a JSON value; of a list, those of its first item."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return [shape(inner) for inner in value[:1]] if isinstance(value, list) else None


class TestCommands:
    @pytest.mark.parametrize("script", [script for script in SCRIPTS if not script.startswith(ELSEWHERE)])
    def test_command_line(self, copy, script):
        printed = copy.run(script)
        for asked, expected in SAID.items():
            assert asked not in script or expected in printed

    @pytest.mark.parametrize("line", [line for line in LINES if line.startswith("make ")])
    def test_make_has_what_is_typed(self, line):
        command = [*shlex.split(line), "--dry-run"]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, run.stderr

    def test_python(self, copy):
        (code,) = blocks("python")
        ast.parse(code)
        printed = copy.run(f".venv/bin/python - <<'END'\n{code}END")
        assert re.match(r"1 \S+\.txt ", printed)


class TestEndpoint:
    def test_answer_has_the_fields_of_the_sample(self, replies):
        (sample,) = map(json.loads, blocks("json"))
        answer = json.loads(replies[0])
        assert shape({**sample, "accounts": []}) == shape({**answer, "accounts": []})
        cited = sample["citations"][0]
        text = documents.read(ROOT / "seeds" / cited["source"], cited["source"]).text
        assert text[cited["start"] : cited["end"]] == cited["quote"]

    def test_stream_has_the_events_that_are_named(self, replies):
        events = list(dict.fromkeys(re.findall(r"^event: (\w+)", replies[1], re.M)))
        assert events == ["status", "passages", "sentence", "answer"]
        assert all(f"`{event}`" in README for event in [*events, "error"])

    def test_search_finds_passages(self, replies):
        assert len(json.loads(replies[2])["passages"]) == 3


class TestWords:
    def test_settings_are_those_that_are_read(self):
        sources = [path.read_text(encoding="utf-8") for path in (ROOT / "qa").glob("*.py")]
        read = {name for source in sources for name in re.findall(r'"(QA_[A-Z_]+)"', source)}
        assert set(re.findall(r"^\| `(QA_[A-Z_]+)` \|", README, re.M)) == read

    def test_links_lead_somewhere(self):
        headings = {h.lower().replace(" ", "-") for h in re.findall(r"^#+ (.+)$", README, re.M)}
        for link in re.findall(r"\]\(([^)]+)\)", README):
            assert link[1:] in headings if link.startswith("#") else (ROOT / link).is_file(), link

    def test_quotes_of_the_example_stand_in_the_documents(self):
        quotes = re.findall(r"“(.+)”", EXAMPLE)
        texts = [documents.read(path, path.name).text for path in (ROOT / "seeds").iterdir()]
        assert quotes and all(any(quote in text for text in texts) for quote in quotes)


@pytest.mark.model
def test_real_model_gives_the_answer_that_the_page_opens_with(tmp_path):
    question = EXAMPLE.split('"')[1]
    config = Config(documents_dir=ROOT / "seeds", data_dir=tmp_path, models_dir=Config.from_env().models_dir)
    with Assistant.from_config(config) as assistant:
        assistant.corpus.sync(config.documents_dir)
        answer = assistant.ask(question)
    assert answer.status == "answered" and answer.model != "extractive"
    for citation in answer.citations:
        assert f"[{citation.number}] {citation.title} — {citation.source}" in EXAMPLE
        assert f"“{citation.quote}”" in EXAMPLE
    for sentence in answer.sentences:
        assert sentence.text in EXAMPLE
