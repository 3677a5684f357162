"""Virtual environments for the peers that benches run against: made once from pinned requirements, outside the project.

python = peer_python("scenedetect")        None when it cannot be made; the reason is printed
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from platformdirs import user_cache_path

HERE = Path(__file__).resolve().parent
LONGEST_S = 300


def peer_python(name: str) -> Path | None:
    """The interpreter of the environment that `{name}.txt` pins, made if it is not there."""
    pins = HERE / f"{name}.txt"
    folder = user_cache_path("reelwright") / "peers" / f"{name}-{hashlib.sha256(pins.read_bytes()).hexdigest()[:16]}"
    python = folder / "bin" / "python"
    if not (folder / "ready").is_file():
        uv = Path(sys.executable).with_name("uv")
        shutil.rmtree(folder, ignore_errors=True)
        try:
            _run(uv, "venv", "--python", sys.executable, folder)
            _run(uv, "pip", "install", "--python", python, "--require-hashes", "-r", pins)
        except (OSError, subprocess.SubprocessError) as exc:
            print(f"\n{name} cannot be set up, so nothing is compared with it: {exc}")
            return None
        (folder / "ready").touch()
    return python


def _run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True, timeout=LONGEST_S)
