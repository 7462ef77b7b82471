"""What the run costs this machine, and what machine it is."""

import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

_T = TypeVar("_T")


def with_cpu(run: Callable[[], _T], folder: Path) -> tuple[_T, float]:
    """(what it returned, CPU seconds that the servers below this process and the stores of `folder` took meanwhile)"""
    before = _cpu_s(folder)
    result = run()
    after = _cpu_s(folder)
    return result, sum(after[pid] - before.get(pid, 0.0) for pid in after)


def memory_mb(folder: Path) -> dict[str, float]:
    """Resident memory of the web processes below this one, and of Postgres; of what processes share each has its
    part."""
    web = sum(_own_mb(child) for child in psutil.Process().children(recursive=True))
    stores = [process for process in psutil.process_iter() if _is_store(process, folder)]
    return {"web": web, "postgres": sum(_own_mb(one) for one in stores if "postgres" in _name(one))}


def description() -> str:
    """The machine in a line."""
    model = next(
        (line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or "unknown processor",
    )
    memory_gb = psutil.virtual_memory().total / 2**30
    return (
        f"{len(os.sched_getaffinity(0))} cores ({model}), {memory_gb:.0f} GB, {platform.system()} "
        f"{platform.release().split('-')[0]}, Python {platform.python_version()}; client, server, Postgres and Valkey "
        "share the cores"
    )


def load_now() -> float:
    """Processes that want a core, over the last minute: above the number of cores others were at work too."""
    return os.getloadavg()[0]


def _cpu_s(folder: Path) -> dict[int, float]:
    """CPU seconds so far, by process id, of what answers: our children and the stores."""
    ours = {child.pid for child in psutil.Process().children(recursive=True)}
    spent = {}
    for process in psutil.process_iter():
        if process.pid in ours or _is_store(process, folder):
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            # What a connection's process did counts although it has ended: its parent waited for it.
            spent[process.pid] = times.user + times.system
    return spent


def _is_store(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.cwd().startswith(str(folder))
    except psutil.Error:
        return False


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:
        return ""


def _own_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / 2**20
    except (psutil.Error, AttributeError):
        return 0.0


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []
