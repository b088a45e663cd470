"""Nothing calls out: not the path of a question, not the libraries under it, not the engine's process."""

import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qa.config import Config
from qa.index import Index
from qa.model_files import LANGUAGE_MODEL
from tests.engine_room import ROOT
from tests.serving import client_of
from ui import furnish

NO_INTERNET = ROOT / "tests" / "no_internet"
# What would keep a library's reporting off by itself.
KEEPS_QUIET = {
    "CI",
    "TF_BUILD",
    "JENKINS_URL",
    "DO_NOT_TRACK",
    "ANONYMIZED_TELEMETRY",
    "ORT_DISABLE_TELEMETRY",
    "ORT_RUNNING_UNIT_TESTS",
}

ASK_A_SCRIPTED_MODEL = """
import sys
from pathlib import Path
from qa import Assistant, Config
from qa.corpus import Corpus
from qa.embedding import OnnxEmbedding
from qa.reranking import Reranker
from tests.library import ARRESTS, SEEDS, drafting
embedder, reranker = (kind.from_folder(Path(sys.argv[1])) for kind in (OnnxEmbedding, Reranker))
config = Config(data_dir=Path(sys.argv[2]))
corpus = Corpus.open(config, embedder)
corpus.sync(SEEDS)
with Assistant(config, corpus, embedder, drafting(), reranker) as assistant:
    print(assistant.ask(ARRESTS).status)
"""
ASK_THE_REAL_MODEL = """
import sys
from pathlib import Path
from qa import Assistant, Config
with Assistant.from_config(Config(data_dir=Path(sys.argv[2]), models_dir=Path(sys.argv[1]))) as assistant:
    assistant.corpus.sync(Path("seeds"))
    answer = assistant.ask("How many arrests resulted from the February raids nationwide?")
    print(answer.model, "680" in answer.answer)
"""
LOAD_THE_ENGINE = """
import runpy, sys
engine = runpy.run_path(sys.argv[1])
print([name for name, module in sys.modules.items() if name.startswith("openvino_telemetry") and module])
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="the kernel's filter is written for Linux on two processors",
)


def run(code, *arguments, home):
    """Run `code` in a process that may not call out."""
    environ = {name: value for name, value in os.environ.items() if name not in KEEPS_QUIET}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        env=environ | {"PYTHONPATH": str(NO_INTERNET), "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=240,
    )


@pytest.mark.parametrize(
    "forbidden",
    [
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.socket(socket.AF_INET6).connect(('::1', 9))",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.getaddrinfo('example.org', 443)",
        "os.kill(os.getpid(), -subprocess.call([sys.executable, '-c', CALL]))",
    ],
)
def test_the_guard_ends_whatever_calls_out(tmp_path, forbidden):
    call = "import socket; socket.create_connection(('127.0.0.1', 9))"
    code = f"""import os, socket, subprocess, sys
CALL = {call!r}
socket.socketpair()
print("local", flush=True)
{forbidden}"""
    done = run(code, home=tmp_path)
    assert done.stdout == "local\n" and done.returncode == -signal.SIGSYS


def test_question_is_answered_from_start_to_end_without_calling_out(tmp_path):
    models_dir = Config.from_env().models_dir
    done = run(ASK_A_SCRIPTED_MODEL, models_dir, tmp_path / "data", home=tmp_path)
    assert (done.stdout, done.returncode) == ("answered\n", 0), done.stderr
    # ONNX Runtime's reporting would have left a number for this machine and what it could not send.
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_engine_loads_its_library_without_its_reporting(tmp_path):
    done = run(LOAD_THE_ENGINE, ROOT / "qa" / "engine.py", home=tmp_path)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
    # The library's reporting would have left its number for this machine here.
    assert list(tmp_path.iterdir()) == []


@pytest.mark.model
def test_real_model_answers_without_calling_out(tmp_path):
    models_dir = Config.from_env().models_dir
    done = run(ASK_THE_REAL_MODEL, models_dir, tmp_path / "data", home=tmp_path)
    assert done.stdout == f"{Path(LANGUAGE_MODEL).stem} True\n", done.stderr


def test_server_reports_to_nobody_though_the_environment_names_whom(monkeypatch, caplog):
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    with client_of(furnish=furnish) as client:
        assert client.get("/v1/health").status_code == 200
        assert client.get("/").status_code == 200
    # It would have been tried, and failed for want of the exporter.
    assert "telemetry" not in caplog.text


def test_chroma_is_told_not_to_report(tmp_path):
    index = Index.build(tmp_path, [])
    assert index._client.get_settings().anonymized_telemetry is False
    index.close()
