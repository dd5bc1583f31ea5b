"""What the settings say: model servers in plain words, sizes, and a form's fields as a connection."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from app.formatting import locale
from app.wording import t
from copilot.types import Choices, ConnectionDraft, DataPlace, ModelConnection, ModelTest

Kind = Literal["openai", "tgi", "file", "langchain"]


@dataclass(frozen=True)
class Fields:
    """A connection as a form shows it."""

    kind: Kind = "openai"
    name: str = ""
    address: str = ""
    """URL, path of a file, or provider and model."""
    model: str = ""
    key_variable: str = ""
    prompt_price: float | None = None
    completion_price: float | None = None
    currency: str = "USD"
    concurrency: int | None = None
    timeout: float | None = None

    def draft(self) -> ConnectionDraft:
        """Return what is to be saved or tested."""
        before = {"openai": "", "tgi": "tgi:", "file": "embedded:", "langchain": "langchain:"}[self.kind]
        on_server = self.kind in ("openai", "tgi")
        return ConnectionDraft(
            name=self.name,
            address=before + self.address.strip().removeprefix(before or "\0"),
            model=self.model if on_server else "",
            key_variable="" if self.kind == "file" else self.key_variable,
            prompt_price=self.prompt_price,
            completion_price=self.completion_price,
            currency=self.currency,
            concurrency=self.concurrency,
            timeout=self.timeout,
        )


def fields_of(connection: ModelConnection) -> Fields:
    """Return what a form shows of a saved connection."""
    draft = ConnectionDraft.of(connection)
    kinds: dict[str, Kind] = {"tgi": "tgi", "embedded": "file", "langchain": "langchain"}
    kind = kinds.get(connection.kind, "openai")
    return Fields(
        kind=kind,
        name=draft.name,
        address=draft.address if kind == "openai" else draft.address.partition(":")[2],
        model=draft.model,
        key_variable=draft.key_variable,
        prompt_price=draft.prompt_price,
        completion_price=draft.completion_price,
        currency=draft.currency,
        concurrency=draft.concurrency,
        timeout=draft.timeout,
    )


def kind_name(kind: Kind) -> str:
    """Return what a kind of model is called."""
    return {
        "openai": t("OpenAI-compatible server (vLLM, llama.cpp, a cloud service)"),
        "tgi": t("Text Generation Inference (TGI)"),
        "file": t("Model file on this computer (.gguf)"),
        "langchain": t("Provider of LangChain"),
    }[kind]


def where(connection: ModelConnection) -> str:
    """Return in words where a model runs."""
    if connection.name == "embedded":
        return t("Comes with Falconer and runs on this computer: no key, no network.")
    if connection.kind == "embedded":
        return t("Runs on this computer, from {file}.", file=connection.model)
    if connection.kind == "langchain":
        return t("Provider of LangChain: {model}", model=connection.model)
    if connection.kind == "fake":
        return t("Answers at once, always the same; for trying things out.")
    known = t("Text Generation Inference at {address}") if connection.kind == "tgi" else t("Server at {address}")
    said = known.format(address=connection.url)
    return f"{said}, {connection.model}" if connection.model else said


def details(connection: ModelConnection, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return what else is to be said of a connection: key, prices, limits.

    Args:
        connection: the connection.
        environment: the variables of the server, to tell whether a key is there.
    """
    said = []
    if variable := connection.key_variable:
        there = bool(environment.get(variable))
        said.append(
            t("key from {variable}", variable=variable)
            if there
            else t("key missing: the variable {variable} is empty", variable=variable)
        )
    draft = ConnectionDraft.of(connection)
    if draft.prompt_price is not None:
        said.append(
            t(
                "{prompt} per million tokens read, {answer} written",
                prompt=locale.price(draft.prompt_price, draft.currency),
                answer=locale.price(draft.completion_price or 0.0, draft.currency),
            )
        )
    if draft.concurrency is not None:
        said.append(t("at most {n} requests at once", n=draft.concurrency))
    if draft.timeout is not None:
        said.append(t("waits at most {n:g} seconds", n=draft.timeout))
    return tuple(said)


def answered(test: ModelTest) -> str:
    """Return in one sentence what a model said when it was tested."""
    said = t("It works: the model answered in {seconds:.1f} seconds.", seconds=test.seconds)
    if test.context_length:
        said += " " + t("It reads and writes up to {n} tokens at once.", n=test.context_length)
    return said


def uses(name: str, choices: Choices) -> tuple[str, ...]:
    """Return what a connection is chosen for."""
    chosen = (
        (choices.model, t("does the tasks")),
        (choices.copilot_model, t("writes prompts")),
        (choices.judge_model, t("judges answers")),
    )
    return tuple(words for other, words in chosen if other == name)


def data_sentence(place: DataPlace) -> str:
    """Return where data lies and how much of it."""
    if place.on_server:
        return t("Your data lies in the database {database}.", database=place.database)
    return t(
        "Your data lies on this computer, in {folder} ({size}).", folder=place.folder, size=locale.size(place.bytes)
    )


def contacted(connections: tuple[ModelConnection, ...]) -> tuple[str, ...]:
    """Return the hosts that texts are sent to: those of the model servers, and no other."""
    found = {urlsplit(connection.url).netloc for connection in connections if connection.url}
    found |= {connection.model.partition(":")[0] for connection in connections if connection.kind == "langchain"}
    return tuple(sorted(found))
