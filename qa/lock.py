"""The lock of a data folder: one process owns it, a second learns who that is.

Knows nothing of what is in the folder. The operating system drops the lock when its owner dies, so a lock
left by a crash is simply taken over.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from qa.errors import DataError, LockedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The process which holds a data folder."""

    pid: int
    """0 while it has not said yet who it is."""
    command: str
    address: str | None = None
    """Where it listens, when it is a server."""


class DataLock:
    """Exclusive ownership of `data_dir`, from construction to `release`.

    Raises:
        LockedError: another process owns it; the message names that process.
        DataError: the folder cannot be made or written.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._lock = _file_lock(data_dir)
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            # Long enough to outwait `find_owner` of a third process.
            self._lock.acquire(timeout=0.3)
            self.announce(None)
        except Timeout:
            raise LockedError(_in_use(data_dir, _read_owner(data_dir))) from None
        except OSError as error:
            self._lock.release()
            raise DataError(
                f"{data_dir} cannot be used as data folder ({error.strerror or error}). "
                "Check its permissions and the free space, or set QA_DATA to a folder that you can write."
            ) from error

    def announce(self, address: str | None) -> None:
        """Tell other processes where this one listens."""
        command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
        owner = Owner(pid=os.getpid(), command=command, address=address)
        _owner_file(self._data_dir).write_text(json.dumps(asdict(owner)), encoding="utf-8")

    def release(self) -> None:
        self._lock.release()


def find_owner(data_dir: Path) -> Owner | None:
    """The process that owns `data_dir` now, or None."""
    if not (data_dir / "lock").exists():
        return None
    lock = _file_lock(data_dir)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return _read_owner(data_dir)
    except OSError:
        return None
    lock.release()
    return None


def _file_lock(data_dir: Path) -> FileLock:
    return FileLock(data_dir / "lock", thread_local=False)


def _owner_file(data_dir: Path) -> Path:
    return data_dir / "owner.json"


def _read_owner(data_dir: Path) -> Owner:
    try:
        return Owner(**json.loads(_owner_file(data_dir).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Owner(pid=0, command="unknown")


def _in_use(data_dir: Path, owner: Owner) -> str:
    if owner.address:
        return (
            f"{data_dir} is in use by the server at {owner.address} (process {owner.pid}, {owner.command}). "
            f"Ask that server, or stop it with: kill {owner.pid}"
        )
    if not owner.pid:
        return f"{data_dir} is in use by another process. Wait until it has finished, then try again."
    return (
        f"{data_dir} is in use by process {owner.pid} ({owner.command}). "
        f"Wait until it has finished, or stop it with: kill {owner.pid}"
    )
