"""The verbs of the product, one area a module."""
