"""Which process owns a run, and whether it lives."""

from __future__ import annotations

import os
import subprocess
import sys

from cluster.registry.process import is_alive, this_process

NAME = "from cluster.registry.process import this_process; print(this_process(), flush=True); input()"


def test_this_process_is_alive():
    assert is_alive(this_process()) is True


def test_process_that_ended_is_dead_also_as_a_zombie():
    child = subprocess.Popen([sys.executable, "-c", NAME], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdin is not None
    name = child.stdout.readline().strip()
    assert is_alive(name) is True

    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_alive(name) is False  # not yet reaped
    child.communicate()
    assert is_alive(name) is False


def test_process_whose_number_was_given_to_another_is_dead():
    machine, process_id, start_ticks = this_process().rsplit("/", 2)
    assert is_alive(f"{machine}/{process_id}/{int(start_ticks) - 1}") is False


def test_process_before_a_reboot_is_dead_and_on_another_host_unknown():
    host, _boot, process_id, start_ticks = this_process().split("/")
    assert is_alive(f"{host}/another-boot/{process_id}/{start_ticks}") is False
    assert is_alive(f"elsewhere{host}/another-boot/{process_id}/{start_ticks}") is None
