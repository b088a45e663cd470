import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qa.errors import DataError, LockedError
from qa.lock import DataLock, find_owner

_HOLD = """
import sys
from pathlib import Path
from qa.lock import DataLock
lock = DataLock(Path(sys.argv[2]))
if sys.argv[3:]:
    lock.announce(sys.argv[3])
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Starts a process which holds the lock of `tmp_path` until it is ended."""
    processes = []

    def start(*address: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", _HOLD, "index", str(tmp_path), *address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_a_second_process_is_told_who_has_the_folder(tmp_path, holder):
    process = holder()
    with pytest.raises(LockedError, match=rf"{tmp_path} is in use by process {process.pid} \(-c index\)"):
        DataLock(tmp_path)


def test_a_server_is_named_with_its_address(tmp_path, holder):
    holder("http://127.0.0.1:8123")
    with pytest.raises(LockedError, match=r"the server at http://127\.0\.0\.1:8123"):
        DataLock(tmp_path)
    assert find_owner(tmp_path).address == "http://127.0.0.1:8123"


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path, holder):
    process = holder()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert find_owner(tmp_path) is None
    DataLock(tmp_path).release()


def test_the_same_process_cannot_take_it_twice(tmp_path):
    lock = DataLock(tmp_path)
    with pytest.raises(LockedError, match=str(os.getpid())):
        DataLock(tmp_path)
    lock.release()
    DataLock(tmp_path).release()


def test_an_owner_that_has_not_said_who_it_is_still_owns(tmp_path):
    lock = DataLock(tmp_path)
    (tmp_path / "owner.json").write_text('{"pid":')
    with pytest.raises(LockedError, match="another process"):
        DataLock(tmp_path)
    lock.release()


def test_a_free_or_missing_folder_has_no_owner(tmp_path):
    assert find_owner(tmp_path / "nowhere") is None
    DataLock(tmp_path).release()
    assert json.loads((tmp_path / "owner.json").read_text())["pid"] == os.getpid()
    assert find_owner(tmp_path) is None


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"file/data cannot be used as data folder"):
        DataLock(tmp_path / "file" / "data")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that nobody can write")
def test_a_folder_that_cannot_be_written_is_named():
    with pytest.raises(DataError, match=r"/proc/qa cannot be used .*QA_DATA"):
        DataLock(Path("/proc/qa"))
