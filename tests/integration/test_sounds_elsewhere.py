"""Composed sounds are the same in another process: half a minute of music, composed twice."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

from pipelines.sound.ambience import ambience
from pipelines.sound.effects import effect
from pipelines.sound.music import music_bed

PROGRAM = """
import hashlib
from pipelines.sound.ambience import ambience
from pipelines.sound.effects import effect
from pipelines.sound.music import music_bed
print(hashlib.sha256(music_bed("urgent").tobytes() + ambience("waves").tobytes() + effect("door").tobytes()).hexdigest())
"""


def test_sounds_are_the_same_in_another_process():
    sounds = (music_bed("urgent"), ambience("waves"), effect("door"))
    here = hashlib.sha256(b"".join(sound.tobytes() for sound in sounds)).hexdigest()
    environment = {**os.environ, "PYTHONHASHSEED": "9", "PYTHONPATH": os.pathsep.join(sys.path)}
    out = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, check=True, text=True)
    assert out.stdout.strip() == here
