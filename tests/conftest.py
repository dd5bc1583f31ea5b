"""How the tests are shared out when they run side by side (`-n 2`)."""

import re
from functools import cache

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

MODEL = re.compile(r"\bpytest\.mark\.model\b")


class FilesTogether(LoadScopeScheduling):
    """Keep a file's tests together, and those that start the embedded model in one process, one after the other.

    Two model servers on two cores take each other's time, and a file's fixtures would be made twice.
    """

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        self._root = config.rootpath
        self._starts_model = cache(self._reads_model)

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return "model" if self._starts_model(file) else file

    def _reads_model(self, file: str) -> bool:
        # The process that shares out knows the tests by their names alone.
        return bool(MODEL.search((self._root / file).read_text(encoding="utf-8")))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesTogether:
    """Share out by files, whatever `--dist` says."""
    return FilesTogether(config, log)
