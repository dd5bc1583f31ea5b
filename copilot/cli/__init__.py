"""`falconer`: the verbs of the product in a terminal. Modules are light: the product is loaded inside each command."""

from copilot.cli.main import main

__all__ = ["main"]
