"""Which versions of the packages that an engine computes with are installed; they stand in its digest."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from schemas.errors import Unavailable


def installed(packages: Sequence[str]) -> dict[str, str]:
    """Package -> its version.

    Raises:
        Unavailable: one is not installed.
    """
    try:
        return {name: version(name) for name in packages}
    except PackageNotFoundError as exc:
        raise Unavailable(f"the package {exc.name!r} is not installed; run make setup") from exc
