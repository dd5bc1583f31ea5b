"""How the tests are shared out when they run side by side (`--dist loadgroup`)."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests together, and those that start the embedded model in one process, one after the other.

    Two model servers on two cores take each other's time, and a file's fixtures would be made twice.
    """
    for item in items:
        group = "model" if item.get_closest_marker("model") else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
