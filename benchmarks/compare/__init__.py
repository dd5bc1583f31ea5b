"""The comparison with DSPy's optimisers: `python -m benchmarks.compare --help`."""
