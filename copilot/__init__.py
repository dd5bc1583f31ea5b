"""The prompt-engineering copilot: engine, SDK and command line."""
