"""Triggers that hold the invariants in the database itself, in SQLite's and in PostgreSQL's words.

A migration calls these; what a released migration made is never edited here, only added to.

* ``append_only``: rows are neither edited nor deleted. SQLite's INSERT OR REPLACE would slip past a delete
  trigger, so an insert over an existing key is refused too; PostgreSQL's TRUNCATE is refused by its own trigger.
* ``BALANCES``: a move keeps the balances of the two places; a balance that the moves do not explain is refused.
* ``past_balances``: a move keeps what its two places held of its lot from then on, and its posting is an act at both.
* ``POSITIONS``: a bag or serial unit moves only from where it is.
* ``SPLITS``: apportionments of a spending row stay between nothing and what the row costs; what explains a
  ledger line stays between nothing and its net amount, what the ledger books of a row between nothing and its
  net amount with VAT.
"""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op


def is_sqlite() -> bool:
    """Say whether the migration runs on SQLite."""
    return op.get_bind().dialect.name == "sqlite"


def append_only(table: str, unique_keys: Sequence[Sequence[str]]) -> None:
    """Refuse UPDATE, DELETE, REPLACE and TRUNCATE on a table.

    Args:
        unique_keys: column names of the primary key and of every unique constraint; none where one key has every
            column, so that there is nothing to replace.
    """
    for statement in _append_only_sqlite(table, unique_keys) if is_sqlite() else _append_only_postgresql(table):
        op.execute(statement)


def _append_only_sqlite(table: str, unique_keys: Sequence[Sequence[str]]) -> list[str]:
    refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
    same = " OR ".join("(" + " AND ".join(f"{column} = NEW.{column}" for column in key) + ")" for key in unique_keys)
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse}; END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}; END",
        *(
            [
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
                f"BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: {table} already has this key'); END"
            ]
            if same
            else []
        ),
    ]


def _append_only_postgresql(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]


def guard(table: str, event: str, limits: Sequence[tuple[str, str]], name: str = "sound") -> None:
    """Refuse a row of a table that meets one of the conditions.

    Args:
        event: "INSERT" or "UPDATE".
        limits: (condition over NEW and OLD, what to say).
        name: of the trigger, after the table's; a table may have several.
    """
    if is_sqlite():
        for number, (wrong, message) in enumerate(limits, start=1):
            op.execute(
                f"CREATE TRIGGER {table}_{name}_{number} BEFORE {event} ON {table} WHEN {wrong} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    checks = " ".join(f"IF {wrong} THEN {_refusal(message)} END IF;" for wrong, message in limits)
    op.execute(_function(f"{table}_{name}", f"BEGIN {checks} RETURN NEW; END"))
    op.execute(
        f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_{name}()"
    )


def never_goes_back(table: str, column: str) -> None:
    """Refuse to delete a row of a table, and to lower a column of it: what is kept beside the ledger only goes on.

    Args:
        column: a number that says how far the row goes.
    """
    for statement in _never_back_sqlite(table, column) if is_sqlite() else _never_back_postgresql(table, column):
        op.execute(statement)


def _never_back_sqlite(table: str, column: str) -> list[str]:
    refuse = f"SELECT RAISE(ABORT, '{table} never goes back')"
    return [
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}; END",
        f"CREATE TRIGGER {table}_goes_on BEFORE UPDATE ON {table} WHEN NEW.{column} < OLD.{column} BEGIN {refuse}; END",
    ]


def _never_back_postgresql(table: str, column: str) -> list[str]:
    wrong = _refusal(f"{table} never goes back")
    return [
        _function(f"{table}_kept", f"BEGIN {wrong} END"),
        _function(f"{table}_goes_on", f"BEGIN IF NEW.{column} < OLD.{column} THEN {wrong} END IF; RETURN NEW; END"),
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_kept()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_kept()",
        f"CREATE TRIGGER {table}_goes_on BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_goes_on()",
    ]


def shared_functions() -> None:
    """Make the functions that PostgreSQL's triggers call."""
    if is_sqlite():
        return
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; "
        "END $$"
    )


def domain_triggers() -> None:
    """Make the triggers of balances, positions and splits."""
    for statement in _SQLITE if is_sqlite() else _POSTGRESQL:
        op.execute(statement)


def outside_places() -> None:
    """Make the outside: one place of each kind that every move begins or ends in."""
    for code, name in _OUTSIDE.items():
        op.execute(
            "INSERT INTO place (code, name, kind, holds_stock) "
            f"VALUES ('{code}', '{name}', '{name.lower()}', {'0' if is_sqlite() else 'false'})"
        )


_OUTSIDE = {
    "SUPPLIERS": "Suppliers",
    "DONORS": "Donors",
    "UNMADE": "Not yet made up",
    "ISSUED": "Issued",
    "WRITTEN-OFF": "Written off",
    "LOST-FOUND": "Lost and found",
}

_EXPLAINED = """coalesce((
    SELECT sum(CASE WHEN to_place_id = NEW.place_id THEN unit_count ELSE -unit_count END) FROM move
    WHERE lot_id = NEW.lot_id AND (to_place_id = NEW.place_id OR from_place_id = NEW.place_id)
      AND id > {since} AND id <= NEW.explained_by_move_id), 0)"""

_KEEP_BALANCE = """
    INSERT INTO balance (place_id, lot_id, unit_count, explained_by_move_id)
    SELECT id, NEW.lot_id, {sign}NEW.unit_count, NEW.id FROM place WHERE id = NEW.{side} AND holds_stock {true}
    ON CONFLICT (place_id, lot_id) DO UPDATE
    SET unit_count = balance.unit_count + excluded.unit_count, explained_by_move_id = NEW.id;"""


def _keep(side: str, sign: str, true: str) -> str:
    """Write the upsert that keeps one side's balance."""
    return _KEEP_BALANCE.format(side=side, sign=sign, true=true)


_NOT_EXPLAINED = "this balance is not explained by the moves"

_SQLITE_BALANCES = [
    # SQLite checks CHECK (unit_count >= 0) on the row to insert before it looks for the conflict, so the side
    # that gives is an UPDATE; a place that never held the lot has no row, and its zero row is tried and refused.
    "CREATE TRIGGER move_keeps_balances AFTER INSERT ON move BEGIN "
    + _keep("to_place_id", "", "= 1")
    + """
    INSERT INTO balance (place_id, lot_id, unit_count, explained_by_move_id)
    SELECT id, NEW.lot_id, 0, 0 FROM place WHERE id = NEW.from_place_id AND holds_stock = 1
    ON CONFLICT (place_id, lot_id) DO NOTHING;
    UPDATE balance SET unit_count = unit_count - NEW.unit_count, explained_by_move_id = NEW.id
    WHERE place_id = NEW.from_place_id AND lot_id = NEW.lot_id; END""",
    "CREATE TRIGGER balance_begins_explained AFTER INSERT ON balance "
    f"WHEN NEW.unit_count <> {_EXPLAINED.format(since='0')} "
    f"BEGIN SELECT RAISE(ABORT, '{_NOT_EXPLAINED}'); END",
    "CREATE TRIGGER balance_stays_explained BEFORE UPDATE ON balance "
    f"WHEN NEW.unit_count - OLD.unit_count <> {_EXPLAINED.format(since='OLD.explained_by_move_id')} "
    "OR NEW.explained_by_move_id < OLD.explained_by_move_id "
    "OR NEW.place_id <> OLD.place_id OR NEW.lot_id <> OLD.lot_id "
    f"BEGIN SELECT RAISE(ABORT, '{_NOT_EXPLAINED}'); END",
    "CREATE TRIGGER balance_no_delete BEFORE DELETE ON balance "
    "BEGIN SELECT RAISE(ABORT, 'a balance is never deleted'); END",
]


def _position_sqlite(move: str, position: str, key: str, move_place: str, start: str) -> list[str]:
    """Write the triggers that keep a position table from its move table.

    Args:
        move_place: SQL giving (from, to) of the new move row, with NEW bound.
        start: kinds, quoted, of the outside places where a thing without a position may come from.
    """
    came_from, went_to = move_place.split("|")
    begin = f"(SELECT id FROM place WHERE kind IN ({start}) AND id = {came_from})"
    return [
        f"CREATE TRIGGER {move}_starts_where_it_is BEFORE INSERT ON {move} "
        f"WHEN {came_from} IS NOT "
        f"coalesce((SELECT place_id FROM {position} WHERE {key} = NEW.{key}), {begin}) "
        f"BEGIN SELECT RAISE(ABORT, '{move} does not start where it is'); END",
        f"CREATE TRIGGER {move}_keeps_position AFTER INSERT ON {move} BEGIN "
        f"INSERT INTO {position} ({key}, place_id) VALUES (NEW.{key}, {went_to}) "
        f"ON CONFLICT ({key}) DO UPDATE SET place_id = excluded.place_id; END",
    ]


_BAG = "NEW.from_place_id|NEW.to_place_id"
_UNIT = "(SELECT from_place_id FROM move WHERE id = NEW.move_id)|(SELECT to_place_id FROM move WHERE id = NEW.move_id)"
_LAST_BAG = "(SELECT to_place_id FROM bag_move WHERE bag_id = NEW.bag_id ORDER BY id DESC LIMIT 1)"
_LAST_UNIT = (
    "(SELECT m.to_place_id FROM unit_move u JOIN move m ON m.id = u.move_id "
    "WHERE u.unit_id = NEW.unit_id ORDER BY u.id DESC LIMIT 1)"
)


def _explained_position_sqlite(position: str, last: str) -> list[str]:
    """Write the triggers that refuse a position the moves do not explain."""
    refuse = f"SELECT RAISE(ABORT, '{position} is not explained by the moves')"
    return [
        f"CREATE TRIGGER {position}_{when.lower()}_explained BEFORE {when} ON {position} "
        f"WHEN NEW.place_id IS NOT {last} BEGIN {refuse}; END"
        for when in ("INSERT", "UPDATE")
    ] + [f"CREATE TRIGGER {position}_no_delete BEFORE DELETE ON {position} BEGIN {refuse}; END"]


_ROW_COST = (
    "(SELECT net_pence + CASE WHEN vat_recoverable {true} THEN 0 ELSE vat_pence END "
    "FROM spending_row WHERE id = NEW.row_id)"
)
_APPORTIONED = "(NEW.pence + coalesce((SELECT sum(pence) FROM apportionment WHERE row_id = NEW.row_id), 0))"
_OVER_SPLIT = "apportionments stay between nothing and what the row costs"


def _outside(total: str, limit: str) -> str:
    """Write the test that a total is not between nothing and a limit of either sign."""
    return f"({total} * sign({limit}) < 0 OR abs({total}) > abs({limit}))"


def _explained(line: str, new: str) -> str:
    """Write what explains a ledger line, its matches and its cancellations of either side, with a new amount."""
    return (
        f"({new} + coalesce((SELECT sum(pence) FROM ledger_match WHERE line_id = {line}), 0)"
        f" + coalesce((SELECT sum(pence) FROM ledger_cancellation WHERE line_id = {line}), 0)"
        f" - coalesce((SELECT sum(pence) FROM ledger_cancellation WHERE taken_back_by_id = {line}), 0))"
    )


_NET = "(SELECT net_pence FROM ledger_line WHERE id = {line})"
_GROSS = "(SELECT net_pence + vat_pence FROM spending_row WHERE id = NEW.row_id)"
_BOOKED = "(NEW.pence + coalesce((SELECT sum(pence) FROM ledger_match WHERE row_id = NEW.row_id), 0))"
_OVER_LINE = "what explains a ledger line stays between nothing and its net amount"
_OVER_ROW = "what the ledger books of a row stays between nothing and its net amount with VAT"
# What is held, what it may not go beyond, and the words of the refusal.
_MATCH_LIMITS = (
    (_explained("NEW.line_id", "NEW.pence"), _NET.format(line="NEW.line_id"), _OVER_LINE),
    (_BOOKED, _GROSS, _OVER_ROW),
)
_CANCELLATION_LIMITS = (
    (_explained("NEW.line_id", "NEW.pence"), _NET.format(line="NEW.line_id"), _OVER_LINE),
    (_explained("NEW.taken_back_by_id", "-NEW.pence"), _NET.format(line="NEW.taken_back_by_id"), _OVER_LINE),
)

_SQLITE_SPLITS = [
    "CREATE TRIGGER apportionment_within_cost BEFORE INSERT ON apportionment WHEN "
    + _outside(_APPORTIONED, _ROW_COST.format(true="= 1"))
    + f" BEGIN SELECT RAISE(ABORT, '{_OVER_SPLIT}'); END",
    *(
        f"CREATE TRIGGER {table}_within_{number} BEFORE INSERT ON {table} WHEN {_outside(total, limit)} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for table, limits in (("ledger_match", _MATCH_LIMITS), ("ledger_cancellation", _CANCELLATION_LIMITS))
        for number, (total, limit, message) in enumerate(limits, start=1)
    ),
]

_SQLITE = [
    *_SQLITE_BALANCES,
    *_position_sqlite("bag_move", "bag_position", "bag_id", _BAG, "'not yet made up'"),
    *_explained_position_sqlite("bag_position", _LAST_BAG),
    *_position_sqlite("unit_move", "unit_position", "unit_id", _UNIT, "'suppliers', 'donors'"),
    *_explained_position_sqlite("unit_position", _LAST_UNIT),
    *_SQLITE_SPLITS,
]


def _function(name: str, body: str) -> str:
    """Write a PostgreSQL trigger function."""
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"


def _refusal(message: str) -> str:
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';"


def _explained_postgresql(table: str, condition: str, message: str) -> list[str]:
    """Write the triggers that refuse what the moves do not explain, and any delete."""
    return [
        _function(f"{table}_explained", f"BEGIN IF {condition} THEN {_refusal(message)} END IF; RETURN NEW; END"),
        _function(f"{table}_kept", f"BEGIN {_refusal(f'{table} rows are never deleted')} END"),
        f"CREATE TRIGGER {table}_explained BEFORE INSERT OR UPDATE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_explained()",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_kept()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_kept()",
    ]


def _position_postgresql(move: str, position: str, key: str, move_place: str, start: str, last: str) -> list[str]:
    """Write the PostgreSQL triggers that keep a position from its moves; the row is locked while it changes."""
    came_from, went_to = move_place.split("|")
    wrong = _refusal(f"{move} does not start where it is")
    body = (
        f"DECLARE here bigint; came bigint := {came_from}; went bigint := {went_to}; BEGIN "
        f"SELECT place_id INTO here FROM {position} WHERE {key} = NEW.{key} FOR UPDATE; "
        f"IF came IS DISTINCT FROM "
        f"coalesce(here, (SELECT id FROM place WHERE kind IN ({start}) AND id = came)) THEN {wrong} END IF; "
        f"IF here IS NULL THEN INSERT INTO {position} ({key}, place_id) VALUES (NEW.{key}, went); "
        f"ELSE UPDATE {position} SET place_id = went WHERE {key} = NEW.{key}; END IF; RETURN NULL; END"
    )
    return [
        _function(f"{move}_keeps_position", body),
        f"CREATE TRIGGER {move}_keeps_position AFTER INSERT ON {move} "
        f"FOR EACH ROW EXECUTE FUNCTION {move}_keeps_position()",
        *_explained_postgresql(
            position, f"NEW.place_id IS DISTINCT FROM {last}", f"{position} is not explained by the moves"
        ),
    ]


def _matches_within_postgresql(table: str, lock: str, limits: Sequence[tuple[str, str, str]]) -> list[str]:
    """Write the trigger that keeps what is matched within its limits; what holds them is locked meanwhile."""
    checks = " ".join(
        f"total := {total}; most := {limit}; "
        f"IF total * sign(most) < 0 OR abs(total) > abs(most) THEN {_refusal(message)} END IF;"
        for total, limit, message in limits
    )
    return [
        _function(f"{table}_within", f"DECLARE total bigint; most bigint; BEGIN {lock} {checks} RETURN NEW; END"),
        f"CREATE TRIGGER {table}_within BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_within()",
    ]


_PG_BALANCE_BODY = f"""BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.unit_count <> {_EXPLAINED.format(since="0")}
        THEN {_refusal(_NOT_EXPLAINED)} END IF;
    ELSIF NEW.unit_count - OLD.unit_count <> {_EXPLAINED.format(since="OLD.explained_by_move_id")}
        OR NEW.explained_by_move_id < OLD.explained_by_move_id
        OR NEW.place_id <> OLD.place_id OR NEW.lot_id <> OLD.lot_id
    THEN {_refusal(_NOT_EXPLAINED)} END IF;
    RETURN NEW; END"""

_POSTGRESQL = [
    _function(
        "move_keeps_balances",
        "BEGIN "
        + _keep("to_place_id", "", "")
        + """
    INSERT INTO balance (place_id, lot_id, unit_count, explained_by_move_id)
    SELECT id, NEW.lot_id, 0, 0 FROM place WHERE id = NEW.from_place_id AND holds_stock
    ON CONFLICT (place_id, lot_id) DO NOTHING;
    UPDATE balance SET unit_count = unit_count - NEW.unit_count, explained_by_move_id = NEW.id
    WHERE place_id = NEW.from_place_id AND lot_id = NEW.lot_id;
    RETURN NULL; END""",
    ),
    "CREATE TRIGGER move_keeps_balances AFTER INSERT ON move FOR EACH ROW EXECUTE FUNCTION move_keeps_balances()",
    _function("balance_explained", _PG_BALANCE_BODY),
    _function("balance_kept", f"BEGIN {_refusal('a balance is never deleted')} END"),
    "CREATE TRIGGER balance_begins_explained AFTER INSERT ON balance FOR EACH ROW EXECUTE FUNCTION balance_explained()",
    "CREATE TRIGGER balance_stays_explained BEFORE UPDATE ON balance FOR EACH ROW EXECUTE FUNCTION balance_explained()",
    "CREATE TRIGGER balance_no_delete BEFORE DELETE ON balance FOR EACH ROW EXECUTE FUNCTION balance_kept()",
    "CREATE TRIGGER balance_no_truncate BEFORE TRUNCATE ON balance FOR EACH STATEMENT EXECUTE FUNCTION balance_kept()",
    *_position_postgresql("bag_move", "bag_position", "bag_id", _BAG, "'not yet made up'", _LAST_BAG),
    *_position_postgresql("unit_move", "unit_position", "unit_id", _UNIT, "'suppliers', 'donors'", _LAST_UNIT),
    _function(
        "apportionment_within_cost",
        "DECLARE cost bigint; total bigint; BEGIN "
        "SELECT net_pence + CASE WHEN vat_recoverable THEN 0 ELSE vat_pence END INTO cost "
        "FROM spending_row WHERE id = NEW.row_id FOR UPDATE; "
        f"total := {_APPORTIONED}; "
        f"IF total * sign(cost) < 0 OR abs(total) > abs(cost) THEN {_refusal(_OVER_SPLIT)} END IF; "
        "RETURN NEW; END",
    ),
    "CREATE TRIGGER apportionment_within_cost BEFORE INSERT ON apportionment "
    "FOR EACH ROW EXECUTE FUNCTION apportionment_within_cost()",
    *_matches_within_postgresql(
        "ledger_match",
        "PERFORM 1 FROM ledger_line WHERE id = NEW.line_id FOR UPDATE; "
        "PERFORM 1 FROM spending_row WHERE id = NEW.row_id FOR UPDATE;",
        _MATCH_LIMITS,
    ),
    *_matches_within_postgresql(
        "ledger_cancellation",
        "PERFORM 1 FROM ledger_line WHERE id IN (NEW.line_id, NEW.taken_back_by_id) ORDER BY id FOR UPDATE;",
        _CANCELLATION_LIMITS,
    ),
]


_HANDED_OUT = """EXISTS (
    SELECT 1 FROM pairing p JOIN unit_move um ON um.unit_id = p.sim_id JOIN move m ON m.id = um.move_id
    JOIN issue i ON i.posting_id = m.posting_id
    WHERE p.phone_number_id = NEW.phone_number_id
      AND NOT EXISTS (SELECT 1 FROM posting u WHERE u.corrects_id = i.posting_id))"""
_STILL_PAIRED = """EXISTS (
    SELECT 1 FROM pairing p WHERE NOT EXISTS (SELECT 1 FROM pairing_end e WHERE e.pairing_id = p.id)
      AND ((p.sim_id = NEW.sim_id AND p.side = NEW.side)
        OR p.handset_id = NEW.handset_id OR p.phone_number_id = NEW.phone_number_id))"""


def pairings() -> None:
    """Refuse to pair a number that was handed out in a Go Bag, and what is still paired with another thing."""
    limits = (
        ("quarantine", _HANDED_OUT, "this number was handed out and is never paired again"),
        ("one_at_a_time", _STILL_PAIRED, "this is still paired with another"),
    )
    for name, condition, message in limits:
        if is_sqlite():
            op.execute(
                f"CREATE TRIGGER pairing_{name} BEFORE INSERT ON pairing WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        else:
            op.execute(
                _function(f"pairing_{name}", f"BEGIN IF {condition} THEN {_refusal(message)} END IF; RETURN NEW; END")
            )
            op.execute(
                f"CREATE TRIGGER pairing_{name} BEFORE INSERT ON pairing FOR EACH ROW EXECUTE FUNCTION pairing_{name}()"
            )


# ---- Past balances and acts at places -----------------------------------------------------------

_WHEN = "(SELECT happened_at FROM posting WHERE id = NEW.posting_id)"
_OF_PAIR = "place_id = NEW.{side} AND lot_id = NEW.lot_id AND happened_at"
_HOLDS = "(SELECT holds_stock FROM place WHERE id = NEW.{side})"
_KEEP_ACT = """
    INSERT INTO place_act (place_id, happened_at, posting_id, recorded_at)
    SELECT NEW.{side}, happened_at, id, recorded_at FROM posting WHERE id = NEW.posting_id
    ON CONFLICT DO NOTHING;"""
_KEEP_PAST = f"""
    INSERT INTO past_balance (place_id, lot_id, happened_at, unit_count, explained_by_move_id) VALUES (
        NEW.{{side}}, NEW.lot_id, {_WHEN}, coalesce((
            SELECT unit_count FROM past_balance WHERE {_OF_PAIR} < {_WHEN}
            ORDER BY happened_at DESC LIMIT 1), 0) {{sign}} NEW.unit_count, NEW.id)
    ON CONFLICT (place_id, lot_id, happened_at) DO UPDATE
    SET unit_count = past_balance.unit_count {{sign}} NEW.unit_count, explained_by_move_id = NEW.id;"""
_LATER = f"EXISTS (SELECT 1 FROM past_balance WHERE {_OF_PAIR} > {_WHEN})"
_KEEP_LATER = f"""
    UPDATE past_balance SET unit_count = unit_count {{sign}} NEW.unit_count, explained_by_move_id = NEW.id
    WHERE {_OF_PAIR} > {_WHEN};"""
"""The move's own moment and those after it are two statements: whichever runs first, the other finds the same."""


def past_balances() -> None:
    """Keep past balances and acts at places from moves.

    PostgreSQL runs a table's triggers by name: what a move keeps of the past comes after its balances, whose rows are
    locked by then, so moves of one lot at one place are taken one after the other. Every row written costs each move
    of an import, so there is one statement for each row and nothing is read twice.
    """
    _after_insert("move", ((_HOLDS, _KEEP_ACT + _KEEP_PAST), (_LATER, _KEEP_LATER)))
    _after_insert("bag_move", ((_HOLDS, _KEEP_ACT),))
    append_only("place_act", ())
    never_goes_back("past_balance", "explained_by_move_id")


def _after_insert(table: str, kept: Sequence[tuple[str, str]]) -> None:
    """Keep something of the past for both sides of each new row of a table.

    Args:
        kept: (when, what is written) for a ``{side}`` of the row and the ``{sign}`` of its units there.
    """
    both = (("to_place_id", "+"), ("from_place_id", "-"))
    each = [(when.format(side=side), what.format(side=side, sign=sign)) for when, what in kept for side, sign in both]
    name = f"{table}_keeps_past"
    if is_sqlite():
        for number, (when, what) in enumerate(each, start=1):
            op.execute(f"CREATE TRIGGER {name}_{number} AFTER INSERT ON {table} WHEN {when} BEGIN {what} END")
        return
    body = " ".join(f"IF {when} THEN {what} END IF;" for when, what in each)
    op.execute(_function(name, f"BEGIN {body} RETURN NULL; END"))
    op.execute(f"CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
