"""The seeds, searchable, with the real embedding; models that know what the seeds say."""

from pathlib import Path

import pytest

from qa import Assistant, Config
from qa.corpus import Corpus
from qa.embedding import OnnxEmbedding
from qa.reranking import Reranker
from tests.drafting import DraftingModel

SEEDS = Path(__file__).parent.parent / "seeds"

BLOG, FEATURE, LEAK, WIRE = "Would Rather Send Women", "Used Twitter", "Criminalize Immigrants", "Won't use"
REVIEW = "Was the Honduran mother given judicial review?"
DENIED = "She was denied judicial review of her case."
AFFORDED = (
    "The asylum-seeker sought and was afforded judicial review of her claims challenging her removal order."
)
ARRESTS = "How many arrests resulted from the February raids nationwide?"
ARRESTED = "The February raids resulted in 680 arrests nationwide."
MAYOR = "Who is the mayor of Paris?"


@pytest.fixture(scope="module", name="embedder")
def the_embedding_model():
    models_dir = Config.from_env().models_dir
    return OnnxEmbedding.from_folder(models_dir)


@pytest.fixture(scope="module", name="seeds")
def corpus_of_the_seeds(tmp_path_factory, embedder):
    with Corpus.open(Config(data_dir=tmp_path_factory.mktemp("data")), embedder) as corpus:
        corpus.sync(SEEDS)
        yield corpus


@pytest.fixture(name="ask_with")
def assistant_with(seeds, embedder):
    """An assistant over the seeds with a given model."""
    reranker = Reranker.from_folder(Config.from_env().models_dir)
    return lambda model: Assistant(Config(), seeds, embedder, model, reranker)


def drafting(**settings):
    """A model that knows what the seeds say of the review and of the arrests."""
    return DraftingModel({BLOG: DENIED, FEATURE: AFFORDED, LEAK: ARRESTED}, **settings)
