"""``flask --app app pars back-test``: suggested levels against fixed ones, on this service's own history."""

from __future__ import annotations

import json

import click

from core.access import Scope
from core.commands import SchemaGroup
from core.dates import local_day
from core.db import now
from inventory.pars import queries
from inventory.pars.rules import Replay, Trial, drawn_again, fixed, replay_all, suggested
from organisation.places.queries import places
from organisation.places.rules import PlaceKind

pars = SchemaGroup("pars", help="Par levels.")

SEED = 4471
FIXED = (1, 2, 3)


@pars.command("back-test")
@click.option(
    "--years", default=20, show_default=True, help="How many more years are drawn from the weeks of this one."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def back_test(years: int, as_json: bool) -> None:
    """Replay the past year of every station's Go Bags: who went without, and how much stood on the shelves."""
    today = local_day(now())
    stations = [each.id for each in places(scope=Scope.everywhere()) if each.kind is not PlaceKind.STORE]
    known = [trial for trial in queries.trials(stations, until=today) if trial.is_bag]
    if not known:
        raise click.ClickException("No station has a par level of a Go Bag yet, so there is nothing to test")
    found = {"the year as it was": _ways(known)}
    if years:
        found[f"{years} years drawn from its weeks"] = _ways(drawn_again(known, times=years, seed=SEED))
    if as_json:
        click.echo(
            json.dumps(
                {name: {way: _figures(each, len(known)) for way, each in ways.items()} for name, ways in found.items()}
            )
        )
        return
    for name, ways in found.items():
        _show(name, ways, len(known))


def _ways(trials: list[Trial]) -> dict[str, Replay]:
    """Replay histories by every way that is compared."""
    ways = {"as set by hand": replay_all(trials, None)}
    ways |= {f"{level} everywhere": replay_all(trials, fixed(level)) for level in FIXED}
    return ways | {"as suggested": replay_all(trials, suggested())}


def _figures(each: Replay, shelf_count: int) -> dict[str, float]:
    return {
        "wanted": each.wanted_count,
        "not_given": each.short_count,
        "days_short": each.short_days,
        "held_on_average": round(each.held(shelf_count), 1),
    }


def _show(name: str, ways: dict[str, Replay], shelf_count: int) -> None:
    click.echo(f"{name[0].upper()}{name[1:]}: {shelf_count} shelves of Go Bags")
    click.echo(f"{'par levels':<18}{'wanted':>8}{'not given':>11}{'days short':>12}{'held on average':>17}")
    for way, each in ways.items():
        held = f"{each.held(shelf_count):.1f}"
        click.echo(f"{way:<18}{each.wanted_count:>8,}{each.short_count:>11,}{each.short_days:>12,}{held:>17}")
