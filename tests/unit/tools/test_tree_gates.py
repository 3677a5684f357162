"""The gates find what they are there for."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from tools.tree_gates import problems_of


def problems(path: str, text: str) -> str:
    return "\n".join(problems_of(PurePosixPath(path), text))


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("schemas/long.py", "x = 1\n" * 401, "401 lines, over 400"),
        ("pipelines/utils.py", "", "'utils' says nothing"),
        ("pipelines/common/time.py", "", "'common' says nothing"),
        ("tests/unit/helpers.py", "", "'helpers' says nothing"),
        ("cluster/jobs.py", "class JobManager:\n    pass\n", "class 'JobManager' says nothing"),
        ("cluster/jobs.py", "x = 1  # TO" + "DO later\n", "finish it or leave it out"),
        ("cluster/jobs.py", "import av\nav.open('x')\n", ":2: av.open may stand only in pipelines/media/"),
        ("pipelines/runner.py", "import ray\nray.init()\n", "ray.init may stand only in cluster/ray_session.py"),
        ("actors/faces.py", "import torch\ntorch.load('x')\n", "torch.load may stand only in no file of ours"),
        ("actors/faces.py", "import os\nos.environ.get('X')\n", "may stand only in cluster/settings.py"),
    ],
)
def test_gates_on_a_file_that_breaks_a_rule_name_it(path, text, said):
    assert said in problems(path, text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("schemas/long.py", "x = 1\n" * 400),
        ("pipelines/media/decode.py", "import av\nav.open('x')\n"),
        ("cluster/ray_session.py", "import ray\nray.init()\n"),
        ("tests/unit/media/test_open.py", "import av\nav.open('x')\n"),
        ("cluster/logs.py", "import logging\nclass OurHandler(logging.StreamHandler[str]):\n    pass\n"),
        ("schemas/database.py", "class Commonplace:\n    pass\n"),
    ],
)
def test_gates_on_a_file_that_keeps_the_rules_are_silent(path, text):
    assert problems(path, text) == ""
