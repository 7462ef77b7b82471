"""The sequence model's training: what a user turns to next, from the order of what she turned to (SASRec: Kang, McAuley
2018)."""

from retrieval.towers.sequence.config import SequenceConfig
from retrieval.towers.sequence.training import TrainedSequence, train_sequence

__all__ = ["SequenceConfig", "TrainedSequence", "train_sequence"]
