"""The preload's name of version 0.1: `models.worker.preload` does the work. It goes with version 0.3."""

import logging

from models.worker.preload import dask_setup

__all__ = ["dask_setup"]

logging.getLogger("gatescope.worker").warning(
    "`preload: [models.experiments.preload]` is the old name: write models.worker.preload; version 0.3 drops the old one."
)
