"""`make schemas`: docs/problems.md from schemas/errors.py and what HTTP makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from schemas.errors import ReelwrightError
from serve.http.problems import OF_THE_FRAMEWORK, TYPE, status_of
from tools.schema_docs import HEADER

PAGE = Path(__file__).resolve().parent.parent / "docs" / "problems.md"

HEAD = f"""# Problems

What a request is answered that was not served: a problem document (RFC 9457, `application/problem+json`).

    {{"type": "{TYPE}not_found", "title": "Not found", "status": 404, "code": "not_found",
     "detail": "no artifact 'a_none'", "evidence": {{}}}}

`code` is stable and for programs, `detail` for people, `evidence` holds the facts by name. 429 and 503 carry
`Retry-After`. The Python client raises the error of the same code. A code that stands under another here is a kind of
it: who handles `invalid_input` handles `media_unreadable`.

| code | status | what it means |
|---|---|---|
"""


def kinds(base: type[ReelwrightError] = ReelwrightError, depth: int = 0) -> Iterator[tuple[type[ReelwrightError], int]]:
    """Every error that can be told, each after what it is a kind of."""
    for one in base.__subclasses__():
        if one.__module__ == base.__module__:
            yield one, depth
            yield from kinds(one, depth + 1)


def render() -> str:
    """The page."""
    rows = []
    for kind, depth in kinds():
        meaning = " ".join((kind.__doc__ or "").split())
        rows.append(f"| {'&nbsp;&nbsp;' * depth}`{kind.code}` | {status_of(kind(''))} | {meaning} |\n")
    rows += [f"| `{code}` | {status} | {meaning} |\n" for code, (status, meaning) in OF_THE_FRAMEWORK.items()]
    return HEADER + HEAD + "".join(rows)


def main() -> int:
    PAGE.write_text(render(), encoding="utf-8")
    print(f"{PAGE.name}: {len(list(kinds())) + len(OF_THE_FRAMEWORK)} codes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
