"""Questions that many documents answer, each in its own way."""

import pytest

from qa import Assistant, Config
from qa.corpus import Corpus
from tests.drafting import DraftingModel
from tests.library import the_embedding_model  # noqa: F401

BRIDGES = {"chester": "Pennsylvania", "moose": "Alberta", "sarnia": "Ontario", "tunbridge": "Vermont"}
DRAFTS = {town.title(): f"It is in {town.title()}, {region}." for town, region in BRIDGES.items()}


@pytest.fixture(name="ask")
def ask_of_the_bridges(tmp_path, embedder):
    """Whoever is given a model answers where the bridge is, of which every document knows another one."""
    folder = tmp_path / "documents"
    folder.mkdir()
    for town, region in BRIDGES.items():
        text = f"{town.title()} bridge\n\nLarkin Covered Bridge is located in {town.title()}, {region}."
        (folder / f"{town}.txt").write_text(text)
    config = Config(data_dir=tmp_path / "data")
    with Corpus.open(config, embedder) as corpus:
        corpus.sync(folder)
        yield lambda model: Assistant(config, corpus, embedder, model).ask(
            "Where is the Larkin Covered Bridge located?"
        )


@pytest.mark.parametrize("model", [None, DraftingModel(DRAFTS)], ids=["without a model", "with one"])
def test_every_document_that_speaks_of_the_same_thing_is_heard(ask, model):
    answer = ask(model)
    assert {citation.source for citation in answer.citations} == {f"{town}.txt" for town in BRIDGES}
    assert all(region in answer.answer for region in BRIDGES.values())
