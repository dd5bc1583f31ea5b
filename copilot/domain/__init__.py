"""The engine's own types: prompts, completions, runs, events, feedback."""
