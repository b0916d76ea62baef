"""What can go wrong for a user, by exit code: failed data (1), wrong use (2), missing service (3)."""


class AtlasError(Exception):
    """A failure that the user can act on; its text is one or two sentences and holds no secret.

    The command line prints the text and exits with ``exit_code``. Anything that isn't an ``AtlasError`` is a
    defect of Atlas and keeps its traceback.
    """

    exit_code = 1


class DataError(AtlasError):
    """The data was refused, or a check on it failed."""

    exit_code = 1


class UsageError(AtlasError):
    """The command, a declaration or a setting is wrong; nothing was done."""

    exit_code = 2


class ServiceError(AtlasError):
    """A service that the command needs (the database, the disk) is missing, unreachable or too old."""

    exit_code = 3
