"""Forgetting what can no longer matter: finished tokens, so that a tree is as large as what is going on.

Without it every round of a loop would stay in the tree for ever, below the one before it. What a finished
token was good for is told elsewhere: its events in the history, its counts in the run, its variables in its
children.

A scope keeps, beside its first and its last token:
- every token that is not finished, and its parent, to which events and joins look;
- tokens that have arrived at a join in the making, and their parents;
- for every token at work the nearest earlier token of each joining gateway: it names the round of the loop;
- an activity with boundary events as a whole, until it is over.
What stood between two kept tokens goes. Pruning twice, or later, gives the same tree as pruning once.
"""

from collections.abc import Iterable
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.util.task import TaskState

# A scope is pruned when it has grown to twice of what it kept last time, and so much more: that makes pruning
# a constant part of what was done since, however large the instance is.
ROOM = 64


def prune_grown(scopes: Iterable[Any]) -> None:
    """Prune those scopes that have grown since they were pruned last."""
    for scope in scopes:
        if len(scope.tasks) > 2 * scope.kept + ROOM:
            prune(scope)


def prune(scope: Any) -> None:
    """Drop what can no longer matter from one scope, and hang what follows it onto what is kept above it."""
    kept = _kept(scope)
    above: dict[int, Any] = {}
    for token in list(scope.tasks.values()):  # parents come before their children
        parent = above.get(token._parent)
        if token.id not in kept:
            above[token.id] = parent
            del scope.tasks[token.id]
            continue
        above[token.id] = token
        token._children = []
        token._parent, token.depth_in_scope = None, 0
        if parent is not None:
            token._parent, token.depth_in_scope = parent.id, parent.depth_in_scope + 1
            parent._children.append(token.id)
    scope.kept = len(scope.tasks)


def _kept(scope: Any) -> set[int]:
    kept = {scope.task_tree.id}
    if scope.last_task is not None:
        kept.add(scope.last_task.id)
    for arrived in scope.arrivals.values():
        for token in arrived.values():
            kept |= {token.id, token._parent}
    rounds: dict[int, dict[str, int]] = {}
    for token in scope.tasks.values():
        earlier = rounds.get(token._parent, {})
        if not token.state & TaskState.FINISHED_MASK:
            kept |= {token.id, *earlier.values(), *_around(token)}
        is_joined = token.task_spec.is_join if token.task_spec.element is not None else False
        rounds[token.id] = {**earlier, token.task_spec.name: token.id} if is_joined else earlier
    return kept


def _around(token: Any) -> Iterable[int]:
    """The parent of a token at work, and all of an activity with boundary events that it is part of."""
    parent = token.parent
    if parent is None:
        return
    yield parent.id
    split = parent if isinstance(parent.task_spec, BoundaryEventSplit) else None
    if isinstance(token.task_spec, BoundaryEventJoin):
        split = parent.parent
    if split is not None:
        yield split.id
        for part in split.children:
            yield part.id
            yield from (each.id for each in part.children if isinstance(each.task_spec, BoundaryEventJoin))
