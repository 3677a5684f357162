"""Warnings of Ray itself, which tests that start it let pass; everything else is an error."""

from __future__ import annotations

NOISE = (
    # Ray Serve's settings, while they are imported.
    "ignore:Using extra keyword arguments on `Field`:pydantic.warnings.PydanticDeprecatedSince20",
    "ignore::FutureWarning:ray",
    "ignore::DeprecationWarning:ray",
    # Ray leaves sockets and log files to the garbage collector.
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
