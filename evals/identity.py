"""What an answer depends on, as hashes: model, prompts, code, libraries, settings, index, documents.

Two runs with the same identity over the same cases are one run. Knows files; asks nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from evals.types import Case
from qa import Config, Document

# Those that can change a word of an answer or the place of a passage.
_LIBRARIES = (
    "openvino",
    "openvino-genai",
    "onnxruntime",
    "tokenizers",
    "llama-index-core",
    "chromadb",
    "nltk",
    "numpy",
)


def ground_identity(config: Config, model: str | None, index_version: str) -> dict[str, str]:
    """What the answers of anybody over this corpus with this model depend on."""
    return {
        "model": _model(config, model),
        "embedding": _files(sorted(config.models_dir.glob("*.onnx"))) if config.models_dir.is_dir() else "",
        "libraries": ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES),
        "index": index_version,
        "settings": f"chunk_tokens={config.chunk_tokens}",
    }


def own_identity() -> dict[str, str]:
    """What our own answers depend on besides."""
    package = _folder("qa")
    return {
        "checker": _files(sorted(package.rglob("*.onnx"))),
        "prompts": _files([package / "prompts.py"]),
        "code": _files(sorted(package.rglob("*.py"))),
    }


def suite_identity(cases: Iterable[Case], documents: Mapping[str, Document]) -> dict[str, str]:
    """What was asked, of which documents, and by which scorers it was judged."""
    return {
        "cases": digest(sorted(repr(case) for case in cases)),
        "data": documents_digest(documents),
        "scorers": _files(sorted(_folder("evals").rglob("*.py"))),
    }


def documents_digest(documents: Mapping[str, Document]) -> str:
    return digest(sorted((source, document.sha256) for source, document in documents.items()))


def digest(value: object) -> str:
    """16 hexadecimal digits of anything that can be written as JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def code_digest(*names: str) -> str:
    """Of modules that take part in answers, by their names."""
    return _files([Path(spec.origin) for spec in map(find_spec, names) if spec and spec.origin])


def _model(config: Config, name: str | None) -> str:
    if config.llm_url:
        return f"{config.llm_model or 'default'} at {config.llm_url}"
    path = config.models_dir / f"{name}.gguf"
    if name is None or not path.is_file():
        return name or "none"
    with path.open("rb") as file:
        return f"{name} sha256:{hashlib.file_digest(file, 'sha256').hexdigest()[:16]}"


def _files(paths: Sequence[Path]) -> str:
    """Of the contents of files, in their order."""
    contents = hashlib.sha256()
    for path in paths:
        contents.update(path.name.encode() + b"\0")
        with path.open("rb") as file:
            contents.update(hashlib.file_digest(file, "sha256").digest())
    return contents.hexdigest()[:16]


def _folder(package: str) -> Path:
    spec = find_spec(package)
    assert spec and spec.origin
    return Path(spec.origin).parent


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
