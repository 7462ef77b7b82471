"""Why a baseline is left out of a run."""


class TooLarge(Exception):
    """The data set is beyond what this baseline can do on a small machine."""
