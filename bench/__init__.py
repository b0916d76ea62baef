"""Side-by-side measurements, each against what one would use instead. See docs/performance.md."""
