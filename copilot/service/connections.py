"""What the SDK hands out for model servers; got as `Copilot.connections`."""

import asyncio

from pydantic import Field, JsonValue

from copilot.domain.saved import ModelConnection
from copilot.errors import ModelConfigError, ModelUnreachable
from copilot.models.connect import connect
from copilot.models.connection import ModelConnection as Opened
from copilot.service import models
from copilot.service.models import ModelTest
from copilot.service.portal import Portal
from copilot.service.workspace import Workspace
from tasks.model import Frozen

TEST_SECONDS = 20.0
"""A person waits in front of the screen: a server that is silent so long is told of, whatever its own limit."""
STARTING_SECONDS = 120.0
"""The embedded model is first read from the disk."""


class ConnectionDraft(Frozen):
    """A model server as it is typed into a form."""

    name: str
    address: str
    """`embedded`, a .gguf file, a URL ending in /v1, `tgi:URL` or `langchain:PROVIDER:MODEL`."""
    model: str = ""
    """The model's id on a server that has several."""
    key_variable: str = ""
    """NAME of the environment variable that holds the key; never the key."""
    concurrency: int | None = Field(default=None, ge=1)
    """Requests in flight at once; None: what the server says it can take."""
    timeout: float | None = Field(default=None, gt=0)
    """Seconds to wait for an answer; None: ten minutes."""
    prompt_price: float | None = Field(default=None, ge=0)
    """Money per million tokens of prompts; None with `completion_price`: it costs nothing."""
    completion_price: float | None = Field(default=None, ge=0)
    """Money per million tokens of answers."""
    currency: str = "USD"

    @classmethod
    def of(cls, connection: ModelConnection) -> "ConnectionDraft":
        """Return what a form shows of a saved connection."""
        options = connection.options
        prices = options.get("prices")
        prices = prices if isinstance(prices, dict) else {}
        shown = {name: options[name] for name in ("concurrency", "timeout") if options.get(name) is not None}
        money = {
            field: prices[name]
            for field, name in (("prompt_price", "prompt"), ("completion_price", "completion"), ("currency",) * 2)
            if prices.get(name) is not None
        }
        has_id = connection.kind in ("openai", "tgi")
        return cls.model_validate(
            {
                "name": connection.name,
                "address": Opened.from_saved(connection).address,
                "model": connection.model if has_id else "",
                "key_variable": connection.key_variable,
                **shown,
                **money,
            }
        )


class Connections:
    """Model servers by name. Keys stay in the environment: a connection only names the variable."""

    def __init__(self, workspace: Workspace, portal: Portal) -> None:
        self._workspace = workspace
        self._portal = portal

    def list(self) -> tuple[ModelConnection, ...]:
        """Return the embedded model and all saved connections, by name."""
        return models.list_all(self._workspace)

    def get(self, name: str) -> ModelConnection:
        """Return a connection.

        Raises:
            ModelConfigError: there is none of this name.
        """
        for connection in self.list():
            if connection.name == name:
                return connection
        raise ModelConfigError(f"There is no model connection '{name}'; it may have been removed.")

    def add(self, draft: ConnectionDraft, *, replace: str = "") -> ModelConnection:
        """Save a connection.

        Args:
            draft: what was typed.
            replace: name of the connection that it stands for from now on; empty: it is a new one.

        Raises:
            ModelConfigError: something cannot be right, or the name is taken.
        """
        connection = self._checked(draft)
        taken = {other.name.casefold(): other.name for other in self.list()} | {"fake": "fake"}
        other = taken.get(connection.name.casefold())
        if other is not None and other != replace:
            raise ModelConfigError(f"There is a model connection '{other}' already; choose another name.")
        before = self.get(replace) if replace else None
        if before is not None:
            kept = {name: value for name, value in before.options.items() if name not in _IN_FORMS}
            connection = connection.model_copy(update={"options": {**kept, **connection.options}})
        models.add(self._workspace, connection)
        if before is not None and before.name != connection.name:
            models.remove(self._workspace, before.name)
        return connection

    def remove(self, name: str) -> ModelConnection:
        """Forget a connection and return it, for who wants it back.

        Raises:
            ModelConfigError: there is none of this name, or it is the embedded one.
        """
        connection = self.get(name)
        if connection.name == "embedded":
            raise ModelConfigError("The embedded model comes with Falconer and cannot be removed.")
        models.remove(self._workspace, name)
        return connection

    def restore(self, connection: ModelConnection) -> None:
        """Save a connection again that was removed."""
        models.add(self._workspace, connection)

    def test(self, connection: str | ConnectionDraft) -> ModelTest:
        """Ask a model one small question, by a saved name or as it is typed.

        Raises:
            ModelConfigError: something cannot be right.
            ModelError: the server cannot be used; the sentence says why and what to do.
        """
        found = self.get(connection) if isinstance(connection, str) else self._checked(connection)
        return self._portal.call(self._test(found))

    async def _test(self, connection: ModelConnection) -> ModelTest:
        opened = Opened.from_saved(connection)
        seconds = STARTING_SECONDS if connection.kind == "embedded" else min(opened.timeout, TEST_SECONDS)
        model = connect(opened.model_copy(update={"timeout": seconds}), home=self._workspace.home)
        try:
            async with asyncio.timeout(seconds + 10):
                await model.prepare()
                return await models.ask(model)
        except TimeoutError:
            raise ModelUnreachable(
                f"{connection.url or connection.name} did not answer within {seconds + 10:.0f} seconds; check that "
                "this is a model server and that it is not busy."
            ) from None
        finally:
            await model.aclose()

    def _checked(self, draft: ConnectionDraft) -> ModelConnection:
        options: dict[str, JsonValue] = {}
        if draft.concurrency is not None:
            options["concurrency"] = draft.concurrency
        if draft.timeout is not None:
            options["timeout"] = draft.timeout
        if draft.prompt_price is not None or draft.completion_price is not None:
            options["prices"] = {
                "currency": draft.currency.strip() or "USD",
                "prompt": draft.prompt_price or 0.0,
                "completion": draft.completion_price or 0.0,
            }
        _check_address(draft.address.strip())
        return models.connection_of(
            draft.name.strip(),
            draft.address.strip(),
            key_variable=draft.key_variable.strip(),
            model=draft.model.strip(),
            options=options,
        )


def _check_address(address: str) -> None:
    """Refuse what can be told to be wrong without asking anybody.

    Raises:
        ModelConfigError: the address misses the part that such servers have in common.
    """
    if address.startswith(("http://", "https://")) and not address.split("#")[0].rstrip("/").endswith("/v1"):
        raise ModelConfigError(
            f"The address {address} does not end in /v1, where such servers answer. Write it as in "
            "http://localhost:8000/v1, or choose the other kind of server."
        )


_IN_FORMS = frozenset({"concurrency", "timeout", "prices"})
"""Options that a form shows; others, such as the prompt format, stay as they are when it is saved."""
