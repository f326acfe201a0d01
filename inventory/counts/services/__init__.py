"""What people do with counts: start one, count, finish, approve, take a difference back; and pass a cupboard on."""

from inventory.counts.services.approving import Decision, approve
from inventory.counts.services.counting import add_described, add_item, see
from inventory.counts.services.finishing import ask_again, finish
from inventory.counts.services.handing_over import begin_handover, sign_handover
from inventory.counts.services.setting import set_counting
from inventory.counts.services.starting import BAGS, abandon, start
from inventory.counts.services.taking_back import take_back

__all__ = [
    "BAGS",
    "Decision",
    "abandon",
    "add_described",
    "add_item",
    "approve",
    "ask_again",
    "begin_handover",
    "finish",
    "see",
    "set_counting",
    "sign_handover",
    "start",
    "take_back",
]
