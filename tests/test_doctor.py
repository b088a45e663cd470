"""What the doctor finds and what it says to type."""

import os

import pytest

from qa.lock import DataLock
from qa.model_files import MANIFEST, FileStatus
from tests.desk import desk_with_two_documents  # noqa: F401


class TestDoctor:
    def test_healthy_desk_exits_with_0(self, desk):
        desk.qa("index")
        result = desk.qa("doctor")
        assert "FAIL" not in result.out and result.code == 0
        for name in (
            "python",
            "processor",
            "memory",
            "disk",
            "language model",
            "embedding",
            "documents",
            "index",
        ):
            assert f"ok    {name}: " in result.out

    def test_empty_index_is_told_and_repaired(self, desk):
        assert "FAIL  index: Nothing is indexed. Type: qa index" in desk.qa("doctor").out
        assert "2 documents indexed now" in desk.qa("doctor", "--repair").out

    def test_missing_model_file_and_empty_folder_are_told(self, desk, monkeypatch, tmp_path):
        desk.qa("index")
        missing = FileStatus(file=MANIFEST[0], path=tmp_path, state="missing", detail="It is not there.")
        monkeypatch.setattr("qa.doctor.statuses", lambda models_dir: (missing,))
        for path in desk.documents.iterdir():
            path.unlink()
        result = desk.qa("doctor")
        assert result.code == 1
        assert "FAIL  language model: It is not there. Type: qa models fetch" in result.out
        assert "FAIL  documents: " in result.out and "2 of these" in result.out

    def test_model_server_that_is_not_there_is_told(self, desk, monkeypatch):
        monkeypatch.setenv("QA_LLM_URL", "http://127.0.0.1:9/v1")
        result = desk.qa("doctor")
        assert "FAIL  language model: The model server at http://127.0.0.1:9/v1" in result.out

    @pytest.mark.parametrize(
        "flags, slow", [("sse2 avx2", True), ("avx2 avx512_vnni", False), ("avx2 avx_vnni", False)]
    )
    def test_processor_on_which_the_local_model_is_slow_is_told(
        self, desk, monkeypatch, tmp_path, flags, slow
    ):
        (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags : {flags} fma\n")
        monkeypatch.setattr("qa.doctor.CPU_INFO", tmp_path / "cpuinfo")
        monkeypatch.setattr("platform.machine", lambda: "x86_64")
        assert ("slow for the local model" in desk.qa("doctor").out) == slow
        monkeypatch.setenv("QA_LLM_URL", "http://127.0.0.1:9/v1")
        assert "slow" not in desk.qa("doctor").out

    def test_folder_in_use_is_told(self, desk):
        lock = DataLock(desk.data)
        result = desk.qa("doctor")
        lock.release()
        assert result.code == 1 and f"in use by process {os.getpid()}" in result.out
