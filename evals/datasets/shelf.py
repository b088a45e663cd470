"""A question set made searchable: its documents as files, indexed in a data folder of their own.

Knows files and the settings of the engine; knows no data set and asks nothing.
"""

import re
from dataclasses import replace
from pathlib import Path

from evals.datasets.values import QuestionSet
from qa import Config, Corpus, InputError, OnnxEmbedding

_OURS = re.compile(r"-[0-9a-f]{8}\.txt$")


def shelve(questions: QuestionSet, folder: Path, config: Config) -> Config:
    """Write the documents below `folder` and index them; what is there already is not done again.

    Returns:
        The settings with which an assistant finds these documents and no others.

    Raises:
        InputError: the folder cannot be written, or a document could not be indexed.
    """
    shelf = replace(
        config,
        documents_dir=folder / questions.name / "documents",
        data_dir=folder / questions.name / "data",
    )
    _write(questions, shelf.documents_dir)
    embedder = OnnxEmbedding.from_folder(shelf.models_dir)
    with Corpus.open(shelf, embedder) as corpus:
        report = corpus.sync(shelf.documents_dir)
    if report.skipped:
        source, reason = report.skipped[0]
        raise InputError(
            f"{len(report.skipped)} documents of {questions.name} were not indexed, the first is {source}: "
            f"{reason}"
        )
    return shelf


def _write(questions: QuestionSet, folder: Path) -> None:
    contents = {text.source: text.content.encode("utf-8", "replace") for text in questions.texts}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            if _OURS.search(path.name) and path.name not in contents:
                path.unlink()
        for source, content in contents.items():
            path = folder / source
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)
    except OSError as error:
        raise InputError(
            f"The documents of {questions.name} cannot be written to {folder} ({error}); name another folder."
        ) from error
