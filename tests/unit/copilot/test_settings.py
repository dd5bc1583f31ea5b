from pathlib import Path

import pytest

from copilot.errors import UserError
from copilot.settings import load_settings


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "DATABASE_URL", "MODEL", "LOG_LEVEL", "TIMEOUT", "CONCURRENCY", "KEY_VARIABLE"):
        monkeypatch.delenv(f"FALCONER_{name}", raising=False)


def test_without_an_environment_everything_is_local() -> None:
    settings = load_settings()
    assert settings.model == "embedded"
    assert settings.home == Path.home() / ".falconer"
    assert settings.database == f"sqlite:///{settings.home / 'falconer.db'}"


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FALCONER_HOME", str(tmp_path))
    monkeypatch.setenv("FALCONER_DATABASE_URL", "postgresql+psycopg://host/falconer")
    monkeypatch.setenv("FALCONER_LOG_LEVEL", "info")
    monkeypatch.setenv("FALCONER_CONCURRENCY", "")
    settings = load_settings()
    assert settings.home == tmp_path
    assert settings.database == "postgresql+psycopg://host/falconer"
    assert settings.log_level == "INFO"
    assert settings.concurrency is None


def test_what_is_given_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FALCONER_MODEL", "fake")
    assert load_settings(model="tgi:http://host").model == "tgi:http://host"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOG_LEVEL", "loud"),
        ("DATABASE_URL", "mysql://host/x"),
        ("TIMEOUT", "0"),
        ("CONCURRENCY", "many"),
        ("KEY_VARIABLE", "sk-123"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"FALCONER_{name}", value)
    with pytest.raises(UserError, match=f"The setting FALCONER_{name} cannot be right: .*") as caught:
        load_settings()
    assert str(caught.value).endswith(".")
