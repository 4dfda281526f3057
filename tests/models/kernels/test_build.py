"""Compiling kernels in separate processes."""

import os
import subprocess
import sys
from pathlib import Path

from models.kernels.cache import VARIABLE
from tests.timing import PATIENCE

LOAD = """
import sys
from models.kernels.build import compile_kernel
from models.kernels.shared_functions import provide
import models.kernels.weight_gradients
provide("float32")
compile_kernel("gru", "float32")
from models.kernels import gru
print(sum(gru.forward.stats.cache_hits.values()), sum(gru.backward.stats.cache_hits.values()), "torch" in sys.modules)
"""


def test_two_processes_build_what_a_third_only_loads(tmp_path: Path) -> None:
    """One builds the parts, one a kernel that refers to them; whoever comes later compiles nothing and loads no torch."""
    surroundings = {**os.environ, VARIABLE: str(tmp_path), "PYTHONPATH": os.getcwd()}
    builders = [
        subprocess.Popen([sys.executable, "-m", "models.kernels.build", name, "float32"], env=surroundings)
        for name in ("parts", "gru")
    ]
    assert [builder.wait(PATIENCE) for builder in builders] == [0, 0]
    found = subprocess.run([sys.executable, "-c", LOAD], env=surroundings, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["1", "1", "False"]
