"""Describe the machine and versions that numbers were measured on."""

import os
import platform
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from models.platform import load_average


@lru_cache(maxsize=1)
def cpu_name() -> str:
    """Return the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def environment(kernel: str, device: torch.device) -> dict[str, str]:
    """Return versions, processor, threads, device, kernel, and the load: the average number of runnable threads over the last minute."""
    named = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),  # a plain string: torch's own type would make readers import torch
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": cpu_name(),
        "cores": str(os.cpu_count() or 1),
        "load": f"{load_average():.1f}",
        "capability": torch.backends.cpu.get_cpu_capability(),
        "threads": str(torch.get_num_threads()),
        "device": named,
        "kernel": kernel,
    }
