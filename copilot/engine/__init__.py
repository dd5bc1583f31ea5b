"""The optimisation loop."""

from copilot.engine.improve import Models, improve, prepare

__all__ = ["Models", "improve", "prepare"]
