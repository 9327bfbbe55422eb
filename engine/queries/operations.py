"""What an operator watches: what waits longer than it should."""

from dataclasses import dataclass

import sqlalchemy as sa

from engine.clock import to_micros
from engine.domain.instance import InstanceState
from engine.store import tables
from engine.store.unit_of_work import Reader

SECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What background work has before it; ages are seconds, 0 where nothing waits."""

    timers_due: int
    timer_age: float
    mails_waiting: int
    mail_age: float
    mails_failing: int
    anchor_age: float


def backlog(reader: Reader) -> Backlog:
    """What waits now: due timers of running instances, mails whose time has come; the age of the anchor."""
    now, core = to_micros(reader.now), reader.transaction.core
    timer, mail, instance = tables.timer.c, tables.outbox.c, tables.process_instance.c
    due = (
        sa.select(sa.func.count(), sa.func.min(timer.due_at))
        .join_from(tables.timer, tables.process_instance, instance.id == timer.instance_id)
        .where(timer.due_at <= now, instance.state == int(InstanceState.RUNNING))
    )
    ready = sa.select(sa.func.count(), sa.func.min(mail.send_at), sa.func.count(mail.failure)).where(
        mail.sent_at.is_(None), mail.send_at <= now
    )
    timers, timer_since = core.execute(due).one()
    mails, mail_since, failing = core.execute(ready).one()
    anchored = core.execute(sa.select(sa.func.max(tables.anchor.c.made_at))).scalar()
    return Backlog(
        timers_due=timers, timer_age=_age(now, timer_since), mails_waiting=mails,
        mail_age=_age(now, mail_since), mails_failing=failing, anchor_age=_age(now, anchored),
    )  # fmt: skip


def _age(now: int, since: int | None) -> float:
    return 0.0 if since is None else (now - since) / SECOND
