"""Getting the model files: the hub client's cache, the hub, wheels of the package index, or a folder.

Knows in which order to ask, and that a file gets its own name only once its bytes have been checked.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from qa import model_sources
from qa.errors import InputError, ModelFileError
from qa.model_files import MANIFEST, ModelFile, examine, named, status
from qa.model_sources import OnBytes

Source = Literal["already there", "folder", "hub cache", "hub", "wheels"]
OnProgress = Callable[[ModelFile, int, int, str], None]
"""Called with (file, bytes done, bytes in all, where from or what is being done)."""
Hub = Callable[[str, str, Path, OnBytes], Path]

_WORKING_BYTES = 400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One file that is now in place."""

    file: ModelFile
    path: Path
    source: Source


def fetch(
    models_dir: Path,
    *,
    names: Sequence[str] | None = None,
    offline: bool = False,
    folder: Path | None = None,
    on_progress: OnProgress | None = None,
    manifest: Sequence[ModelFile] = MANIFEST,
    hub: Hub = model_sources.download_from_hub,
) -> tuple[Fetched, ...]:
    """Put the named files (all, if None) in place; files that are there and right are not touched.

    With a `folder`, only that folder is asked: it holds the files, or the wheels that carry them.
    Otherwise the hub client's cache, then the hub, then the wheels; `offline` allows only the cache.
    An interrupted fetch goes on where it stopped; two at once wait for each other.

    Raises:
        InputError: `folder` is not a folder, or a name is not in the manifest.
        ModelFileError: a file could not be had, arrived wrong, or does not fit on the disk.
    """
    if folder is not None and not folder.is_dir():
        raise InputError(
            f"{folder} is not a folder; `--from` takes one with the model files or their wheels."
        )
    files = manifest if names is None else [named(name, manifest) for name in names]
    run = _Fetch(models_dir, offline, folder, on_progress or (lambda *_: None), hub)
    if not run.missing(files):
        return run.get(files)
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        with run.turn(files[0]):
            run.check_room(files)
            return run.get(files)
    except OSError as error:
        raise ModelFileError(
            f"{error.filename or models_dir}: {error.strerror or error}. Model files go to {models_dir}: "
            "make room there, or set QA_MODELS to another folder, and type `qa models fetch` again."
        ) from error


class _Fetch:
    """One run: what may be asked, and whether the hub has failed already."""

    def __init__(
        self, models_dir: Path, offline: bool, folder: Path | None, on_progress: OnProgress, hub: Hub
    ) -> None:
        self.models_dir = models_dir
        self.offline = offline
        self.folder = folder
        self.on_progress = on_progress
        self.hub = hub
        self.hub_failed = False

    @contextmanager
    def turn(self, file: ModelFile) -> Iterator[None]:
        """Wait until no other fetch works on this folder."""
        lock = FileLock(self.models_dir / ".fetch.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            self.on_progress(file, 0, file.bytes, "waiting for another fetch")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def missing(self, files: Sequence[ModelFile]) -> list[ModelFile]:
        """Those which are not there, or not right."""
        return [file for file in files if status(file, self.models_dir).state != "present"]

    def check_room(self, files: Sequence[ModelFile]) -> None:
        """Refuse now rather than after a gigabyte."""
        missing = self.missing(files)
        need = sum(file.bytes for file in missing)
        beside = sum(file.prepared_bytes for file in missing)
        if missing and self.folder is None and not self.offline:
            # The largest file is on disk twice for a moment: its parts, and what is put together from them.
            largest = max(file.bytes for file in missing)
            beside = max(beside, largest + min(_WORKING_BYTES, 10 * largest))
            parts = [part for file in missing for part in self._staging(file).glob("wheels/*-of-*")]
            need -= sum(part.stat().st_size for part in parts)
        need += beside
        free = shutil.disk_usage(self.models_dir).free
        if need > free:
            raise ModelFileError(
                f"The model files need {need / 1e6:.0f} MB, {self.models_dir} has {free / 1e6:.0f} MB free. "
                "Make room, or set QA_MODELS to a folder on another disk, and type `qa models fetch` again."
            )

    def get(self, files: Sequence[ModelFile]) -> tuple[Fetched, ...]:
        """All files; one that cannot be had does not keep the others from coming."""
        fetched, failures = [], {}
        for file in files:
            result = self._get_one(file)
            if isinstance(result, Fetched):
                fetched.append(result)
            else:
                failures[file.name] = result
        if failures:
            raise ModelFileError(self._explain(failures))
        return tuple(fetched)

    def _get_one(self, file: ModelFile) -> Fetched | list[str]:
        """The file from the first source whose bytes are right, or why each source had to be passed over."""
        path = self.models_dir / file.name
        if status(file, self.models_dir).state == "present":
            return Fetched(file=file, path=path, source="already there")
        reasons = []
        for source, obtain in self._sources(file):
            try:
                blocks = obtain()
            except ModelFileError as error:
                self.hub_failed |= source == "hub"
                reasons.append(str(error))
                continue
            try:
                _install(file, blocks, path, self._reporter(file, f"checking ({source})"))
                return Fetched(file=file, path=path, source=source)
            except ModelFileError as error:
                reasons.append(f"{source}: {error}")
            finally:
                # After wrong bytes too: which part was wrong cannot be told.
                shutil.rmtree(self._staging(file), ignore_errors=True)
        return reasons

    def _sources(self, file: ModelFile) -> Iterator[tuple[Source, Callable[[], Iterator[bytes]]]]:
        if self.folder is not None:
            folder, names = self.folder, [file.name, *([file.hub_path] if file.hub_path else [])]
            yield "folder", lambda: model_sources.blocks_in_folder(folder, names, file.wheels, file.bytes)
            return
        if file.hub_repo is not None and file.hub_path is not None:
            repo, path, into = file.hub_repo, file.hub_path, self._staging(file) / "hub"
            cached = model_sources.in_hub_cache(repo, path)
            if cached is not None:
                yield "hub cache", lambda: model_sources.blocks_of(cached)
            if not self.offline and not self.hub_failed:
                report = self._reporter(file, "hub")
                yield "hub", lambda: model_sources.blocks_of(self.hub(repo, path, into, report))
        if file.wheels and not self.offline:
            parts_dir, on_bytes = self._staging(file) / "wheels", self._reporter(file, "wheels")
            download = partial(model_sources.download_parts, file.wheels, parts_dir, file.bytes, on_bytes)
            yield "wheels", lambda: model_sources.blocks_of(*download())

    def _staging(self, file: ModelFile) -> Path:
        return self.models_dir / f"{file.name}.parts"

    def _reporter(self, file: ModelFile, source: str) -> OnBytes:
        return lambda done: self.on_progress(file, min(done, file.bytes), file.bytes, source)

    def _explain(self, failures: Mapping[str, Sequence[str]]) -> str:
        reasons = "".join(f"\n  {name}: {'; '.join(why)}" for name, why in failures.items())
        by_folder = (
            "put the files, or the wheels that `qa models` lists, into a folder and type "
            "`qa models fetch --from FOLDER`."
        )
        if self.folder is not None:
            return f"{self.folder} does not give these model files:{reasons}\nTo go on, {by_folder}"
        if self.offline:
            names = ", ".join(failures)
            return f"QA_OFFLINE is set and {self.models_dir} lacks {names}. To go on, {by_folder}"
        return f"These model files could not be had:{reasons}\nType `qa models fetch` again, or {by_folder}"


def _install(file: ModelFile, blocks: Iterator[bytes], path: Path, on_bytes: OnBytes) -> None:
    """Write, check, then rename into place: under its own name there is never anything but the whole file."""
    incoming = path.with_name(f"{path.name}.incoming")
    written = 0
    try:
        with incoming.open("wb") as out:
            for block in blocks:
                written += len(block)
                if written > file.bytes:
                    raise ModelFileError(f"more than the {file.bytes} bytes of {file.name} arrived; dropped")
                out.write(block)
                on_bytes(written)
            out.flush()
            os.fsync(out.fileno())
        state, detail = examine(file, incoming)
        if state != "present":
            raise ModelFileError(f"what arrived as {file.name} is wrong and was dropped: {detail}")
        incoming.replace(path)
    finally:
        incoming.unlink(missing_ok=True)
        incoming.with_name(f"{incoming.name}.verified").unlink(missing_ok=True)
    examine(file, path)
