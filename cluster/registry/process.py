"""Which process owns a run, and whether it still lives: how a killed run is told from a running one."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def this_process() -> str:
    """A name of this process that no other ever has: host, boot, process id and start time."""
    return f"{_machine()}/{os.getpid()}/{_start_ticks(os.getpid())}"


def is_alive(process: str) -> bool | None:
    """Whether the process named by `this_process` lives; None when it ran on another host and nobody here can know."""
    machine, process_id, start_ticks = process.rsplit("/", 2)
    if machine != _machine():
        # After a reboot the host is the same, its processes are not.
        return False if machine.split("/")[0] == socket.gethostname() else None
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives and belongs to another user
        pass
    return _start_ticks(int(process_id)) == start_ticks


def _machine() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id")
    return f"{socket.gethostname()}/{boot.read_text().strip() if boot.exists() else '-'}"


def _start_ticks(process_id: int) -> str:
    """Start time of a process in clock ticks since boot, `dead` for a zombie, `-` where there is no /proc."""
    stat = Path(f"/proc/{process_id}/stat")
    if not stat.exists():
        return "-"
    # The second field is the command in brackets and may hold spaces: count from the last bracket.
    fields = stat.read_text().rpartition(")")[2].split()
    return "dead" if fields[0] in "ZX" else fields[19]
