"""Collectors: what reads a system's own store and hands its records to landing."""
