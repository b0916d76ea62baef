"""The embedded PostgreSQL: a private server in the user's data directory, reached over a socket only.

What lies where is in ``layout``; each module imports only those before it::

    layout      paths
    failures    the system's refusals as sentences
    lock        one command at a time
    account     the user that runs the server, and the directories that are theirs
    binaries    which PostgreSQL
    postmaster  the process: is it there, run it
    cluster     the data directory, its configuration, the role and the database
    server      start, stop, status
"""

from atlas.embedded.binaries import OLDEST_MAJOR, wheel_programs
from atlas.embedded.layout import STORE
from atlas.embedded.server import ServerStatus, start, status, stop

__all__ = ["OLDEST_MAJOR", "STORE", "ServerStatus", "start", "status", "stop", "wheel_programs"]
