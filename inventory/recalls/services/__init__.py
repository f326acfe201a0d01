"""Holding and recalling, answering for a place, counting in what came back, and ending a recall."""

from inventory.recalls.services.answering import answer, take_in
from inventory.recalls.services.making import close, recall, release

__all__ = ["answer", "close", "recall", "release", "take_in"]
