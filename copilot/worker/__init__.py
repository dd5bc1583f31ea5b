"""Iterates the engine, saves what it tells, then publishes it; `python -m copilot.worker` does so in the background."""
