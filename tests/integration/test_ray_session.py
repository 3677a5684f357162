"""The private Ray starts, with its token, whatever was imported before it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.timeout(180)

PROGRAM = """
import ray
from cluster.ray_session import local_ray
from ray._raylet import AuthenticationMode, get_authentication_mode
with local_ray(1) as ray:
    print(ray.get(ray.put(4)), get_authentication_mode() == AuthenticationMode.TOKEN)
"""


def test_ray_imported_before_the_session_starts_with_the_token_of_the_session() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert ran.stdout.split() == ["4", "True"]
