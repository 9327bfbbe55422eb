"""What histories tell of the work that people were told was done."""

from collections import Counter
from collections.abc import Iterable

import psycopg

from bench.calibration import driver_url
from bench.official import Official

DONE = "select task_id from history_event where type = 'task_completed'"
STARTED = "select stream from history_event where type = 'instance_started'"


def faults_of_work(address: str, officials: Iterable[Official], others: Iterable[int] = ()) -> list[str]:
    """What was acknowledged and is not in the histories, is there twice, or was done unknown to everybody.

    `others` are instances that nobody of them started.
    """
    people = list(officials)
    told = {
        "completions": (DONE, [task for each in people for task in each.diary.completed]),
        "starts": (STARTED, [*others, *(instance for each in people for instance in each.diary.started)]),
    }
    faults = []
    with psycopg.connect(driver_url(address)) as connection:
        for name, (sql, acknowledged) in told.items():
            kept = Counter(row[0] for row in connection.execute(sql).fetchall())
            known = set(acknowledged)
            counts = {
                "lost": len(known - kept.keys()),
                "doubled": sum(count - 1 for count in kept.values()),
                "done without an answer": len(kept.keys() - known),
            }
            faults += [f"{count} {name} {fault}" for fault, count in counts.items() if count]
    return faults
