"""What is done with Go Bags: packing a run, issuing one, undoing an issue, opening one, what comes back, retiring one.

Whoever decides where a bag goes locks first its place's bags (``queue_for_bags``), then the bag's position, and
reads again what the decision rests on. So two sergeants and one last bag end as one issue and one refusal.
"""

from inventory.bags.services.coming_back import hand_back, retire
from inventory.bags.services.issuing import issue_bag, may_undo, undo_issue
from inventory.bags.services.locking import queue_for_bags
from inventory.bags.services.opening import put_in, take_out
from inventory.bags.services.packing import pack_bag, pack_run

__all__ = [
    "hand_back",
    "issue_bag",
    "may_undo",
    "pack_bag",
    "pack_run",
    "put_in",
    "queue_for_bags",
    "retire",
    "take_out",
    "undo_issue",
]
