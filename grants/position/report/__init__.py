"""Frozen figures of money pages: what the screen and every file paint alike."""

from grants.position.report.bars import Bar, BarPart
from grants.position.report.flow import Flow, Ribbon, Stop, flow_of
from grants.position.report.lines import FollowedLine, freeze_line
from grants.position.report.positions import Position, freeze_position

__all__ = [
    "Bar",
    "BarPart",
    "Flow",
    "FollowedLine",
    "Position",
    "Ribbon",
    "Stop",
    "flow_of",
    "freeze_line",
    "freeze_position",
]
