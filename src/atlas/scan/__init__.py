"""Where personal data lies: found by PostgreSQL in shape, by validators in substance, and kept with reasons."""

from atlas.scan.scan import ScanResult, scan

__all__ = ["ScanResult", "scan"]
