"""How the tests are shared out when they run side by side (`--dist loadgroup`)."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests together, and so those with the embedded model or with a browser, one after the other.

    Two model servers or browsers on two cores take each other's time, and a file's fixtures would be made twice.
    """
    for item in items:
        together = (mark for mark in ("model", "browser") if item.get_closest_marker(mark))
        item.add_marker(pytest.mark.xdist_group(next(together, str(item.path))))
