"""A folder with documents and the command `qa`: real corpus, hashed vectors, a scripted assistant."""

import io
import sys
from types import SimpleNamespace

import pytest

from qa import cli
from qa.corpus import Corpus
from qa.model_files import MANIFEST, FileStatus
from tests.fakes import HashEmbedding
from tests.scripted import ScriptedAssistant, events_of

WIRE = "The border police made 680 arrests in one week.\n\nThe minister spoke on Monday."
BLOG = "The mother was denied judicial review.\n\nShe fled Honduras with her child."


class Desk:
    """A folder with documents, a data folder, and the command `qa`."""

    def __init__(self, folder, monkeypatch, capfd):
        self.documents, self.data = folder / "documents", folder / "data"
        self.documents.mkdir()
        self.put("wire.txt", WIRE)
        self.put("blog.txt", BLOG)
        self.assistant = ScriptedAssistant()
        self.opened = 0
        self._monkeypatch, self._capfd = monkeypatch, capfd

    def put(self, name, text):
        (self.documents / name).write_text(text, encoding="utf-8")

    def open_assistant(self, config):
        self.opened += 1
        self.assistant.corpus = Corpus.open(config, HashEmbedding())
        return self.assistant

    def answers(self, make):
        self.assistant.script = lambda question: events_of(make(question))

    def qa(self, *arguments, stdin=""):
        """Exit code, standard output and standard error of one command."""
        self._monkeypatch.setattr(sys, "argv", ["qa", *arguments])
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        self._capfd.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
        out, err = self._capfd.readouterr()
        assert "Traceback" not in err
        return SimpleNamespace(code=code, out=out, err=err)


@pytest.fixture(name="desk")
def desk_with_two_documents(tmp_path, monkeypatch, capfd):
    desk = Desk(tmp_path, monkeypatch, capfd)
    monkeypatch.setenv("QA_DOCUMENTS", str(desk.documents))
    monkeypatch.setenv("QA_DATA", str(desk.data))
    monkeypatch.setenv("QA_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("COLUMNS", "100")
    assistant = SimpleNamespace(Assistant=SimpleNamespace(from_config=desk.open_assistant))
    monkeypatch.setitem(sys.modules, "qa.assistant", assistant)
    monkeypatch.setattr("qa.embedding.OnnxEmbedding.from_folder", lambda models_dir: HashEmbedding())
    present = tuple(
        FileStatus(file=file, path=tmp_path / file.name, state="present", detail="") for file in MANIFEST
    )
    monkeypatch.setattr("qa.doctor.statuses", lambda models_dir: present)
    return desk
