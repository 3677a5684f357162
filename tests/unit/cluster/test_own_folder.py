"""Folders of killed processes are swept, whatever moment they were killed at; those of the living stay."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from cluster.own_folder import own_folder, sweep_left


def _left_by_a_killed_process(above: Path) -> None:
    child = os.fork()
    if child == 0:
        with own_folder(above / "run"):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def test_folder_of_a_killed_process_is_swept(tmp_path: Path) -> None:
    _left_by_a_killed_process(tmp_path)
    (left,) = tmp_path.iterdir()
    assert list(left.iterdir()) == []  # killed right after it was made: nothing inside says whose it was
    sweep_left(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_folder_of_a_living_process_stays_and_goes_with_it(tmp_path: Path) -> None:
    with own_folder(tmp_path / "run") as mine:
        sweep_left(tmp_path)
        assert mine.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_not_of_this_kind_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.photos").mkdir()
    (tmp_path / "run.00000000.1.1").mkdir()  # another host's: it may live
    sweep_left(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_folder_name_leaves_room_for_the_sockets_of_ray(tmp_path: Path) -> None:
    with own_folder(tmp_path / "rw1234") as mine:
        socket = f"/tmp/{mine.name}/session_2026-11-21_02-08-58_219134_{2**22}/sockets/plasma_store"
        assert len(socket) <= 107
