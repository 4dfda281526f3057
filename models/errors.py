"""The error hierarchy. Pages and the command line catch `GatescopeError` and show its sentence."""

from data.errors import DataError, GatescopeError, InvalidSpecError, UnknownNameError

__all__ = [
    "CapacityError",
    "CheckpointError",
    "DataError",
    "EngineError",
    "GatescopeError",
    "InvalidSpecError",
    "StoreError",
    "StoreLostError",
    "UnknownNameError",
]


class EngineError(GatescopeError):
    """A run failed or could not start; the message says why and what to do."""


class CheckpointError(GatescopeError):
    """A file of a trained network cannot be read; the message says why and how to save it instead."""


class CapacityError(GatescopeError):
    """A limit on size, time, memory or queue length would be exceeded; the message names it and what to do."""


class StoreError(GatescopeError):
    """The store could not read or write; nothing that was acknowledged is lost."""


class StoreLostError(StoreError):
    """The store's file is missing, empty or damaged; reopening the store restores the newest good copy."""
