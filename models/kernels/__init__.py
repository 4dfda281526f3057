"""Fused recurrence kernels, compiled by numba; no C compiler is needed. Importing this package chooses numba's cache."""

from models.kernels.cache import prepare_cache

CACHE = prepare_cache()
