"""What schemathesis is told of the site that it asks: the caller's own tenant, and an asset that is there.

Valid bodies would nearly all be refused at the door otherwise, for naming a tenant that nobody is.
"""

from __future__ import annotations

import os
import re
from typing import Any

import schemathesis

KNOWN = {"tenant_id": "t1", "env": "dev", "asset_id": os.environ.get("ASSET", "")}

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,127}")


@schemathesis.hook
def map_body(_: Any, body: Any) -> Any:
    """The body, with what is known in place of what is only valid; what is invalid stays so."""
    if isinstance(body, dict):
        for name, value in KNOWN.items():
            given = body.get(name)
            if isinstance(given, str) and (name != "asset_id" or _IDENTIFIER.fullmatch(given)):
                body[name] = value
    return body
