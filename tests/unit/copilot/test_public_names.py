"""What `copilot` offers: one list, each name of it real, documented and loaded when it is first used."""

import json
import subprocess
import sys

import pytest

import copilot
from copilot.service import public

GATHERED = {name for name in vars(public) if not name.startswith("_")}


def test_the_list_is_what_is_gathered() -> None:
    assert set(copilot.__all__) == GATHERED
    assert list(copilot.__all__) == sorted(set(copilot.__all__))
    assert len(copilot.__all__) <= 40


@pytest.mark.parametrize("name", copilot.__all__)
def test_every_name_is_there_with_a_docstring_of_its_own(name: str) -> None:
    value = getattr(copilot, name)
    assert value is getattr(public, name)
    documented = vars(value).get("__doc__") if isinstance(value, type) else value.__doc__
    # A class without words of its own would show pydantic's, enum's or a generated signature.
    assert documented and not documented.startswith(f"{name}(")
    assert documented.strip().splitlines()[0].rstrip().endswith((".", ":", ","))


def test_a_name_that_is_not_in_the_list_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Falcon'"):
        _ = copilot.Falcon


PROBE = """
import json, sys
import copilot
before = [name for name in sys.modules if name.startswith("copilot.")]
listed = dir(copilot)
untouched = [name for name in sys.modules if name.startswith("copilot.")]
from copilot import *
print(json.dumps([before, untouched, listed, sorted(name for name in listed if name not in globals())]))
"""


def test_names_are_loaded_at_their_first_use() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    before, untouched, listed, missing = json.loads(done.stdout)
    assert before == untouched == []
    assert listed == copilot.__all__
    assert missing == []
