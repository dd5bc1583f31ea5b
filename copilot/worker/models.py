"""From the names that users gave to connected models."""

import asyncio

from copilot.domain.saved import RunPlan
from copilot.engine import Models
from copilot.evaluation.rubric import Rubric
from copilot.models.base import ChatModel
from copilot.models.connect import connect
from copilot.models.connection import ModelConnection
from copilot.models.limits import LimitedModel
from copilot.settings import Settings
from copilot.storage.connections import list_connections
from copilot.storage.database import Database
from evaluators.base import Embedder
from tasks.model import SuccessCriterion


class ModelPool:
    """Opens each model once and closes all of them together. Belongs to one event loop."""

    def __init__(self, *, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._open: dict[str, LimitedModel] = {}
        self._preparing: dict[str, asyncio.Lock] = {}
        self._saved: dict[str, ModelConnection] = {}
        """How the open ones are reached, but for those made in code."""
        self._replaced: list[LimitedModel] = []
        """Their connection was changed while they were open; requests may be under way."""

    def register(self, model: ChatModel) -> str:
        """Take a model that was made in code; return the name by which it is got."""
        self._open[model.name] = model if isinstance(model, LimitedModel) else LimitedModel(model)
        return model.name

    async def get(self, name: str) -> LimitedModel:
        """Return the model of a name, URL or file, connected.

        Raises:
            ModelConfigError: nothing is called so.
            ModelError: its server cannot be used.
        """
        model = self.find(name)
        async with self._preparing.setdefault(name, asyncio.Lock()):
            # A server is started, or asked who it is, once, however many need it at the same time.
            await model.prepare()
        return model

    def find(self, name: str) -> LimitedModel:
        """Return the model of a name, URL or file; nothing is sent.

        Raises:
            ModelConfigError: nothing is called so, or its key is missing.
        """
        model = self._open.get(name)
        if model is not None and name not in self._saved:
            return model
        connection = self.connection(name)
        if model is None or self._saved[name] != connection:
            opened = connect(connection, home=self._settings.home)
            if model is not None:
                self._replaced.append(model)
            model, self._saved[name] = opened, connection
            self._open[name] = opened
        return model

    async def of(self, plan: RunPlan) -> Models:
        """Return the models of a run; without a copilot model of its own, the task's model proposes too."""
        return Models(
            task=await self.get(plan.task_model),
            copilot=await self.get(plan.copilot_model or plan.task_model),
            judge=await self.get(plan.judge_model) if plan.judge_model else None,
            embedder=_embedder(plan.task.criteria),
        )

    def connection(self, name: str) -> ModelConnection:
        """Return how a model is reached: as it was saved, else by the settings of this installation."""
        known = known_connections(self._database).get(name)
        if known is not None:
            return known
        settings = self._settings
        return ModelConnection(
            address=name.strip(),
            timeout=settings.timeout,
            concurrency=settings.concurrency,
            # The key belongs to the model of the settings; another server must not be shown it.
            key_variable=(settings.key_variable or None) if name == settings.model else None,
        )

    async def aclose(self) -> None:
        """Release connections and child processes."""
        models = [*self._open.values(), *self._replaced]
        self._open.clear()
        self._saved.clear()
        self._replaced.clear()
        self._preparing.clear()
        for model in models:
            await model.aclose()


def _embedder(criteria: tuple[SuccessCriterion, ...]) -> Embedder | None:
    """Return the small embedding model of this installation where a criterion compares meanings."""
    if not Rubric.of(criteria).needs_embedder:
        return None
    from evaluators.embeddings import local_embedder

    return local_embedder()


def known_connections(database: Database) -> dict[str, ModelConnection]:
    """Return the connections that the user has saved, by name."""
    with database.reading() as session:
        return {saved.name: ModelConnection.from_saved(saved) for saved in list_connections(session)}
