"""Searches on recorded answers."""
