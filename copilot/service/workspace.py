"""One installation: its folder, its database, what models have answered, and the models that are open."""

from functools import cached_property
from pathlib import Path

from copilot.models.limits import LimitedModel
from copilot.settings import load_settings
from copilot.storage.database import Database, open_database
from copilot.storage.ledger import DatabaseLedger
from copilot.worker.models import ModelPool


class Workspace:
    """Opened when it is first needed, so that help and a refused file touch no disk.

    Args:
        home: the folder; None: FALCONER_HOME, else `.falconer` in the user's own folder.
        database: URL of a database elsewhere; None: FALCONER_DATABASE_URL, else SQLite in the home.

    Raises:
        UserError: a setting in the environment is wrong.
    """

    def __init__(self, home: str | Path | None = None, *, database: str | None = None) -> None:
        given = {"home": home, "database_url": database}
        self.settings = load_settings(**{name: value for name, value in given.items() if value})
        self.home = self.settings.home

    @cached_property
    def database(self) -> Database:
        """The database, brought up to date where it is the embedded one.

        Raises:
            StorageError: it cannot be used.
        """
        return open_database(self.settings.database_url or self.home)

    @cached_property
    def ledger(self) -> DatabaseLedger:
        """What models have answered."""
        return DatabaseLedger(self.database)

    @cached_property
    def models(self) -> ModelPool:
        """The open models; they belong to the event loop that first uses them."""
        return ModelPool(settings=self.settings, database=self.database)

    async def model(self, name: str) -> LimitedModel:
        """Return a connected model by name, URL or file.

        Raises:
            ModelConfigError: nothing is called so.
            ModelError: its server cannot be used.
        """
        return await self.models.get(name)

    def upgrade(self) -> str:
        """Bring the database's tables up to date; return where it is.

        Raises:
            StorageError: it is newer than this version, or cannot be used.
        """
        database = open_database(self.settings.database_url or self.home, upgrade=True)
        database.close()
        return database.where

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
