"""Landing: what arrives is checked against its contract, kept, and accounted for, record by record."""

from atlas.landing.land import land_file, land_lines, land_stream
from atlas.landing.receipt import Receipt, RefusedDelivery
from atlas.landing.write import prepare

__all__ = ["Receipt", "RefusedDelivery", "land_file", "land_lines", "land_stream", "prepare"]
