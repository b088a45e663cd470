"""Only the published bytes are given out, whatever happened to the file."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from qa import model_files
from qa.config import Config
from qa.errors import InputError, ModelFileError
from qa.model_files import MANIFEST, locate, statuses
from tests.wheels import WHOLE, part_file

FILE = part_file()


def put(models_dir: Path, content: bytes = WHOLE) -> Path:
    path = models_dir / FILE.name
    path.write_bytes(content)
    return path


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of files as they are hashed from now on."""
    names = []
    digest = hashlib.file_digest

    def counting(file, algorithm):
        names.append(Path(file.name).name)
        return digest(file, algorithm)

    monkeypatch.setattr(hashlib, "file_digest", counting)
    return names


def test_the_manifest_is_what_make_setup_has_put_in_place():
    found = statuses(Config.from_env().models_dir)
    assert [(status.file.name, status.state, status.detail) for status in found] == [
        (file.name, "present", "") for file in MANIFEST
    ]


def test_every_file_of_the_manifest_can_come_from_wheels_alone():
    for file in MANIFEST:
        assert len(file.sha256) == 64 and file.wheels, file.name
        assert all("==" in requirement for requirement, _ in file.wheels), file.name


def test_a_right_file_is_located(tmp_path: Path):
    path = put(tmp_path)
    assert locate(FILE.name, tmp_path, [FILE]) == path


def test_a_missing_file_is_named_with_the_command_that_gets_it(tmp_path: Path):
    with pytest.raises(ModelFileError, match=r"language model .*small\.bin is not there.*`qa models fetch`"):
        locate(FILE.name, tmp_path, [FILE])


@pytest.mark.parametrize("percent", [0, 1, 50, 99])
def test_a_cut_file_is_named_with_what_was_expected_and_found(tmp_path: Path, percent: int):
    cut = WHOLE[: len(WHOLE) * percent // 100]
    path = put(tmp_path, cut)
    with pytest.raises(ModelFileError) as caught:
        locate(FILE.name, tmp_path, [FILE])
    message = str(caught.value)
    assert str(path) in message and f"has {len(cut)} bytes, {len(WHOLE)} were" in message
    assert path.read_bytes() == cut


@pytest.mark.parametrize(
    "content",
    [flipped(WHOLE), WHOLE[::-1], b"<!DOCTYPE html><title>403</title>".ljust(len(WHOLE))],
    ids=["one bit", "reversed", "web page"],
)
def test_a_file_of_the_right_size_and_other_bytes_is_refused(tmp_path: Path, content: bytes):
    put(tmp_path, content)
    with pytest.raises(ModelFileError) as caught:
        locate(FILE.name, tmp_path, [FILE])
    assert FILE.sha256 in str(caught.value) and hashlib.sha256(content).hexdigest() in str(caught.value)


def test_a_web_page_saved_under_the_files_name_is_refused(tmp_path: Path):
    put(tmp_path, b"<!DOCTYPE html><title>Sign in</title>")
    assert [status.state for status in statuses(tmp_path, [FILE])] == ["wrong"]


def test_a_large_file_is_hashed_once_and_again_when_it_was_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(model_files, "_REMEMBERED_FROM_BYTES", 0)
    names = hashed(monkeypatch)
    path = put(tmp_path)
    for _ in range(3):
        locate(FILE.name, tmp_path, [FILE])
    assert names == [FILE.name]
    os.utime(path)
    locate(FILE.name, tmp_path, [FILE])
    assert names == [FILE.name] * 2


def test_a_bit_flipped_with_the_old_modification_time_put_back_is_still_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(model_files, "_REMEMBERED_FROM_BYTES", 0)
    path = put(tmp_path)
    locate(FILE.name, tmp_path, [FILE])
    before = path.stat()
    with path.open("r+b") as file:
        file.write(flipped(WHOLE))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    with pytest.raises(ModelFileError, match="SHA-256"):
        locate(FILE.name, tmp_path, [FILE])


@pytest.mark.parametrize("noted", ["", "{", "[]", "null", json.dumps({"sha256": FILE.sha256})])
def test_a_damaged_note_of_an_earlier_check_counts_for_nothing(tmp_path: Path, noted: str):
    put(tmp_path, flipped(WHOLE))
    (tmp_path / f"{FILE.name}.verified").write_text(noted)
    with pytest.raises(ModelFileError, match="SHA-256"):
        locate(FILE.name, tmp_path, [FILE])


def test_a_link_to_the_right_file_is_as_good_as_the_file(tmp_path: Path):
    (tmp_path / "elsewhere").write_bytes(WHOLE)
    (tmp_path / FILE.name).symlink_to(tmp_path / "elsewhere")
    assert locate(FILE.name, tmp_path, [FILE]) == tmp_path / FILE.name


def test_a_link_to_nothing_says_so(tmp_path: Path):
    (tmp_path / FILE.name).symlink_to(tmp_path / "gone")
    with pytest.raises(ModelFileError, match="link to nothing"):
        locate(FILE.name, tmp_path, [FILE])


def test_a_folder_or_a_pipe_in_the_files_place_is_refused_without_reading(tmp_path: Path):
    (tmp_path / FILE.name).mkdir()
    other = part_file(name="pipe.bin")
    os.mkfifo(tmp_path / other.name)
    for file in (FILE, other):
        with pytest.raises(ModelFileError, match="not a regular file"):
            locate(file.name, tmp_path, [FILE, other])


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    put(tmp_path)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(hashlib, "file_digest", refuse)
    with pytest.raises(ModelFileError, match=r"small\.bin cannot be read: Permission denied"):
        locate(FILE.name, tmp_path, [FILE])


def test_a_name_that_is_not_in_the_manifest_lists_those_that_are(tmp_path: Path):
    with pytest.raises(InputError, match=r"'big\.bin' is not a model file.*small\.bin"):
        locate("big.bin", tmp_path, [FILE])
