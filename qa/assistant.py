"""One question from its words to a settled answer; `stream` is the story, `ask` its last page.

llama-index has chat and citation engines that look like this. They keep the conversation inside, hide the
prompt, and let the model number its own sources without checking one: do not put them here.
"""

import threading
import uuid
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from qa import evidence, followup, languages, model_files, prompts, questions, reading, spelling
from qa.composition import Composition
from qa.config import Config
from qa.corpus import Corpus
from qa.embedding import OnnxEmbedding
from qa.evidence import Sheet
from qa.local_model import LocalModel, engine_folder
from qa.models import LanguageModel
from qa.prompts import Prompt
from qa.questions import Part
from qa.ranking import Ranking, rank
from qa.reading import Finding, Meter
from qa.reranking import Reranker
from qa.retrieval import WIDE, Retriever
from qa.settlement import Docket
from qa.types import EXTRACTIVE, Answer, Event, Evidence, Passage, Progress, Stage, Status, Turn, Usage

NOT_FOUND = "The documents do not answer this question."
NEAREST = 3
TITLES = 6
"""So many help to translate a question."""


class Assistant:
    """Answers questions over one corpus. One question at a time: the server queues the others."""

    def __init__(
        self,
        config: Config,
        corpus: Corpus,
        embedder: OnnxEmbedding,
        model: LanguageModel | None,
        reranker: Reranker | None = None,
    ) -> None:
        """Without a reranker, sentences are put into order by words and vectors alone."""
        self.config = config
        self.corpus = corpus
        self.retriever = Retriever(corpus, embedder)
        self.model = model
        self._embedder = embedder
        self.reranker = reranker

    @classmethod
    def from_config(cls, config: Config | None = None) -> "Assistant":
        """Open the corpus and the models that `config` (the environment's by default) names.

        Raises:
            ModelFileError: the embedding files are missing or wrong.
            DataError: the data folder cannot be used; `LockedError` when another process has it.
        """
        config = config or Config.from_env()
        embedder = OnnxEmbedding.from_folder(config.models_dir)
        reranker = Reranker.from_folder(config.models_dir)
        corpus = Corpus.open(config, embedder)
        try:
            return cls(config, corpus, embedder, _open_model(config), reranker)
        except BaseException:
            corpus.close()
            raise

    def ask(self, question: str, history: Sequence[Turn] = (), documents: Sequence[str] = ()) -> Answer:
        """The answer to `question`: the last item of `stream`."""
        *_, answer = self.stream(question, history, documents)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        documents: Sequence[str] = (),
        cancelled: threading.Event | None = None,
    ) -> Generator[Event, None, None]:
        """Answer `question`, telling each step; sentences come when they are proved, the `Answer` last.

        Args:
            question: free text, 1 to `config.question_characters` characters.
            history: earlier turns, oldest first; a follow-up is understood from them.
            documents: ids of the only documents to use; empty for all.
            cancelled: set it from another thread to make the model stop; no `Answer` comes then.

        Raises:
            InputError: the question is empty or too long, or a document id is unknown.
            ModelError: the language model failed.
        """
        meter, cancelled = Meter(), cancelled or threading.Event()
        question = questions.clean(question, self.config.question_characters)
        odd = spelling.is_odd(question, self._embedder.words)
        language = languages.foreign(question) if self.model or odd else None
        words = self._spelled(question, documents) if odd and not language else question
        asked = Part(words)
        if self.model and history:
            yield self._stage("standalone", "reading the conversation")
            prompt = prompts.standalone(words, history, language)
            rewritten = self._rewritten(prompt, meter, cancelled)
            asked = followup.accept(rewritten, words, history, language)
        elif self.model and language:
            yield self._stage("standalone", f"translating the question from {language}")
            asked = Part(self._translated(question, language, documents, meter, cancelled))
        meter.mark("standalone")

        yield Progress(stage="retrieve", message="Searching the documents")
        parts = questions.parts(asked.text, asked.context)
        found = [self.retriever.find(part.search, documents) for part in parts]
        passages = tuple(dict.fromkeys(passage for one in found for passage in one))
        meter.mark("retrieved")
        yield Evidence(standalone_question=asked.search, passages=passages)

        answer, dockets = Composition(), list[Docket]()
        for part, near in zip(parts, found, strict=True):
            told = [finding for docket in dockets for finding in docket.kept]
            dockets.append(Docket(part, passages=near, told=told))
            for step in self._findings(dockets[-1], documents, meter, cancelled):
                if isinstance(step, Finding):
                    meter.mark("first sentence")
                    yield answer.add(step, part.search, self.corpus.ledger)
                else:
                    yield step
        # What was found without hearing the model out is no answer, and no refusal either.
        if not cancelled.is_set():
            yield self._settled(question, asked.search, answer, dockets, meter)

    def close(self) -> None:
        """End the model's process and let go of the data folder."""
        if self.model:
            self.model.close()
        self.corpus.close()

    def __enter__(self) -> "Assistant":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _findings(
        self, docket: Docket, documents: Sequence[str], meter: Meter, cancelled: threading.Event
    ) -> Iterator[Progress | Finding]:
        """What answers one question, proved.

        A second look is taken when the first one finds nothing; when it does, other documents that speak of
        the same thing are heard too, for they may say otherwise.
        """
        search = docket.part.search

        def ranked() -> Ranking:
            whole = self.corpus.ledger.by_id(passage.document_id for passage in docket.passages)
            return rank(search, docket.passages, self._embedder, self.reranker, docket.part.read, whole)

        def wider() -> Ranking:
            docket.passages = self.retriever.find(search, documents, breadth=WIDE)
            return ranked()

        for found, sheet in evidence.looks(ranked(), wider):
            yield from self._read(docket, sheet, meter, cancelled)
            if cancelled.is_set():
                return
            yield from docket.close(sheet, evidence.sheet_of(found))
            if docket.kept:
                break
        else:
            return
        for sheet in evidence.further(found, docket.documents):
            yield from self._read(docket, sheet, meter, cancelled)
            if cancelled.is_set():
                return

    def _read(
        self, docket: Docket, sheet: Sheet, meter: Meter, cancelled: threading.Event
    ) -> Iterator[Progress | Finding]:
        """What one sheet answers, as far as the reader gets it."""
        if reading.drafts(docket.part, sheet, self.model):
            yield self._stage("draft", f"reading {len(sheet.titles)} of the documents")
        for finding in reading.read(docket.part, sheet, self.model, meter, cancelled, docket.wants):
            if cancelled.is_set():
                return
            yield from docket.take(finding)

    def _stage(self, stage: Stage, doing: str) -> Progress:
        """What the model is about to do, and whether it has to be loaded first."""
        if self.model and self.model.state == "loading":
            doing = f"loading the language model, then {doing}"
        return Progress(stage=stage, message=doing[0].upper() + doing[1:])

    def _spelled(self, question: str, documents: Sequence[str]) -> str:
        """A question with its misspelt words as the documents have them that it may be about."""
        near = self.retriever.find(question, documents, breadth=WIDE)
        return spelling.mended(question, [f"{one.title} {one.text}" for one in near], self._embedder.words)

    def _translated(
        self, question: str, language: str, documents: Sequence[str], meter: Meter, cancelled: threading.Event
    ) -> str:
        """A question in English; as it is where the model cannot say it so."""
        # Names, and words that are alike in both languages, find what it may be about.
        near = _titles(self.retriever.find(question, documents, breadth=WIDE))[:TITLES]
        # In vain with them, it is tried without.
        for titles in dict.fromkeys((near, ())):
            prompt = prompts.translation(question, language, titles)
            line = languages.accept(self._rewritten(prompt, meter, cancelled), question, titles)
            if line != question:
                return line
        return question

    def _rewritten(self, prompt: Prompt, meter: Meter, cancelled: threading.Event) -> str:
        """What the model makes of a question."""
        assert self.model
        rewritten = ""
        for piece in self.model.write([prompt], prompts.STANDALONE_TOKENS, cancelled):
            rewritten += piece.text
            meter.prompt_tokens += piece.prompt_tokens
            meter.completion_tokens += piece.completion_tokens
        return rewritten

    def _settled(
        self,
        question: str,
        standalone: str,
        answer: Composition,
        dockets: Sequence[Docket],
        meter: Meter,
    ) -> Answer:
        """The whole answer object."""
        passages = tuple(dict.fromkeys(passage for docket in dockets for passage in docket.passages))
        accounts = tuple(account for docket in dockets for account in answer.accounts(docket))
        status: Status = "disputed" if accounts else "answered" if answer.sentences else "unanswerable"
        return Answer(
            id=uuid.uuid4().hex,
            question=question,
            standalone_question=standalone,
            status=status,
            answer=answer.text or NOT_FOUND,
            reason=_reason(dockets, passages),
            sentences=tuple(answer.sentences),
            accounts=accounts,
            citations=tuple(answer.citations),
            passages=tuple(replace(passage, cited=answer.cites(passage)) for passage in passages),
            model=self.model.name if self.model else EXTRACTIVE,
            index_version=self.corpus.ledger.index_version(),
            timings=meter.timings(),
            usage=Usage(prompt_tokens=meter.prompt_tokens, completion_tokens=meter.completion_tokens),
        )


def _reason(dockets: Sequence[Docket], passages: Sequence[Passage]) -> str | None:
    """Why the question, or which part of it, was not answered; None when all of it was."""
    missing = [docket.part.text for docket in dockets if not docket.kept]
    if not missing:
        return None
    if not passages:
        return "No passage of the documents has anything to do with the question."
    if len(missing) < len(dockets):
        return f"The documents do not answer this part of it: {' '.join(missing)}"
    titles = ", ".join(f"“{title}”" for title in _titles(passages)[:NEAREST])
    return f"The nearest passages, in {titles}, do not say it."


def _titles(passages: Sequence[Passage]) -> tuple[str, ...]:
    """Of the documents that passages are from, each once, in their order."""
    return tuple(dict.fromkeys(passage.title for passage in passages))


def _open_model(config: Config) -> LanguageModel | None:
    """The model that `config` names; None when there is neither a server nor a model file."""
    if config.llm_url:
        # Its client takes a tenth of the time of all imports, and most people have no server.
        from qa.remote_model import RemoteModel

        return RemoteModel(
            config.llm_url, config.llm_model or "default", config.llm_key, config.llm_timeout_seconds
        )
    if not (config.models_dir / model_files.LANGUAGE_MODEL).exists():
        return None
    gguf = model_files.locate(model_files.LANGUAGE_MODEL, config.models_dir)
    return LocalModel(engine_folder(gguf), gguf.stem)
