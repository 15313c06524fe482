"""Runs a prefecture's creation plan: asks, reminds, tells, and keeps the record."""

__version__ = "0.1.0"
