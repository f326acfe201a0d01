"""INV-14: from an issued Go Bag back to who paid, and from a grant line forward to what was issued, agree in pence."""

from __future__ import annotations

from datetime import timedelta

from core.access import Scope
from core.db import db, transaction
from grants.awards.queries import line_by_name
from grants.position import queries as position
from grants.position.rules import Whereabouts
from inventory.bags import services as bags
from inventory.bags.models import Bag, IssueRoute
from inventory.bags.rules import PackedLine
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import NewLine
from inventory.deliveries.rules import DeliveredLine
from tests.factories import AT, World
from tests.grants.factories import (
    STARTS,
    add_award,
    add_catalogue,
    add_invoice,
    bill,
    deliver,
    split,
    towels,
)
from tests.inventory.shelves import who

EVERYWHERE = Scope.everywhere()


def pack_three(world: World) -> list[Bag]:
    """Pack three Go Bags of one towel each from a delivery of three."""
    delivery = deliver(world, DeliveredLine("TOWEL", 3))
    bill(world, "INV-00001-1", delivery, 3)
    with transaction():
        catalogue.write_recipe_version(
            "TOWEL-BAG", name="Towel", in_use_from=STARTS, lines=[NewLine(1, item_code="TOWEL")],
            **who(world.actor("storekeeper")),
        )  # fmt: skip
        return bags.pack_run(
            "TOWEL-BAG", place_code="STORE", seal_numbers=["S1", "S2", "S3"],
            contents=[PackedLine(delivery.lines[0].lot.code, 3)], happened_at=AT, scope=EVERYWHERE,
            **who(world.actor("storekeeper")),
        )  # fmt: skip


def issue(world: World, tag: str) -> str:
    with transaction():
        made = bags.issue_bag(
            tag, route=IssueRoute.OFFICER, issued_at=AT, scope=EVERYWHERE,
            **who(world.actor("sergeant"), AT + timedelta(hours=1)),
        )  # fmt: skip
        return made.slip


def test_what_issued_bags_cost_is_what_their_lines_say_was_issued(world: World) -> None:
    """
    Three towels for £10.00, £6.00 from line A and £4.00 from line B; two of the three bags are issued.

    | bag | pence | line A | line B |                                                    |
    |-----|------:|-------:|-------:|----------------------------------------------------|
    | 1   |   333 |    199 |    134 | ⌊333·600/1000⌋ of the first 333 pence are line A's |
    | 2   |   333 |    200 |    133 | ⌊666·600/1000⌋ = 399 of the first 666              |
    | 3   |   334 |    201 |    133 | the rest; it stands at the store                   |
    """
    add_award(world)
    add_catalogue(world)
    add_invoice(world, towels(3, 10_00))
    split(world, "INV-00001-1", A=6_00, B=4_00)
    packed = pack_three(world)
    slips = [issue(world, bag.tag) for bag in packed[:2]]
    costs = [position.bag_cost(bag) for bag in packed]
    assert [cost.total_pence for cost in costs] == [333, 333, 334]
    assert [cost.by_line for cost in costs] == [
        {"GB2026/A": 199, "GB2026/B": 134},
        {"GB2026/A": 200, "GB2026/B": 133},
        {"GB2026/A": 201, "GB2026/B": 133},
    ]
    lines = {code: line_by_name(f"GB2026/{code}").id for code in "AB"}
    outcomes = position.line_outcomes(list(lines.values()))
    issued = {code: outcomes[key].by_whereabouts[Whereabouts.ISSUED] for code, key in lines.items()}
    assert issued == {"A": 399, "B": 267}
    assert {part.row for cost in costs for thing in cost.things for part in thing.parts} == {"INV-00001-1"}

    with transaction():
        bags.undo_issue(
            slips[0], reason="Wrong tag", scope=EVERYWHERE, **who(world.actor("storekeeper"), AT + timedelta(hours=2))
        )
    db.session.expire_all()
    assert position.bag_cost(packed[0]).by_line == {"GB2026/A": 199, "GB2026/B": 134}
    outcomes = position.line_outcomes(list(lines.values()))
    issued = {code: outcomes[key].by_whereabouts[Whereabouts.ISSUED] for code, key in lines.items()}
    assert issued == {"A": 200, "B": 133}
