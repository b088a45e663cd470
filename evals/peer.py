"""The peer: llama-index's stock `CitationQueryEngine`, with our model, our embedding, our chunks and vectors.

What is measured beside us is what its users get: prompts, splitting and settings of its documentation
(three nodes), a conversation by its stock question condenser. It has no field for a refusal, so its words are
read for one; it makes no statement on single sentences, so its answers have none. A mark that points to no
source stays in the text and has no citation.
"""

import re
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence

from llama_index.core import VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.base.llms.types import (
    ChatMessage,
    CompletionResponse,
    CompletionResponseGen,
    LLMMetadata,
    MessageRole,
)
from llama_index.core.base.response.schema import Response
from llama_index.core.chat_engine import CondenseQuestionChatEngine
from llama_index.core.llms import CustomLLM
from llama_index.core.llms.callbacks import llm_completion_callback
from llama_index.core.memory import ChatMemoryBuffer
from llama_index.core.query_engine import CitationQueryEngine
from llama_index.core.schema import NodeWithScore, TextNode
from llama_index.core.vector_stores import FilterOperator, MetadataFilter, MetadataFilters
from pydantic import PrivateAttr

from evals.citing import citation_of
from evals.refusals import is_refusal
from qa import (
    Answer,
    Assistant,
    Document,
    InputError,
    LanguageModel,
    Passage,
    Prompt,
    Timings,
    Turn,
    Usage,
)

NAME = "llama-index CitationQueryEngine"
SOURCES = 3
"""Nodes that are read for a question, as its documentation has it."""
WINDOW_TOKENS, OUTPUT_TOKENS = 8000, 256
_SYSTEM = "You are a helpful assistant."
# `document_id` in the metadata of a node is overwritten by the vector store.
_DOCUMENT = "document_of_the_corpus"

Ask = Callable[[str, Sequence[Turn], Sequence[str]], Answer]

_MARKS = re.compile(r"\[(?:sources? )?(\d+(?:(?:,| and|,? and)? ?(?:sources? )?\d+)*)\]", re.IGNORECASE)


def peer(assistant: Assistant, embedder: BaseEmbedding) -> Ask:
    """A function that answers as `assistant.ask` does, over the same corpus with the same model.

    Args:
        embedder: that which the corpus was indexed with.

    Raises:
        InputError: the assistant has no language model.
    """
    model = assistant.model
    if model is None:
        raise InputError("The peer needs a language model, and there is none. Type: qa models fetch")
    documents = {document.id: document for document in assistant.corpus.ledger.documents()}
    index = VectorStoreIndex(nodes=_nodes(assistant), embed_model=embedder)
    version = assistant.corpus.ledger.index_version()

    def ask(question: str, history: Sequence[Turn] = (), only: Sequence[str] = ()) -> Answer:
        llm = ModelForLlamaIndex(model)
        engine = CitationQueryEngine.from_args(
            index, llm=llm, similarity_top_k=SOURCES, filters=_filters(only) if only else None
        )
        began = time.monotonic()
        standalone, response = _respond(engine, llm, question, history)
        ended = time.monotonic()
        return _answer(
            question,
            standalone,
            response,
            documents,
            f"{NAME}, {model.name}",
            version,
            llm.timings(began, ended, condensed=bool(history)),
            llm.usage,
        )

    return ask


class ModelForLlamaIndex(CustomLLM):
    """Our language model in the form in which llama-index asks one; made for one question."""

    _model: LanguageModel = PrivateAttr()
    _calls: list[tuple[float, float]] = PrivateAttr(default_factory=list)
    _usage: Usage = PrivateAttr(default=Usage(prompt_tokens=0, completion_tokens=0))

    def __init__(self, model: LanguageModel) -> None:
        super().__init__()
        self._model = model

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(
            context_window=WINDOW_TOKENS, num_output=OUTPUT_TOKENS, model_name=self._model.name
        )

    @property
    def usage(self) -> Usage:
        """Of all its calls."""
        return self._usage

    def timings(self, began: float, ended: float, condensed: bool) -> Timings:
        """Where the time between the two moments went."""
        marks = [(began, began), *self._calls] if not condensed else self._calls
        if len(marks) < 2:
            marks = [(began, began), (ended, ended)]
        written = sum(end - start for start, end in marks[1:])
        return Timings(
            standalone_ms=_ms(marks[0][1] - began),
            retrieve_ms=_ms(marks[1][0] - marks[0][1]),
            draft_ms=_ms(written),
            check_ms=0,
            # It shows nothing before it is done.
            first_sentence_ms=_ms(ended - began),
            total_ms=_ms(ended - began),
        )

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: object) -> CompletionResponse:
        began, text = time.monotonic(), ""
        asked = Prompt(system=_SYSTEM, user=prompt)
        for piece in self._model.write([asked], OUTPUT_TOKENS, threading.Event()):
            text += piece.text
            self._usage = Usage(
                prompt_tokens=self._usage.prompt_tokens + piece.prompt_tokens,
                completion_tokens=self._usage.completion_tokens + piece.completion_tokens,
            )
        self._calls.append((began, time.monotonic()))
        return CompletionResponse(text=text.strip())

    @llm_completion_callback()
    def stream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: object
    ) -> CompletionResponseGen:
        whole = self.complete(prompt, formatted=formatted, **kwargs)
        return (each for each in [CompletionResponse(text=whole.text, delta=whole.text)])


def _nodes(assistant: Assistant) -> list[TextNode]:
    """Every chunk with the vector that the ledger has of it."""
    ledger = assistant.corpus.ledger
    nodes = []
    for document in ledger.documents():
        chunks = {chunk.id: chunk for chunk in ledger.chunks_of(document.id)}
        for page in ledger.vectors(list(chunks)):
            for chunk_id, vector in zip(page.ids, page.vectors, strict=True):
                chunk = chunks[chunk_id]
                place = {_DOCUMENT: document.id, "start": chunk.start, "end": chunk.end}
                text = document.text[chunk.start : chunk.end]
                nodes.append(TextNode(id_=chunk_id, text=text, metadata=place, embedding=vector.tolist()))
    return nodes


def _filters(only: Sequence[str]) -> MetadataFilters:
    return MetadataFilters(
        filters=[MetadataFilter(key=_DOCUMENT, value=list(only), operator=FilterOperator.IN)]
    )


def _respond(
    engine: CitationQueryEngine, llm: ModelForLlamaIndex, question: str, history: Sequence[Turn]
) -> tuple[str, Response]:
    """The question as it was searched for, and what came of it."""
    if not history:
        response = engine.query(question)
        assert isinstance(response, Response)
        return question, response
    told = [ChatMessage(role=MessageRole(turn.role), content=turn.content) for turn in history]
    chat = CondenseQuestionChatEngine.from_defaults(
        query_engine=engine, llm=llm, memory=ChatMemoryBuffer.from_defaults(chat_history=told, llm=llm)
    )
    (source,) = chat.chat(question).sources
    assert isinstance(source.raw_output, Response)
    return str(source.raw_input["query"]), source.raw_output


def _answer(
    question: str,
    standalone: str,
    response: Response,
    documents: Mapping[str, Document],
    model: str,
    index_version: str,
    timings: Timings,
    usage: Usage,
) -> Answer:
    text = _MARKS.sub(_apart, response.response or "").strip()
    passages = [_passage(node, documents) for node in response.source_nodes]
    marks = sorted({int(mark) for mark in re.findall(r"\[(\d+)\]", text)})
    cited = [mark for mark in marks if 1 <= mark <= len(passages)]
    refused = is_refusal(text)
    return Answer(
        id=uuid.uuid4().hex,
        question=question,
        standalone_question=standalone,
        status="unanswerable" if refused else "answered",
        answer=text,
        reason=text if refused else None,
        sentences=(),
        accounts=(),
        citations=tuple(
            citation_of(mark, passages[mark - 1], documents[passages[mark - 1].document_id]) for mark in cited
        ),
        passages=tuple(passages),
        model=model,
        index_version=index_version,
        timings=timings,
        usage=usage,
    )


def _apart(marks: re.Match[str]) -> str:
    """`[1, 2]` and `[Source 1]` as `[1][2]` and `[1]`."""
    return "".join(f"[{number}]" for number in re.findall(r"\d+", marks[1]))


def _passage(node: NodeWithScore, documents: Mapping[str, Document]) -> Passage:
    place = node.node.metadata
    document = documents[place[_DOCUMENT]]
    shown = re.sub(r"^Source \d+:\n", "", node.node.get_content()).strip()
    # A node longer than its citation chunks comes in several parts.
    start = max(document.text.find(shown, place["start"], place["end"]), place["start"])
    end = start + len(shown)
    return Passage(
        document_id=document.id,
        title=document.title,
        source=document.source,
        date=document.date,
        text=document.text[start:end],
        start=start,
        end=end,
        score=node.score or 0.0,
    )


def _ms(seconds: float) -> int:
    return round(1000 * seconds)
