"""Prompts, rows and results as files."""
