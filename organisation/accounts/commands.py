"""Commands for accounts: the first administrator of a real service, and the list of accounts."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import click

from core.commands import SchemaGroup
from core.dates import local_day
from core.db import now, transaction
from core.errors import Refusal, RuleBroken
from organisation.accounts import queries, services
from organisation.accounts.rules import email_address, refuse_weak_password

accounts = SchemaGroup("accounts", help="Keep accounts.")


@accounts.command("first-administrator")
@click.option("--email", envvar="ADMINISTRATOR_EMAIL", help="Their email address; asked for when not given.")
@click.option("--name", envvar="ADMINISTRATOR_NAME", help="How colleagues know them; asked for when not given.")
@click.option("--password", envvar="ADMINISTRATOR_PASSWORD", hidden=True)
@click.option("--if-none", is_flag=True, help="Do nothing, and succeed, when there is an account already.")
def first_administrator(email: str | None, name: str | None, password: str | None, *, if_none: bool) -> None:
    """Open the first account of a real service; refused in a demonstration and once there is an account.

    The password is asked for, or read from ADMINISTRATOR_PASSWORD so that it stands in no shell's history.
    """
    if if_none and queries.any_account() and not queries.is_demonstration():
        click.echo("There is an administrator already.")
        return
    moment = now()
    try:
        services.refuse_second_beginning()
        email = email or _asked("Email address of the first administrator", email_address)
        name = name or click.prompt("Their name, as colleagues know them")
        password = password or _asked(
            "A password of 15 characters or more",
            partial(refuse_weak_password, email=email, name=name),
            secret=True,
        )
        with transaction():
            opened = services.open_first_administrator(email, name, password, on=local_day(moment), at=moment)
            reference = opened.reference
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"Opened {reference}. Sign in as {email.strip().lower()} and invite the others.")


def _asked(question: str, check: Callable[[str], object], *, secret: bool = False) -> str:
    """Ask until an answer will do. What nobody sees is asked for twice: there is nobody yet who could reset it."""
    while True:
        again = "The same once more" if secret else False
        answer: str = click.prompt(question, hide_input=secret, confirmation_prompt=again)
        try:
            check(answer)
        except RuleBroken as broken:
            click.echo(f"Error: {broken.message}", err=True)
        else:
            return answer


@accounts.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, one array.")
def list_accounts(*, as_json: bool) -> None:
    """List the accounts with their state and today's roles."""
    lines = queries.every_account(on=local_day(now()))
    if as_json:
        rows = [
            {
                "reference": each.reference,
                "name": each.name,
                "email": each.email,
                "state": each.state,
                "roles": each.roles,
            }
            for each in lines
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for each in lines:
        click.echo(
            f"{each.reference}  {each.state:<8}  {each.email}  {each.name}  {'; '.join(each.roles) or 'no role'}"
        )
    if not lines:
        click.echo("There are no accounts yet. Open the first with: flask --app app accounts first-administrator")
