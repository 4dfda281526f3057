"""The recurrent cells: equations, gates and formulas, for NumPy and torch alike."""

from models.cells.base import Cell, Gate, StateInfo, architectures, get_cell, registered_cell
from models.cells.sequence import recurrent_cells

__all__ = ["Cell", "Gate", "StateInfo", "architectures", "get_cell", "recurrent_cells", "registered_cell"]
