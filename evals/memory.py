"""The most memory that this process and its children ever held, as Linux counts it; knows nothing else."""

from pathlib import Path

_PROC = Path("/proc")


def peak_memory_mb() -> int | None:
    """Megabytes; None on a system that does not tell."""
    try:
        total = sum(_peak_kb(pid) for pid in _family("self"))
    except OSError:
        return None
    return total // 1024 or None


def _family(pid: str) -> list[str]:
    children = []
    for task in (_PROC / pid / "task").iterdir():
        children += (task / "children").read_text().split()
    return [pid, *(each for child in children for each in _family(child))]


def _peak_kb(pid: str) -> int:
    for line in (_PROC / pid / "status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0
