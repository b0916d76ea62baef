"""Atlas: a governed data platform on plain PostgreSQL, declared as code."""

__version__ = "0.1.0"
