"""The frame around all pages."""

import pytest
from streamlit.testing.v1 import AppTest

from app.navigation import PLACES, VIEWS


def test_every_place_has_its_view() -> None:
    assert {file.stem for file in VIEWS.glob("*.py")} == {place.name for place in PLACES}


@pytest.mark.parametrize("name", [place.name for place in PLACES])
def test_every_page_opens_without_any_state(web: AppTest, name: str) -> None:
    web.run().switch_page(f"views/{name}.py").run()
    assert not web.exception
