"""Who answers: this process, or the server that has the data folder."""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from qa import opening
from qa.config import Config
from qa.corpus import Corpus
from qa.errors import ModelError
from qa.lock import DataLock
from qa.model_files import LANGUAGE_MODEL
from tests.desk import desk_with_two_documents  # noqa: F401
from tests.fakes import HashEmbedding
from tests.scripted import ScriptedAssistant, make_answer
from tests.serving import running_server, wait_until

ROOT = Path(__file__).parent.parent


class TestRunningServer:
    @pytest.fixture
    def served(self, desk):
        """A server that has the data folder, as `find_owner` sees it."""
        there = ScriptedAssistant()
        lock = DataLock(desk.data)
        with running_server(there) as (host, port):
            lock.announce(f"http://{host}:{port}")
            yield there, f"http://{host}:{port}"
        lock.release()

    def test_ask_chat_and_search_use_it(self, desk, served):
        there, address = served
        asked = desk.qa("ask", "Why?")
        assert asked.code == 0 and f"Asking the server at {address}" in asked.err
        assert address + make_answer().citations[0].url in asked.out
        assert desk.qa("chat", stdin="Who?\n").code == 0
        assert "one.txt" in desk.qa("search", "review").out
        assert [question for question, _, _ in there.asked] == ["Why?", "Who?"]
        assert desk.opened == 0

    def test_doctor_asks_it(self, desk, served):
        result = desk.qa("doctor")
        assert f"ok    server: {served[1]} answers from 1 documents" in result.out

    def test_index_lets_it_index_its_folder(self, desk):
        with desk.open_assistant(Config.from_env()) as assistant:
            with running_server(assistant, config=Config.from_env()) as (host, port):
                assistant.corpus.announce(f"http://{host}:{port}")
                first, second = desk.qa("index"), desk.qa("index")
                (desk.documents / "blog.txt").write_bytes(b"")
                third = desk.qa("index")
        assert f"Asking the server at http://{host}:{port}" in first.err
        assert "2 added" in first.out and "added    wire.txt" in first.out and "2 unchanged" in second.out
        assert third.code == 0 and "skipped  blog.txt: blog.txt is empty" in third.out

    def test_index_of_another_folder_is_refused_with_the_next_step(self, desk, served, tmp_path):
        result = desk.qa("index", str(tmp_path))
        assert result.code == 1 and "another folder" in result.err and "qa index" in result.err


SERVE = """
import sys
from types import SimpleNamespace
from qa import cli
from qa.corpus import Corpus
from tests.fakes import HashEmbedding
from tests.scripted import ScriptedAssistant

def from_config(config):
    return ScriptedAssistant(corpus=Corpus.open(config, HashEmbedding()))

sys.modules["qa.assistant"] = SimpleNamespace(Assistant=SimpleNamespace(from_config=from_config))
cli.main()
"""


def start(*arguments):
    command = [sys.executable, "-c", textwrap.dedent(SERVE), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def told_until_ready(server):
    """What it says on its way."""
    told = []
    while not told or "Answering at" not in told[-1]:
        told.append(server.stderr.readline())
        assert told[-1], "the server ended"
    return told


class TestServe:
    def test_start_removes_what_nobody_came_back_for(self, desk):
        config = Config(data_dir=desk.data)
        with Corpus.open(config, HashEmbedding()) as corpus:
            added = corpus.add("notes.txt", b"The dentist charged much.", "anna-5f0c9e1b7a")
            corpus.ledger.set_meta(visits='{"anna-5f0c9e1b7a": "2020-01-01"}')
        server = start("serve", "--port", "0")
        assert "Private uploads that nobody came back for were removed: 1\n" in told_until_ready(server)
        server.terminate()
        server.communicate()
        with Corpus.open(config, HashEmbedding()) as corpus:
            assert corpus.ledger.document(added.document_id) is None
            assert len(corpus.ledger.sources()) == 2

    @pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
    def test_server_answers_is_found_and_stops_cleanly(self, desk, stop):
        server = start("serve", "--port", "0")
        address = told_until_ready(server)[-1].split()[2]
        wait_until(lambda: httpx.get(f"{address}/v1/health").status_code == 200)
        assert f"Asking the server at {address}" in desk.qa("ask", "Why?").err
        second = desk.qa("serve", "--port", "0")
        assert second.code == 1 and address in second.err
        server.send_signal(stop)
        assert server.wait(5) == 0
        server.communicate()
        DataLock(desk.data).release()

    def test_open_host_without_a_token_is_refused_before_anything_is_loaded(self, desk):
        result = desk.qa("serve", "--host", "0.0.0.0")
        assert result.code == 1 and "0.0.0.0" in result.err and "QA_TOKEN" in result.err
        assert desk.opened == 0


class TestPrepareEngine:
    @pytest.fixture
    def config(self, tmp_path, monkeypatch):
        """A model file, and a conversion that takes no time."""
        monkeypatch.setattr("qa.model_files.locate", lambda name, models_dir: models_dir / name)
        (tmp_path / LANGUAGE_MODEL).write_bytes(b"weights")
        return Config(models_dir=tmp_path)

    @pytest.fixture
    def converted(self, monkeypatch):
        asked = []

        def convert(command, **_):
            gguf = Path(command[-1])
            assert gguf.read_bytes() == b"weights"
            asked.append(gguf)
            (gguf.parent / "openvino_model.bin").write_bytes(b"prepared")
            return subprocess.CompletedProcess(command, 0, "", "")

        monkeypatch.setattr(subprocess, "run", convert)
        return asked

    def test_is_done_once_and_told(self, config, converted):
        told = []
        opening.prepare_engine(config, told.append)
        opening.prepare_engine(config, told.append)
        assert len(converted) == len(told) == 1 and "Preparing" in told[0]

    def test_is_done_again_when_its_result_was_damaged(self, config, converted):
        opening.prepare_engine(config, print)
        (result,) = config.models_dir.glob("*/openvino_model.bin")
        result.write_bytes(b"cut")
        opening.prepare_engine(config, print)
        assert len(converted) == 2 and result.read_bytes() == b"prepared"

    def test_is_left_out_when_a_server_answers(self, tmp_path, converted):
        opening.prepare_engine(Config(models_dir=tmp_path, llm_url="http://127.0.0.1:1"), print)
        assert converted == []

    def test_says_how_much_room_it_needs(self, config, converted, monkeypatch):
        usage = SimpleNamespace(free=3)
        monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
        with pytest.raises(
            ModelError, match=rf"needs 0 MB, {config.models_dir} has 0 MB free.*qa models fetch"
        ):
            opening.prepare_engine(config, print)
        assert converted == []

    def test_a_folder_that_cannot_be_written_is_named(self, config, converted, monkeypatch):
        def refuse(_, *, mode=0, **__):
            raise PermissionError(13, "Permission denied", "the folder")

        monkeypatch.setattr(Path, "mkdir", refuse)
        with pytest.raises(ModelError, match=r"the folder: Permission denied.*QA_MODELS"):
            opening.prepare_engine(config, print)
