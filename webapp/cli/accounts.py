"""Accounts and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine.commands import organisation
from engine.domain.identity import SYSTEM
from engine.queries import organisation as people
from webapp.opening import opened

if TYPE_CHECKING:
    from engine.store.unit_of_work import UnitOfWork


@click.group()
def user() -> None:
    """Look after accounts."""


@user.command()
@click.argument("user_id")
@click.option("--name", required=True, help="How people call the person.")
@click.option("--title", default="", help="The person's office title.")
@click.option("--email", help="Where mails to the person go.")
@click.option("--holds", multiple=True, metavar="ROLE:UNIT", help="A role and its unit; may be repeated.")
@click.password_option(help="The first password, changed at the first sign-in; asked for if not given.")
def add(
    user_id: str, name: str, title: str, email: str | None, holds: tuple[str, ...], password: str
) -> None:
    """Add the account USER_ID, with its roles from today on."""

    def add_with_roles(uow: UnitOfWork) -> None:
        organisation.add_user(uow, user_id, name=name, title=title, email=email, password=password)
        for pair in holds:
            role, _, unit = pair.partition(":")
            organisation.grant(uow, user_id, role=role, unit=unit, valid_from=uow.today)

    with opened() as engine:
        engine.execute(SYSTEM, add_with_roles)
    click.echo(f"Added {user_id}.")


@user.command()
@click.argument("user_id")
def disable(user_id: str) -> None:
    """Close the account USER_ID: sessions and tokens end at once, nothing is deleted."""
    with opened() as engine:
        engine.execute(SYSTEM, organisation.disable_user, user_id)
    click.echo(f"Closed {user_id}.")


@user.command("list")
def list_users() -> None:
    """List every account with the roles that it holds today."""
    with opened() as engine:
        rows = engine.ask(SYSTEM, people.users)
    for row in rows:
        held = ", ".join(f"{h.membership.role}:{h.membership.unit}".rstrip(":") for h in row.holdings)
        click.echo("\t".join([row.user.id, row.user.name, "active" if row.user.active else "closed", held]))


@click.group()
def token() -> None:
    """Look after tokens of the HTTP API."""


@token.command()
@click.argument("user_id")
@click.option("--label", default="command line", show_default=True, help="What the token is for.")
def issue(user_id: str, label: str) -> None:
    """Issue a token for USER_ID and print it; it is shown only now."""
    with opened() as engine:
        click.echo(engine.execute(SYSTEM, organisation.issue_token, user_id, label=label))
