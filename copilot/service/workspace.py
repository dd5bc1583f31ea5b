"""One installation: its folder, its database, what models have answered, and the models that are open."""

import os
from functools import cached_property
from pathlib import Path

from copilot.models.limits import LimitedModel
from copilot.storage.database import Database, open_database
from copilot.storage.ledger import DatabaseLedger
from copilot.worker.models import ModelPool

HOME_VARIABLE = "FALCONER_HOME"
DATABASE_VARIABLE = "FALCONER_DATABASE"


class Workspace:
    """Opened when it is first needed, so that help and a refused file touch no disk.

    Args:
        home: the folder; None: FALCONER_HOME, else `.falconer` in the user's own folder.
        database: URL of a database elsewhere; None: FALCONER_DATABASE, else SQLite in the home.
    """

    def __init__(self, home: str | Path | None = None, *, database: str | None = None) -> None:
        chosen = home or os.environ.get(HOME_VARIABLE) or Path.home() / ".falconer"
        self.home = Path(chosen).expanduser().absolute()
        self.database_url = database or os.environ.get(DATABASE_VARIABLE) or None

    @cached_property
    def database(self) -> Database:
        """The database, brought up to date where it is the embedded one.

        Raises:
            StorageError: it cannot be used.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        return open_database(self.database_url or self.home)

    @cached_property
    def ledger(self) -> DatabaseLedger:
        """What models have answered."""
        return DatabaseLedger(self.database)

    @cached_property
    def models(self) -> ModelPool:
        """The open models; they belong to the event loop that first uses them."""
        return ModelPool(home=self.home, database=self.database)

    async def model(self, name: str) -> LimitedModel:
        """Return a connected model by name, URL or file.

        Raises:
            ModelConfigError: nothing is called so.
            ModelError: its server cannot be used.
        """
        return await self.models.get(name)

    async def aclose(self) -> None:
        """Close models and database; both open again when they are needed."""
        if "models" in self.__dict__:
            await self.models.aclose()
            del self.__dict__["models"]
        if "ledger" in self.__dict__:
            self.ledger.close()
            del self.__dict__["ledger"]
        if "database" in self.__dict__:
            self.database.close()
            del self.__dict__["database"]
