"""How good an output is: evaluators, their composition into one score, and the statistics of a verdict."""
