import pytest

from app.formatting.errors import message_of
from copilot import UserError


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("There is no run x. `falconer runs list` shows all runs.", "There is no run x."),
        ("The key is missing. Set OPENAI_API_KEY.", "The key is missing. Set OPENAI_API_KEY."),
        ("Call `falconer resume`.", "Call `falconer resume`."),
    ],
)
def test_commands_are_left_out_where_something_else_is_said(told: str, shown: str) -> None:
    assert message_of(UserError(told)) == shown
