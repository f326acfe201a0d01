"""Rules of par levels: what a place has against one, how one is suggested, and how good a way of setting them was."""

from inventory.pars.rules.levels import Level
from inventory.pars.rules.replaying import Replay, Trial, drawn_again, fixed, replay, replay_all, suggested
from inventory.pars.rules.suggesting import (
    REVIEW_DAYS,
    SERVICE_PERCENT,
    Suggestion,
    busiest_spell,
    nearer,
    resupply_days,
    suggest,
    without_surges,
)

__all__ = [
    "REVIEW_DAYS",
    "SERVICE_PERCENT",
    "Level",
    "Replay",
    "Suggestion",
    "Trial",
    "busiest_spell",
    "drawn_again",
    "fixed",
    "nearer",
    "replay",
    "replay_all",
    "resupply_days",
    "suggest",
    "suggested",
    "without_surges",
]
