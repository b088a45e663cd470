"""Documents: real files in real folders, from the five seeds to hostile bytes."""

import hashlib
import os
import random
from pathlib import Path

import pytest

from qa import documents, sentences
from qa.errors import DocumentError, InputError

SEEDS = Path(__file__).parent.parent / "seeds"
SEED_FILES = sorted(SEEDS.glob("*.txt"))

TITLES = {
    "000": "Sec. Kelly Would Rather Send Women, Children Into Danger Than Do His Job",
    "001": "A Senator Used Twitter To Try Saving A Mother & Son From Being Deported",
    "002": "U.S. Chief of Staff, John Kelly, Ordered ICE Officials To Criminalize Immigrants "
    "To Justify Raids",
    "003": "Won't use military for deportations, says Homeland Security Secretary",
    "004": "In Guatemala, Trump’s homeland security chief contradicts new immigration directives",
}
FURNITURE = {
    "000": ["tags: , , , , Blog", "Share This:"],
    "001": ["John Moore/Getty Images News/Getty Images"],
    "002": [
        "Wikimedia Commons",
        "MORE: 30 Employees Walk Out of Baltimore Restaurant Because of ICE Crackdown",
        "PLUS: ICE Arrests Couple in Texas Before Infant's Surgery",
    ],
    "003": ["24/02/2017 21:16 by admin", "- AP"],
    "004": [
        "1 thought on “In Guatemala, Trump’s homeland security chief contradicts new immigration directives”",
        "Comments are closed.",
    ],
}


@pytest.fixture
def read(tmp_path):
    """Writes bytes or text into a file and reads it as a document."""

    def write_and_read(content, name="note.txt"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return documents.read(path, name)

    return write_and_read


def seed(number):
    path = next(path for path in SEED_FILES if path.name.startswith(number))
    return documents.read(path, path.name)


@pytest.mark.parametrize("number", TITLES)
def test_a_seed_is_known_by_its_headline(number):
    assert seed(number).title == TITLES[number]


def test_only_the_seed_with_a_dateline_has_a_date():
    assert {number: seed(number).date for number in TITLES} == {
        "000": None,
        "001": None,
        "002": None,
        "003": "2017-02-24",
        "004": None,
    }


@pytest.mark.parametrize("number", FURNITURE)
def test_the_furniture_of_a_seed_is_marked_and_nothing_else(number):
    document = seed(number)
    assert [document.text[start:end] for start, end in document.skipped] == FURNITURE[number]


@pytest.mark.parametrize("path", SEED_FILES, ids=lambda path: path.name[:3])
def test_no_word_of_a_seed_is_lost(path):
    # The one thing that is repaired in the seeds is a dash which was broken on its way.
    original = path.read_text(encoding="utf-8").replace("â€\u201d", "—")
    assert documents.read(path, path.name).text.split() == original.split()


def test_the_wrapped_seed_reads_as_running_text():
    document = seed("003")
    found = {document.text[start:end] for start, end in sentences.split(document.text)}
    assert '"There will be no — repeat, no — mass deportations."' in found
    assert 'He said the U.S. approach will involve "close coordination" with Mexico\'s government.' in found
    assert "File pic of US Homeland Security Secretary John Kelly" in found
    assert "\n" not in max(found, key=len)


def test_the_digest_and_the_id_are_those_of_text_and_source():
    document = seed("001")
    assert document.sha256 == hashlib.sha256(document.text.encode()).hexdigest()
    assert document.id == hashlib.sha256(document.source.encode()).hexdigest()[:16]


def test_a_file_keeps_its_id_when_its_text_changes(read):
    before, after = read("Kelly said no."), read("Kelly said yes.")
    assert before.id == after.id
    assert before.sha256 != after.sha256


def test_paragraphs_are_kept_apart_by_one_blank_line(read):
    document = read("First one.  \r\n\r\n \t\r\n\r\n   Second\tone.\xa0\r\n\r\n")
    assert document.text == "First one.\n\nSecond one."


def test_lines_that_are_not_wrapped_stay_apart(read):
    lines = [
        f"Paragraph {number} has a sentence. " + "It goes on for a while. " * number for number in range(1, 9)
    ]
    assert read("\n".join(lines)).text == "\n\n".join(line.strip() for line in lines)


def test_wrapped_lines_are_joined_but_headings_lists_and_indents_are_not(read):
    document = read(
        "The raids of February\n"
        "The raids executed by the department began in February and as a result\n"
        "rounded up hundreds of immigrants, many of which had no criminal history\n"
        "at all. The officials were ordered to claim that they were motivated by\n"
        "public safety.\n"
        "    A new paragraph begins with an indent and goes on for two lines until\n"
        "it ends here.\n"
        "\n"
        "- one item of a list that is long enough to be wrapped at the end of its\n"
        "  first line\n"
        "- another item\n"
        "Kelly, then-secretary of the department, had spoken with Mexico of border-\n"
        "crossers.\n"
    )
    assert document.text.split("\n\n") == [
        "The raids of February",
        "The raids executed by the department began in February and as a result rounded up hundreds of "
        "immigrants, many of which had no criminal history at all. The officials were ordered to claim that "
        "they were motivated by public safety.",
        "A new paragraph begins with an indent and goes on for two lines until it ends here.",
        "- one item of a list that is long enough to be wrapped at the end of its first line\n- another item",
        "Kelly, then-secretary of the department, had spoken with Mexico of border-crossers.",
    ]


def test_a_long_line_that_breaks_off_goes_on_below_whatever_the_column(read):
    document = read(
        "Wed 13 May\n"
        "  08:30  Whale watching from the harbour. Children under five\n"
        "         are not taken along.\n"
        "Fri 15 May\n"
    )
    assert document.text.split("\n\n") == [
        "Wed 13 May",
        "08:30 Whale watching from the harbour. Children under five are not taken along.",
        "Fri 15 May",
    ]


def test_who_speaks_begins_a_line_of_his_own(read):
    spoken = [
        "MR LINDEN: I do not think that nine-year-olds should be away.",
        "HOLLIS: We have done it for long,",
    ]
    document = read("\n".join([*spoken, "for eleven years, and nobody was ever sent home from there."]))
    assert document.text.split("\n\n")[0] == spoken[0]


def test_letters_are_called_after_their_subject(read):
    letter = "From: Ann <ann@example.org>\nTo: Bo\nDate: 3 Feb 2026\nSubject: The book\n\nDear Bo,\nyes."
    assert read(letter).title == "The book"
    assert read(letter.replace("Subject: The book\n", "")).title == "From: Ann <ann@example.org>"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("**Landlord:** Ann *or* __Bo__", "Landlord: Ann or Bo"),
        ("***all*** of _it_.", "all of it."),
        ("2 * 3 * 4, a ** b, snake_case_name", "2 * 3 * 4, a ** b, snake_case_name"),
        ("`**kwargs` and `__init__`", "`**kwargs` and `__init__`"),
        ("\\*not this\\*", "\\*not this\\*"),
        ("* an item\n* another", "* an item\n* another"),
    ],
)
def test_marks_of_emphasis_are_taken_out_of_markdown_alone(tmp_path, markdown, text):
    for name, expected in (("a.md", text), ("a.txt", markdown)):
        (tmp_path / name).write_text(markdown)
        assert documents.read(tmp_path / name, name).text == expected


def test_skipped_spans_are_in_order_and_whole_lines(read):
    document = read("Share this:\n\nKelly said no.\n\nComments are closed.\n\nShare this:\n\nHe left.")
    assert [document.text[start:end] for start, end in document.skipped] == [
        "Share this:",
        "Comments are closed.",
        "Share this:",
    ]


def test_front_matter_gives_title_and_date_and_is_not_searched(read):
    document = read('---\ntitle: "Raids in Texas"\ndate: 2017-02-12\n---\n\nICE said so.\n', "raids.md")
    assert (document.title, document.date) == ("Raids in Texas", "2017-02-12")
    searched = document.text
    for start, end in reversed(document.skipped):
        searched = searched[:start] + searched[end:]
    assert searched.strip() == "ICE said so."


def test_a_text_without_a_headline_is_called_after_its_file(read):
    assert (
        read("Kelly said that nobody would be deported.", "kelly_in-Guatemala.txt").title
        == "Kelly in Guatemala"
    )


def test_invisible_characters_are_stripped_and_counted(read):
    document = read("Ke\u200blly \u202esaid\u202c no\U000e0041\U000e0042.")
    assert (document.text, document.hidden_characters) == ("Kelly said no.", 5)


def test_a_bad_file_name_still_makes_a_source_that_can_be_stored(tmp_path):
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("Kelly said no.")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    ((path, source),) = documents.find_files(tmp_path)
    assert documents.read(path, source).source.encode() == b"caf\\udce9.txt"


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "empty.txt", "is empty"),
        (b" \n\t\n", "blank.txt", "holds no text"),
        ("\u200b\u200b".encode(), "invisible.txt", "holds no text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "photo.txt", "is a PNG image"),
        (b"\x7fELF\x02\x01\x01\x00", "program.txt", "is a program"),
        (b"%PDF-1.7\nstream", "paper.md", "is a PDF"),
        (b"Kelly said\x00no", "nul.txt", "holds binary data"),
        (bytes(range(1, 9)) * 40, "controls.txt", "holds binary data"),
        (b"\xff\xfeK\x00e", "cut.txt", "is in an encoding that could not be recognised"),
        (b"Kelly said no.", "note.docx", "is not one of .markdown, .md, .rst, .text, .txt"),
    ],
)
def test_what_is_no_text_is_refused_by_name_with_the_reason(read, content, name, reason):
    with pytest.raises(DocumentError) as refusal:
        read(content, name)
    assert str(refusal.value).startswith(f"{name} {reason}")
    assert ";" in str(refusal.value), "the next step is missing"


def test_a_file_that_is_too_large_is_refused(read, monkeypatch):
    monkeypatch.setattr(documents, "LARGEST_BYTES", 2_000_000)
    with pytest.raises(DocumentError, match="larger than 2 MB; split it"):
        read(b"a" * 2_000_001)


def test_what_is_not_there_or_no_file_is_refused(tmp_path):
    with pytest.raises(DocumentError, match=r"gone\.txt cannot be opened \(no such file"):
        documents.read(tmp_path / "gone.txt", "gone.txt")
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(DocumentError, match=r"folder\.txt is not a regular file"):
        documents.read(tmp_path / "folder.txt", "folder.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(DocumentError, match=r"pipe\.txt is not a regular file"):
        documents.read(tmp_path / "pipe.txt", "pipe.txt")


def test_what_may_not_be_opened_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "secret.txt"
    path.write_text("Kelly said no.")

    def forbid(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbid)
    with pytest.raises(DocumentError, match=r"secret\.txt cannot be opened \(permission denied\); check it"):
        documents.read(path, "secret.txt")


def test_hostile_files_are_read_or_refused_and_nothing_else(read):
    rng = random.Random(7)
    text = "“Peña Nieto” — said: no…\nשלום مرحبا 日本 \u202e\U000e0041\u200d 1. a) --- # title: x\n\n"
    encodings = ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-7", "cp1252", "gb18030", "cp037"]
    read_as_text = 0
    for number in range(200):
        raw = bytearray((text * rng.randint(1, 5)).encode(rng.choice(encodings), "ignore"))
        for _ in range(rng.choice([0, 1, 5, 50])):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        raw = raw[: rng.randint(1, len(raw))] if number % 3 else rng.randbytes(rng.randint(1, 400))
        try:
            document = read(bytes(raw))
        except DocumentError:
            continue
        read_as_text += 1
        assert document.text.strip() == document.text != ""
        assert document.title
        assert all(document.text[start:end].strip() for start, end in document.skipped)
    assert read_as_text > 40


def test_files_are_found_in_order_without_hidden_ones(tmp_path):
    for name in ("b.txt", "a/z.md", "a/photo.png", ".hidden.txt", ".git/config.txt", "a.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("Kelly said no.")
    assert [source for _, source in documents.find_files(tmp_path)] == [
        "a.txt",
        "a/photo.png",
        "a/z.md",
        "b.txt",
    ]


def test_links_out_of_the_folder_are_not_followed(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (inside / "note.txt").write_text("note")
    (inside / "same.txt").symlink_to("note.txt")
    (inside / "leak.txt").symlink_to(outside / "secret.txt")
    (inside / "folder").symlink_to(outside)
    (inside / "loop.txt").symlink_to("loop.txt")
    (inside / "nowhere.txt").symlink_to("missing.txt")
    os.mkfifo(inside / "pipe.txt")
    assert [source for _, source in documents.find_files(inside)] == ["note.txt", "same.txt"]


def test_a_folder_that_is_missing_or_a_file_is_named_with_the_next_step(tmp_path):
    with pytest.raises(InputError, match=r"missing does not exist; create it with: mkdir -p"):
        documents.find_files(tmp_path / "missing")
    (tmp_path / "note.txt").write_text("note")
    with pytest.raises(InputError, match=r"note\.txt is not a folder; name the folder that holds it"):
        documents.find_files(tmp_path / "note.txt")
