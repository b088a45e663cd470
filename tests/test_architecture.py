"""The shape of the project, read from its syntax trees: who may import whom, and how big things get."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import qa

ROOT = Path(__file__).parent.parent

# From the bottom to the top. A module imports only what stands before it, in its own row too.
LAYERS = {
    "values": "errors types",
    "text": "plain_text keywords decoding columns dates page linguistics sentences outline tokens",
    "language": "facts speakers languages",
    "spelling": "spelling",
    "settings and questions": "config questions answer_type",
    "documents": "documents chunking lock",
    "model files": "model_sources model_files model_fetch",
    "models": "prompts models engine conversion local_model remote_model embedding reranking support",
    "store": "catalogue schema records ledger index derived_index shelving uploads visits corpus",
    "retrieval": "retrieval",
    "evidence": "followup quoting ranking evidence",
    "grounding": "grounding wording judgement reading settlement composition",
    "assistant": "assistant",
    "service": "problems waiting_line login gate document_page answer_cache service",
    "server": "routing rest rest_documents rest_openai tools server client",
    "command line": "doctor opening last_conversation rendering chat cli",
}
ORDER = [module for row in LAYERS.values() for module in row.split()]

# One library, one home: whoever replaces it has one file to change.
HOMES = {
    "chromadb": {"index"},
    "llama_index.vector_stores": {"index"},
    "tiktoken": {"tokens"},
    "openvino": {"conversion"},
    "openvino_genai": {"engine", "conversion"},
    "llama_index.llms": {"remote_model"},
    "openai": {"remote_model"},
    "onnxruntime": {"embedding"},
    "nltk": {"linguistics"},
    "sqlite3": {"ledger"},
    "py3langid": {"languages"},
    "huggingface_hub": {"model_sources"},
    "fastapi": set("login routing rest rest_documents rest_openai server app evaluation shelf".split()),
    "mcp": {"tools"},
    "typer": {"cli"},
    "gradio": {"app"},
    "torch": set(),
    "requests": set(),
}
COMPOSITION_ROOT = "opening"
# Also where an assistant is put together: the client of a server that most do without takes long to import.
LATE_IMPORTS = {COMPOSITION_ROOT, "assistant"}


@cache
def trees(package: str) -> dict[str, ast.Module]:
    """Syntax tree of every module of a package, by module name."""
    return {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / package).glob("*.py")}


def imported(tree: ast.AST) -> Iterator[str]:
    """Full names of everything that is imported anywhere: `from qa import facts` gives `qa.facts`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def is_from(name: str, library: str) -> bool:
    return name == library or name.startswith(f"{library}.")


class TestReading:
    """The tests below are worth what these functions see."""

    def test_imports_are_seen_wherever_they_stand(self):
        code = """
import chromadb.config, os as system
from qa import facts
from qa.types import Answer as A
if TYPE_CHECKING:
    from qa.corpus import Corpus
def late():
    import tiktoken
"""
        assert set(imported(ast.parse(code))) == {
            "chromadb.config",
            "os",
            "qa.facts",
            "qa.types.Answer",
            "qa.corpus.Corpus",
            "tiktoken",
        }

    def test_every_module_has_a_place_in_the_order(self):
        assert sorted(ORDER) == sorted(trees("qa").keys() - {"__init__"})


class TestDirections:
    @pytest.mark.parametrize("module", ORDER)
    def test_module_imports_only_what_is_below_it(self, module):
        ours = {name.split(".")[1] for name in imported(trees("qa")[module]) if is_from(name, "qa")}
        assert ours <= set(ORDER[: ORDER.index(module)])

    def test_engine_process_knows_nothing_of_the_project(self):
        assert not [name for name in imported(trees("qa")["engine"]) if is_from(name, "qa")]

    @pytest.mark.parametrize("package", ["evals", "evals/datasets", "evals/scorers", "ui"])
    def test_guests_import_only_public_names_of_the_engine(self, package):
        for module, tree in trees(package).items():
            ours = {name for name in imported(tree) if is_from(name, "qa")}
            assert ours <= {f"qa.{name}" for name in qa.__all__}, module

    def test_engine_knows_the_web_chat_only_where_it_is_put_together(self):
        users = {m for m, tree in trees("qa").items() if any(is_from(name, "ui") for name in imported(tree))}
        assert users == {COMPOSITION_ROOT}

    def test_public_names_are_there(self):
        assert all(getattr(qa, name) for name in qa.__all__)

    @pytest.mark.parametrize("package", ["qa", "evals", "evals/datasets", "evals/scorers", "ui"])
    def test_imports_stand_at_the_top_but_where_things_are_put_together(self, package):
        late = {
            module
            for module, tree in trees(package).items()
            for function in functions(tree)
            if any(imported(function))
        }
        assert late <= LATE_IMPORTS


class TestLibraries:
    @pytest.mark.parametrize("library", HOMES)
    def test_library_is_imported_in_its_home_only(self, library):
        users = {
            module
            for package in ("qa", "evals", "ui")
            for module, tree in trees(package).items()
            if any(is_from(name, library) for name in imported(tree))
        }
        # The evaluation is a command of its own.
        assert users - {"command"} == HOMES[library]

    @pytest.mark.parametrize("package", ["qa", "evals", "ui", "tests"])
    def test_global_settings_of_llama_index_are_used_nowhere(self, package):
        for module, tree in trees(package).items():
            names = [name.lower() for name in imported(tree)]
            assert not any(is_from(name, "llama_index.core.settings") for name in names), module


class TestSizes:
    @pytest.mark.parametrize(
        "package", ["qa", "evals", "evals/datasets", "evals/scorers", "tests", "ui", "ui/static"]
    )
    def test_no_file_is_longer_than_a_reader_bears(self, package):
        written = [path for path in (ROOT / package).iterdir() if path.suffix in (".py", ".js", ".css")]
        sizes = {path.name: len(path.read_text().splitlines()) for path in written}
        assert sizes
        assert {name: size for name, size in sizes.items() if size > 350} == {}

    @pytest.mark.parametrize("package", ["qa", "evals", "evals/datasets", "evals/scorers", "ui"])
    def test_functions_fit_the_eye(self, package):
        sizes = {
            f"{module}.{function.name}": function.end_lineno - function.lineno + 1
            for module, tree in trees(package).items()
            for function in functions(tree)
        }
        assert {name: size for name, size in sizes.items() if size > 60} == {}
        assert sum(size > 35 for size in sizes.values()) <= len(sizes) / 10
