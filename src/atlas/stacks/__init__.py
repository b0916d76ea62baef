"""Stacks of services: what `atlas up`, `atlas down` and `atlas env --stack` do around the Pulumi program in infra/.

The program itself needs nothing from here: plain ``pulumi up`` works on any stack whose secrets are set.
"""
