"""What the environment sets: where data lives, which database and models are used, how much is logged.

Every variable begins with `FALCONER_`. A wrong value is refused at start with one sentence; secrets are only ever named
(the variable that holds a key), never kept here.
"""

from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from copilot.errors import UserError

PREFIX = "FALCONER_"
ANSWER_SECONDS = 600.0
"""How long an answer is waited for, as by OpenAI's own client: models of several billion weights on a processor take
minutes for a few long prompts at once, and what is given up is computed in vain and counted all the same."""


class Settings(BaseSettings):
    """The validated settings; made by `load_settings`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    home: Path = Field(default_factory=lambda: Path.home() / ".falconer")
    """FALCONER_HOME: the folder of the database, the embedded model's state and logs."""
    database_url: str = ""
    """FALCONER_DATABASE_URL: `sqlite:///...` or `postgresql+psycopg://...`; empty: SQLite in the home."""
    model: str = "embedded"
    """FALCONER_MODEL: the model that does the tasks, where a command names none."""
    copilot_model: str = ""
    """FALCONER_COPILOT_MODEL: the model that proposes prompts; empty: the same."""
    key_variable: str = Field(default="", pattern=r"^([A-Z_][A-Z0-9_]*)?$")
    """FALCONER_KEY_VARIABLE: name of the environment variable with the key for `model`; empty: it needs none."""
    timeout: float = Field(default=ANSWER_SECONDS, gt=0)
    """FALCONER_TIMEOUT: seconds to wait for a model's answer."""
    concurrency: int | None = Field(default=None, ge=1)
    """FALCONER_CONCURRENCY: requests in flight at once; unset: what the server says it can take."""
    start_worker: bool = True
    """FALCONER_START_WORKER: whether background work starts a worker here; `false` where `falconer worker` runs."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"
    """FALCONER_LOG_LEVEL."""

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and urlsplit(value).scheme.split("+")[0] not in {"sqlite", "postgresql"}:
            raise ValueError("it must begin with sqlite:/// or postgresql+psycopg://")
        return value

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.home / 'falconer.db'}"


def load_settings(**overrides: Any) -> Settings:
    """Return the settings of this process.

    Args:
        overrides: values that a command line or a test gives; they win over the environment.

    Raises:
        UserError: a value is wrong; the sentence names the variable.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        variable = PREFIX + str(first["loc"][0]).upper()
        reason = first["msg"].removeprefix("Value error, ")
        raise UserError(f"The setting {variable} cannot be right: {reason}.") from error
