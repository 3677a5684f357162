"""`make gates`: what ruff does not check. Files are short, names say something, and some calls have one door.

Source of the rules: docs/CONTRIBUTING.md.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("schemas", "cluster", "actors", "pipelines", "serve")
LONGEST_FILE_LINES = 400

EMPTY_NAMES = re.compile(
    r"(util|utils|helper|helpers|common|misc|manager|managers|service|services|handler|handlers|base|core|data|info)"
)
EMPTY_CLASS = re.compile(r"\w*(Manager|Handler|Service|Helper|Helpers|Utils|Util|Base|Core|Misc)")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")

ONE_DOOR: dict[str, tuple[str, ...]] = {
    "av.open": ("pipelines/media/",),
    "wave.open": ("pipelines/media/",),
    "Image.open": ("pipelines/media/",),
    "ray.init": ("cluster/ray_session.py",),
    "os.getenv": ("cluster/settings.py",),
    "os.environ.get": ("cluster/settings.py", "cluster/ray_session.py"),
    "torch.load": (),
    "torch.hub.load": (),
    "joblib.load": (),
    "yaml.load": (),
    "pickle.load": (),
    "pickle.loads": (),
    "pickle.dumps": (),
    "pickle.dump": (),
}
"""Call -> the places in our packages where it may stand. Tests are free."""


def problems_of(path: PurePosixPath, text: str) -> Iterator[str]:
    """One line for each rule that a Python file breaks. `path` is relative to the repository."""
    length = text.count("\n")
    if length > LONGEST_FILE_LINES:
        yield f"{path}: {length} lines, over {LONGEST_FILE_LINES}; a file is one noun, what are the two?"
    for part in (*path.parts[:-1], path.stem):
        if EMPTY_NAMES.fullmatch(part):
            yield f"{path}: {part!r} says nothing; what is the noun?"
    tree = ast.parse(text, str(path))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ClassDef)
            and (match := EMPTY_CLASS.fullmatch(node.name))
            and not _inherits(node, match[1])
        ):
            yield f"{path}:{node.lineno}: class {node.name!r} says nothing; what does it guard?"
    if path.parts[0] in PACKAGES:
        yield from _problems_of_product_code(path, text, tree)


def _inherits(node: ast.ClassDef, word: str) -> bool:
    """True for `class Ours(logging.Handler)`: the word is a library's, not ours."""
    return any(re.search(rf"\.\w*{word}\b", ast.unparse(base)) for base in node.bases)


def _problems_of_product_code(path: PurePosixPath, text: str, tree: ast.Module) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        if match := UNFINISHED.search(line):
            yield f"{path}:{number}: {match[0]}: finish it or leave it out"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            doors = ONE_DOOR.get(call := ast.unparse(node.func))
            if doors is not None and not str(path).startswith(doors or ("nowhere",)):
                yield f"{path}:{node.lineno}: {call} may stand only in {', '.join(doors) or 'no file of ours'}"


def main() -> int:
    problems: list[str] = []
    count = 0
    for folder in (*PACKAGES, "tests", "tools", "docs"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            count += 1
            problems += problems_of(PurePosixPath(path.relative_to(ROOT)), path.read_text())
    print("\n".join([*problems, f"gates: {count} files, {len(problems)} problems"]))
    return int(bool(problems))


if __name__ == "__main__":
    raise SystemExit(main())
