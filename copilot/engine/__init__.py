"""The optimisation loop."""

from copilot.engine.improve import History, Models, improve, prepare

__all__ = ["History", "Models", "improve", "prepare"]
