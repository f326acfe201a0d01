"""What a place has of one thing against its par level, and the shortage that follows.

On hand, promised and in transit are always apart. A place that gives (a store) promises some of what it has to
others; a place that asks is promised some of what its store has. Both are named, and neither is counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from inventory.catalogue.rules import ItemKind


@dataclass(frozen=True)
class Level:
    """One item, or one kind of Go Bag, at one place.

    Attributes:
        code: of the item or of the kit recipe.
        kind: of the item; None for a Go Bag.
        language: code of the language of a booklet or card.
        par_count: what the place should hold, 0 when nobody set it.
        on_hand_count: loose units there and in date, or Go Bags standing there.
        expired_count: loose units there that are out of date: no use, and so not held.
        apart_count: loose units there on hold or recalled: kept apart, and so not held.
        unready_count: of the Go Bags standing there, those that need something.
        kept_count: promised to others, out of what is on hand.
        reserve_count: in the surge reserve of a store, out of what is on hand.
        needed_count: units missing from the Go Bags standing there.
        asked_count: asked for and waiting for approval.
        promised_count: approved for this place and not yet sent.
        in_transit_count: on its way to this place, not yet counted.
    """

    code: str
    name: str
    kind: ItemKind | None = None
    language: str | None = None
    par_count: int = 0
    on_hand_count: int = 0
    expired_count: int = 0
    apart_count: int = 0
    unready_count: int = 0
    kept_count: int = 0
    reserve_count: int = 0
    needed_count: int = 0
    asked_count: int = 0
    promised_count: int = 0
    in_transit_count: int = 0

    @property
    def is_bag(self) -> bool:
        """Whether this is a kind of Go Bag."""
        return self.kind is None

    @property
    def key(self) -> str:
        """What names the thing in a form: items and recipes may share a code."""
        return f"{'bag' if self.is_bag else 'item'}:{self.code}"

    @property
    def held_count(self) -> int:
        """On hand, not promised to others and not in the surge reserve."""
        return self.on_hand_count - self.kept_count - self.reserve_count

    @property
    def usable_count(self) -> int:
        """Held and ready to be given out."""
        return max(0, self.held_count - self.unready_count)

    @property
    def coming_count(self) -> int:
        """Everything already asked for, promised or on its way."""
        return self.asked_count + self.promised_count + self.in_transit_count

    @property
    def shortage_count(self) -> int:
        """What is missing to reach the par level and fill the bags here, after all that is coming."""
        return max(0, self.par_count + self.needed_count - self.held_count - self.coming_count)

    @property
    def below_par_count(self) -> int:
        """What is missing on the shelf now, whatever is coming."""
        return max(0, self.par_count - self.usable_count)

    @property
    def reason(self) -> str:
        """How the shortage comes about, such as "par 6, held 2, 1 promised, 1 on its way"."""
        parts = [f"par {self.par_count:,}", f"held {self.on_hand_count:,}"]
        if self.unready_count:
            parts.append(f"{self.unready_count:,} of them not ready")
        if self.expired_count:
            parts.append(f"{self.expired_count:,} more out of date")
        if self.apart_count:
            parts.append(f"{self.apart_count:,} more on hold or recalled")
        if self.kept_count:
            parts.append(f"{self.kept_count:,} of them kept for others")
        if self.reserve_count:
            parts.append(f"{self.reserve_count:,} of them in the surge reserve")
        if self.needed_count:
            parts.append(f"{self.needed_count:,} to put back into Go Bags here")
        if self.asked_count:
            parts.append(f"{self.asked_count:,} waiting for approval")
        if self.promised_count:
            parts.append(f"{self.promised_count:,} promised")
        if self.in_transit_count:
            parts.append(f"{self.in_transit_count:,} on its way")
        return ", ".join(parts)
