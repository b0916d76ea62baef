"""The DORA metrics as one would work them out by hand: from git and what services tell, without a database.

It shares nothing with the models but the definitions in docs/guides/delivery.md, and takes the plainest way, not the
fastest: git is asked once for each deployment.

- ``repositories``: what git says: commits and release tags.
- ``deployments``: which there were, how they ended, what came back.
- ``histories``: what each shipped first, and which failed.
- ``metrics``: the figures, by the names of periods that ``calendar`` has.
- ``teams``: whose all of that is.
"""
