"""What the examples look like, and the plan that follows from it by fixed rules (in the manner of nnU-Net)."""

from tasks.model import Frozen


class Fingerprint(Frozen):
    """Measured facts about a data set."""
