from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from evals import datasets
from evals.datasets import (
    canard,
    chunking,
    clapnq,
    mtrag,
    multihop,
    ragtruth,
    ramdocs,
    squad2,
    summedits,
    wice,
)
from qa import InputError
from tests.rows import put, said

FOLLOW_UP = {
    "id": "C_1#2",
    "title": "The Larks",
    "section": "End",
    "history": said("Who left?", "The singer."),
    "question": "Why?",
    "rewrite": "Why did the singer leave?",
}
LOADERS = {
    "squad2/corpus.jsonl": squad2.questions,
    "clapnq/qa.jsonl": clapnq.questions,
    "multihop_rag/facts.jsonl": multihop.questions,
    "ramdocs/qa.jsonl": ramdocs.questions,
    "mtrag/tasks.jsonl": mtrag.questions,
    "mtrag/rewrites.jsonl": mtrag.rewrites,
    "mtrag/human_eval.jsonl": mtrag.pairs,
    "canard/dev.jsonl": canard.rewrites,
    "chunking/corpus.jsonl": chunking.questions,
    "ragtruth/qa.jsonl": ragtruth.pairs,
    "wice/claims.jsonl": wice.pairs,
    "summedits_news/claims.jsonl": summedits.pairs,
}


@pytest.mark.parametrize("name", LOADERS)
def test_missing_file_is_named_with_its_folder_and_where_it_is_published(tmp_path, name):
    with pytest.raises(InputError) as error:
        LOADERS[name](tmp_path)
    assert name in str(error.value)
    assert str(tmp_path) in str(error.value)
    assert "https://" in str(error.value)
    assert "--data" in str(error.value)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"question": None}, "question"),
        ({"rewrite": 7}, "rewrite"),
        ({"history": [{"role": "judge", "text": "?"}]}, "history.0.role"),
        ({"id": 3}, "id"),
    ],
)
def test_broken_row_is_named_by_file_line_and_field(tmp_path, change, field):
    put(tmp_path, "canard/dev.jsonl", FOLLOW_UP, FOLLOW_UP | {"id": "C_1#3"} | change)
    with pytest.raises(InputError) as error:
        canard.rewrites(tmp_path)
    assert f"dev.jsonl, line 2: {field}: " in str(error.value)


def test_missing_field_is_named(tmp_path):
    put(tmp_path, "canard/dev.jsonl", {name: FOLLOW_UP[name] for name in FOLLOW_UP if name != "rewrite"})
    with pytest.raises(InputError, match="line 1: rewrite: "):
        canard.rewrites(tmp_path)


@pytest.mark.parametrize("line", ["{", "[]", '"a"', "null"])
def test_line_that_is_no_row_is_named(tmp_path, line):
    put(tmp_path, "canard/dev.jsonl", FOLLOW_UP)
    with (tmp_path / "canard/dev.jsonl").open("a") as file:
        file.write(f"\n{line}\n")
    with pytest.raises(InputError, match="line 3: the row: "):
        canard.rewrites(tmp_path)


def test_an_id_used_twice_is_refused(tmp_path):
    put(tmp_path, "canard/dev.jsonl", FOLLOW_UP, FOLLOW_UP)
    with pytest.raises(InputError, match="line 2: id: 'C_1#2' is used twice"):
        canard.rewrites(tmp_path)


def test_file_that_is_no_text_is_refused(tmp_path):
    put(tmp_path, "canard/dev.jsonl")
    (tmp_path / "canard/dev.jsonl").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(InputError, match="cannot be read"):
        canard.rewrites(tmp_path)


def test_a_separator_inside_a_text_ends_no_line(tmp_path):
    put(tmp_path, "canard/dev.jsonl", FOLLOW_UP | {"question": "Why\u2028then?"})
    assert canard.rewrites(tmp_path).cases[0].question == "Why\u2028then?"


def test_fields_that_nobody_uses_may_be_there(tmp_path):
    put(tmp_path, "canard/dev.jsonl", FOLLOW_UP | {"annotator": 7})
    assert len(canard.rewrites(tmp_path).cases) == 1


def test_the_readme_says_where_every_set_is_published():
    loaders = [import_module(f"evals.datasets.{found.name}") for found in iter_modules(datasets.__path__)]
    published = [loader.PUBLISHED.split()[0] for loader in loaders if hasattr(loader, "PUBLISHED")]
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    assert len(published) == 11
    assert [address for address in published if f" {address} |" not in readme] == []
