"""What an answer needs, looked at piece by piece: the machine, the model files, the documents, the index.

Each check gives a sentence or fails with an error that names the next step. Changes nothing but what opening
the corpus heals by itself; with `repair` the documents folder is indexed as well.
"""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx

from qa.client import Client
from qa.config import Config
from qa.corpus import Corpus
from qa.documents import find_files
from qa.errors import DataError, InputError, ModelError, ModelFileError, QAError
from qa.lock import Owner, find_owner
from qa.model_files import LANGUAGE_MODEL, statuses

LOCAL_MODEL_BYTES = 4_000_000_000
"""Memory that the local language model needs, with the system around it."""
WORKING_BYTES = 500_000_000

CPU_INFO = Path("/proc/cpuinfo")
EIGHT_BIT_INSTRUCTIONS = frozenset({"avx512_vnni", "avx_vnni", "amx_int8"})
"""One of them makes the local model read about 200 tokens a second on two cores; without, it is about 33."""

OpenCorpus = Callable[[], AbstractContextManager[Corpus]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    """What was found; when it is not as it must be, also what to type next."""


def examine(config: Config, repair: bool, open_corpus: OpenCorpus) -> Iterator[Check]:
    """Every check, as soon as it is done."""
    yield _check("python", _python)
    yield _check("processor", lambda: _processor(config, CPU_INFO))
    yield _check("memory", lambda: _memory(config))
    yield _check("disk", lambda: _disk(config.data_dir))
    for name, look in _model_checks(config):
        yield _check(name, look)
    yield _check("documents", lambda: _documents(config))
    owner = find_owner(config.data_dir)
    if owner is None:
        yield Check(name="server", ok=True, detail="none runs on this data folder; `qa serve` starts one")
        yield _check("index", lambda: _index(config, repair, open_corpus))
    else:
        yield _check("server", lambda: _server(config, owner))


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name=name, ok=True, detail=look())
    except QAError as error:
        return Check(name=name, ok=False, detail=str(error))


def _python() -> str:
    version = platform.python_version()
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise InputError(
            f"Python {version} is not supported. Make the environment with 3.11 to 3.13: make setup"
        )
    return version


def _processor(config: Config, cpu_info: Path) -> str:
    told = f"{os.cpu_count()} cores, {platform.machine()}"
    try:
        flags = set(cpu_info.read_text().split())
    except OSError:
        return told
    if platform.machine() != "x86_64" or config.llm_url or flags & EIGHT_BIT_INSTRUCTIONS:
        return told
    return (
        f"{told}; slow for the local model, which takes some six times as long without the instructions "
        "VNNI: 15 to 50 s an answer. A model server (QA_LLM_URL) does not need them"
    )


def _memory(config: Config) -> str:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return "this system does not tell"
    if total < LOCAL_MODEL_BYTES and config.llm_url is None:
        raise ModelError(
            f"{total / 1e9:.1f} GB; the local model needs {LOCAL_MODEL_BYTES / 1e9:.0f} GB. "
            "Set QA_LLM_URL to a model server on a larger machine."
        )
    return f"{total / 1e9:.1f} GB"


def _disk(data_dir: Path) -> str:
    place = next(folder for folder in (data_dir.absolute(), *data_dir.absolute().parents) if folder.exists())
    if not os.access(place, os.W_OK):
        raise DataError(
            f"{place} cannot be written. Change its permissions, or set QA_DATA to another folder."
        )
    free = shutil.disk_usage(place).free
    if free < WORKING_BYTES:
        raise DataError(
            f"{free / 1e6:.0f} MB are free at {place}; {WORKING_BYTES / 1e6:.0f} MB are needed. "
            "Make room, or set QA_DATA to a folder on another disk."
        )
    return f"{free / 1e9:.0f} GB free at {place}"


def _model_checks(config: Config) -> Iterator[tuple[str, Callable[[], str]]]:
    for found in statuses(config.models_dir):
        if found.file.name == LANGUAGE_MODEL and config.llm_url is not None:
            continue

        def look(state: str = found.state, detail: str = found.detail, name: str = found.file.name) -> str:
            if state != "present":
                raise ModelFileError(f"{detail} Type: qa models fetch")
            return name

        yield found.file.role, look
    if config.llm_url is not None:
        yield "language model", lambda: _model_server(config)


def _model_server(config: Config) -> str:
    headers = {"authorization": f"Bearer {config.llm_key}"} if config.llm_key else {}
    try:
        reply = httpx.get(f"{config.llm_url}/models", headers=headers, timeout=5.0)
        reply.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ModelError(
            f"The model server at {config.llm_url} does not answer as it should ({error}). "
            "Start it, or correct QA_LLM_URL and QA_LLM_KEY."
        ) from error
    return f"{config.llm_model or 'a model'} at {config.llm_url}"


def _documents(config: Config) -> str:
    files = find_files(config.documents_dir)
    if not files:
        raise InputError(f"{config.documents_dir} is empty. Put documents there, then type: qa index")
    return f"{len(files)} files in {config.documents_dir}"


def _server(config: Config, owner: Owner) -> str:
    if owner.address is None:
        raise DataError(
            f"{config.data_dir} is in use by process {owner.pid} ({owner.command}): the index was not looked "
            "at. Wait until it has finished, then type: qa doctor"
        )
    with Client(owner.address, config.token) as client:
        health = client.health()
    return f"{owner.address} answers from {health['documents']} documents, engine {health['engine']}"


def _index(config: Config, repair: bool, open_corpus: OpenCorpus) -> str:
    # Opening audits the index against the ledger and builds it again when they disagree.
    with open_corpus() as corpus:
        report = corpus.sync(config.documents_dir) if repair else None
        healed = f"; built again from the ledger: {corpus.repaired}" if corpus.repaired else ""
        records = corpus.ledger.records()
        indexed = [record for record in records if record.state == "ready"]
        pending = [record.source for record in records if record.state == "pending"]
        stale = pending + list(corpus.outdated())
    if report is not None:
        healed += f"; {len(report.added) + len(report.changed)} documents indexed now"
    if not indexed:
        raise DataError("Nothing is indexed. Type: qa index")
    if stale:
        raise DataError(f"{len(stale)} documents must be indexed again, {stale[0]} for one. Type: qa index")
    return f"{len(indexed)} documents; ledger and index agree{healed}"
