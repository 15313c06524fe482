"""Prefect flows: thin enough to be good Python without their decorators."""
