"""Drives the real application over its WebSocket, with and without training, with faults and for long."""
