"""The console's tables, and what its pages hang their rights on."""

from console.models.entering import LogInAttempt
from console.models.imports import BadLine, ImportPiece, ImportRun
from console.models.pages import AudiencePage, CachePage, DataPage

__all__ = ["AudiencePage", "BadLine", "CachePage", "DataPage", "ImportPiece", "ImportRun", "LogInAttempt"]
