"""What needs somebody's attention: each line says what, since when, what to do and where."""

from console.attention.line import Attention
from console.attention.lines import attention

__all__ = ["Attention", "attention"]
