"""What the state machines share: doing an act as a person, expecting a refusal, and beginning from a told beginning.

A machine's model is plain dictionaries of integers, the attributes that ``start`` and ``tell`` set; it shares no code
with the product. The beginning is told once through the same acts and kept with its model, so that every example
begins where most acts can be done: an example that has to earn its first Go Bag seldom issues one.
"""

from __future__ import annotations

import inspect
import uuid
from abc import ABCMeta, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import Any, ClassVar

import pytest
from flask import Flask
from flask.ctx import AppContext
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, StateMachineMeta, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import CompoundSelect, func, literal, select, union_all

from core.db import Base, db, transaction
from core.errors import Refusal
from inventory.stock.models import Balance
from tests.conftest import Databases
from tests.factories import AT, World


@cache
def _counts() -> CompoundSelect[Any]:
    """Ask for all counts at once; built when first asked, for until then not every table is known."""
    tables = (select(literal(table.name), func.count()).select_from(table) for table in Base.metadata.sorted_tables)
    balances = select(literal("balances"), func.coalesce(func.sum(Balance.unit_count * Balance.lot_id), 0))
    return union_all(*tables, balances)


def fingerprint() -> dict[str, int]:
    """Count the rows of every table; append-only tables change only by growing, balances are read apart."""
    return {name: int(count) for name, count in db.session.execute(_counts())}


def named(made: Any) -> str:
    """Say what an act made, as a person would name it."""
    return str(getattr(made, "reference", getattr(made, "tag", getattr(made, "slip", ""))))


@dataclass(frozen=True)
class Act:
    """One sort of act.

    Attributes:
        run: does it, and takes what is given by name.
        when: whether it can be done now; None where it always can.
        given: what is drawn for it: name → strategy.
        draws: whether it draws more by itself.
    """

    run: Callable[..., None]
    when: Callable[[Any], object] | None
    given: dict[str, st.SearchStrategy[Any]]
    draws: bool


def act(
    *, when: Callable[[Any], object] | None = None, **given: st.SearchStrategy[Any]
) -> Callable[[Callable[..., None]], Act]:
    """Mark what follows as an act of a machine.

    Hypothesis's own rules are drawn with a bias (it turns some of them off in each example), which ten examples are too
    few to make up for: of 180 rules drawn one was an issue and none was undone. Acts are drawn in turn.
    """
    return lambda run: Act(run, when, given, "data" in inspect.signature(run).parameters)


class _Abstract(StateMachineMeta, ABCMeta):
    """The kind of machine that cannot be run before it says how it begins."""


class Acting(RuleBasedStateMachine, metaclass=_Abstract):
    """A small force whose people act."""

    acts: ClassVar[dict[str, Act]]

    app: ClassVar[Flask]
    databases: ClassVar[Databases]
    small_force: ClassVar[World]
    told: ClassVar[dict[str, Any]]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        named_acts = ((name, each) for base in cls.__mro__ for name, each in vars(base).items())
        cls.acts = {name: each for name, each in sorted(named_acts, key=itemgetter(0)) if isinstance(each, Act)}

    def __init__(self) -> None:
        super().__init__()
        self.context: AppContext = self.app.app_context()
        self.context.push()
        self.last: tuple[Callable[[], Any], str] | None = None
        self.times: Counter[str] = Counter()
        self.at: datetime = AT
        template = f"invariants-{type(self).__mro__[1].__name__}"
        if "told" not in vars(type(self)):
            self._tell_once(template)
        self.databases.renew(template)
        vars(self).update(deepcopy(type(self).told))

    def _tell_once(self, template: str) -> None:
        """Tell the beginning, and keep the database and the model of it."""
        others = vars(self).keys() - {"at"}
        self.databases.renew("world")
        self.start()
        self.tell()
        type(self).told = {name: value for name, value in vars(self).items() if name not in others}
        self.databases.keep(template)

    @abstractmethod
    def start(self) -> None:
        """Begin an empty model."""

    @abstractmethod
    def tell(self) -> None:
        """Tell the beginning."""

    def teardown(self) -> None:
        db.session.remove()
        self.context.pop()

    def do(self, who: str, service: Callable[..., Any], /, *args: Any, **facts: Any) -> Any:
        """Do an act as a person, remember how to send the same form again, and give what it made."""
        self.at += timedelta(minutes=7)
        actor = self.small_force.actor(who)
        facts |= {"by": actor, "at": self.at, "submission_id": str(uuid.uuid4())}
        if "scope" in inspect.signature(service).parameters:
            facts["scope"] = actor.scope

        def send() -> Any:
            with transaction():
                return service(*args, **facts)

        made = send()
        self.last = (send, named(made))
        return made

    @contextmanager
    def refused(self) -> Iterator[None]:
        """Expect a refusal that changes nothing."""
        before = fingerprint()
        with pytest.raises(Refusal):
            yield
        assert fingerprint() == before

    def do_if(self, may: bool, who: str, service: Callable[..., Any], /, *args: Any, **facts: Any) -> bool:
        """Do an act that the model allows, or expect its refusal; give whether it was done."""
        if may:
            self.do(who, service, *args, **facts)
        else:
            with self.refused():
                self.do(who, service, *args, **facts)
        return may

    @rule(data=st.data())
    def someone_acts(self, data: st.DataObject) -> None:
        """Do one of the acts that are possible now, one of those that were done least often."""
        possible = {name: each for name, each in self.acts.items() if each.when is None or each.when(self)}
        least = min(self.times[name] for name in possible)
        name = data.draw(st.sampled_from([name for name in possible if self.times[name] == least]), "act")
        self.times[name] += 1
        drawn = {what: data.draw(strategy, what) for what, strategy in possible[name].given.items()}
        if possible[name].draws:
            drawn["data"] = data
        possible[name].run(self, **drawn)

    @act(when=lambda self: self.last)
    def send_again(self) -> None:
        """The same form once more answers with what the first one made, and changes nothing (I17)."""
        assert self.last
        send, made = self.last
        before = fingerprint()
        again = send()
        assert fingerprint() == before
        assert named(again) == made


def hold_through(
    machine: type[Acting], app: Flask, databases: Databases, world: World, *, examples: int, steps: int
) -> None:
    """Run a machine on one database: so many examples of so many acts, the same ones every time."""
    on_this = type("OnThisDatabase", (machine,), {"app": app, "databases": databases, "small_force": world})
    run(
        on_this,
        settings=settings(
            max_examples=examples,
            phases=(Phase.explicit, Phase.generate),
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
