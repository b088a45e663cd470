"""Wheels made on the spot, and a package index which is a folder: what pip sees in these tests."""

import hashlib
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from qa.model_files import ModelFile

PARTS = (b"first part, " * 5000, b"second part, " * 5000, b"the third")
WHOLE = b"".join(PARTS)


def part_file(content: bytes = WHOLE, **changes: object) -> ModelFile:
    """A model file whose bytes three wheels carry."""
    values: dict = {
        "name": "small.bin",
        "role": "language model",
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "CC0-1.0",
        "wheels": tuple((f"fake-part{n}==1.0", f"fake_part{n}/data/part.bin") for n in (1, 2, 3)),
    }
    return ModelFile(**{**values, **changes})


def build_wheel(folder: Path, distribution: str, members: Mapping[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    name = distribution.replace("-", "_")
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in members.items():
            archive.writestr(path, content)
        info = f"{name}-1.0.dist-info"
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        tags = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(f"{info}/WHEEL", tags)
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def build_part(folder: Path, number: int, content: bytes | None = None) -> Path:
    data = PARTS[number - 1] if content is None else content
    return build_wheel(folder, f"fake-part{number}", {f"fake_part{number}/data/part.bin": data})


def build_parts(folder: Path) -> None:
    for number in (1, 2, 3):
        build_part(folder, number)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder which is the only package index that pip knows."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder
