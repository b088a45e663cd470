"""The engine's own format of a model file: made once, made whole, made again when it was touched."""

import os
import shutil
import signal

import pytest

from qa import local_model
from qa.errors import ModelError
from qa.local_model import engine_folder, is_prepared
from tests.engine_room import engine_room  # noqa: F401
from tests.serving import wait_until

PREPARE = """
import sys
from pathlib import Path
from qa.local_model import engine_folder
print(engine_folder(Path(sys.argv[1])))
"""
FILES = ["complete.json", "openvino_model.bin", "openvino_model.xml"]


@pytest.fixture
def gguf(room):
    path = room.folder / "models" / "small.gguf"
    path.parent.mkdir()
    path.write_text("quick")
    return path


def beside(gguf):
    """Names of the folders beside the model file."""
    return [path.name for path in gguf.parent.iterdir() if path.is_dir()]


class TestMaking:
    def test_folder_is_made_once_and_holds_no_link_to_the_model_file(self, room, gguf):
        assert not is_prepared(gguf)
        folder = engine_folder(gguf)
        assert is_prepared(gguf) and engine_folder(gguf) == folder
        assert sorted(path.name for path in folder.iterdir()) == FILES
        assert len(room.log("converted")) == 1

    def test_two_processes_at_once_make_it_once(self, room, gguf):
        gguf.write_text("slow")
        processes = [room.python(PREPARE, gguf) for _ in range(2)]
        told = {process.communicate(timeout=30)[0].strip() for process in processes}
        assert told == {str(engine_folder(gguf))}
        assert len(room.log("converted")) == 1

    def test_file_that_the_engine_cannot_open_leaves_nothing_behind(self, room, gguf):
        gguf.write_text("broken")
        with pytest.raises(
            ModelError, match=r"small\.gguf could not be prepared.*this is no model.*qa doctor"
        ):
            engine_folder(gguf)
        assert beside(gguf) == []

    def test_full_disk_is_said_before_anything_is_written(self, room, gguf, monkeypatch):
        full = shutil.disk_usage(gguf)._replace(free=5)
        monkeypatch.setattr("shutil.disk_usage", lambda path: full)
        with pytest.raises(ModelError, match=r"needs 0 MB.*has 0 MB free.*Make room"):
            engine_folder(gguf)
        assert room.log("converted") == [] and beside(gguf) == []

    def test_place_that_cannot_be_written_is_named(self, room, gguf):
        gguf.with_name(f"{local_model._engine_folder(gguf).name}.lock").mkdir()
        with pytest.raises(ModelError, match=r"small-openvino.*QA_MODELS.*qa models fetch"):
            engine_folder(gguf)


class TestMakingAgain:
    def test_half_written_folder_is_made_again(self, room, gguf):
        folder = engine_folder(gguf)
        (folder / "complete.json").unlink()
        (folder / "openvino_model.xml").unlink()
        assert sorted(path.name for path in engine_folder(gguf).iterdir()) == FILES
        assert len(room.log("converted")) == 2

    @pytest.mark.parametrize("change", [b"", b"quick and more", b"crick"])
    def test_changed_file_is_noticed(self, room, gguf, change):
        file = engine_folder(gguf) / "openvino_model.bin"
        file.write_bytes(change)
        assert not is_prepared(gguf)
        assert (engine_folder(gguf) / "openvino_model.bin").read_text() == "quick"

    def test_file_that_is_gone_or_new_is_noticed(self, room, gguf):
        (engine_folder(gguf) / "openvino_model.xml").unlink()
        assert not is_prepared(gguf)
        (engine_folder(gguf) / "another").touch()
        assert not is_prepared(gguf)

    def test_killed_while_making_it_makes_it_whole_the_next_time(self, room, gguf):
        gguf.write_text("slow")
        process = room.python(PREPARE, gguf)
        wait_until(lambda: list(gguf.parent.glob("*/openvino_model.bin")), seconds=20)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert not is_prepared(gguf)
        # The conversion of the killed process is still running.
        folder = engine_folder(gguf)
        assert sorted(path.name for path in folder.iterdir()) == FILES
        assert beside(gguf) == [folder.name]
        assert is_prepared(gguf)
