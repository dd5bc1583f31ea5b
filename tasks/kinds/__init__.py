"""The kinds of task, one a module."""
