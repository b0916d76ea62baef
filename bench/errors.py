"""Why a measurement can't be made or doesn't count."""


class BenchError(Exception):
    """A measurement failed; its text says which one, and why."""
