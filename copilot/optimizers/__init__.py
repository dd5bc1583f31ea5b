"""The decisions of the optimiser, one a module: seeds, halving, reflection, demonstrations, shipping."""
