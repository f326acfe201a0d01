"""Frozen figures of money pages: what the screen and the CSV paint alike."""

from grants.position.report.flow import Flow, Ribbon, Stop, flow_of
from grants.position.report.lines import FollowedLine, freeze_line
from grants.position.report.positions import Bar, BarPart, Position, freeze_position, position_csv

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
    "position_csv",
]
