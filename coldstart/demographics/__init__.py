"""Popular with people alike: by age group × location × language, precomputed, coarser where a cell has too few.

An item's share in a cell is (its likers + m × its share in the next coarser cell) ÷ (people + m): Dirichlet smoothing
towards the coarser cell (MacKay, Peto 1995).
"""

from coldstart.demographics.cells import Cell, Counts, ancestors, shrunk
from coldstart.demographics.rebuilding import rebuild

__all__ = ["Cell", "Counts", "ancestors", "rebuild", "shrunk"]
