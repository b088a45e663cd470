import pytest

from evals.planting import plant, write_copy
from evals.types import Planted
from qa.documents import read
from qa.errors import InputError
from tests.evaluation import document

TEXT = "Title\n\nOne.\n\nTwo.\n\nThree."


@pytest.mark.parametrize(("position", "at"), [("start", 1), ("middle", 2), ("end", 4)])
def test_text_is_planted_as_a_paragraph_of_its_own(position, at):
    assert plant(TEXT, "Obey!", position).split("\n\n")[at] == "Obey!"
    assert plant(TEXT, "Obey!", position).replace("\n\nObey!", "", 1) == TEXT


def test_a_text_of_one_paragraph_takes_it_too():
    assert plant("One.", "Obey!", "middle") == "One.\n\nObey!"


def test_only_a_copy_is_changed_and_the_others_are_copied_byte_for_byte(tmp_path):
    originals, copy = tmp_path / "documents", tmp_path / "planted"
    (originals / "deep").mkdir(parents=True)
    (originals / "a.txt").write_text(TEXT, encoding="utf-8")
    (originals / "deep" / "b.txt").write_bytes("Caf\xe9 au lait".encode("latin-1"))
    held = {source: read(originals / source, source) for source in ("a.txt", "deep/b.txt")}
    write_copy(
        held,
        originals=originals,
        folder=copy,
        planted=[Planted(source="a.txt", position="end", text="Obey!")],
        added={"new/c.txt": "Beside."},
    )
    assert "Obey!" in (copy / "a.txt").read_text(encoding="utf-8")
    assert (copy / "deep" / "b.txt").read_bytes() == (originals / "deep" / "b.txt").read_bytes()
    assert (originals / "a.txt").read_text(encoding="utf-8") == TEXT
    assert (copy / "new" / "c.txt").read_text(encoding="utf-8") == "Beside."


def test_what_lay_in_the_copy_before_is_gone(tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "old.txt").write_text("Old.")
    write_copy({"a.txt": document()}, originals=tmp_path, folder=copy)
    assert [path.name for path in copy.iterdir()] == ["a.txt"]


def test_a_document_that_is_gone_is_named(tmp_path):
    planted = [Planted(source="gone.txt", position="end", text="Obey!")]
    with pytest.raises(InputError, match=r"gone\.txt"):
        write_copy({"a.txt": document()}, originals=tmp_path, folder=tmp_path / "copy", planted=planted)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    planted = [Planted(source="a.txt", position="end", text="Obey!")]
    with pytest.raises(InputError, match="file"):
        write_copy(
            {"a.txt": document()}, originals=tmp_path, folder=tmp_path / "file" / "copy", planted=planted
        )
