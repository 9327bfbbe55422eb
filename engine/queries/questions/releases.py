"""The versions of a plan on their way to the public: signed, reported, acknowledged, published."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.queries.questions.trail import Recorded

KINDS = ("signature", "report", "reply", "acknowledgement", "publication")


@dataclass(slots=True, kw_only=True)
class Release:
    """A version that the director decided on, and what became of it; `published` are proofs by place."""

    owner: str
    signed: Recorded | None = None
    reported: Recorded | None = None
    replied: Recorded | None = None
    acknowledged: Recorded | None = None
    published: dict[str, list[Recorded]] = field(default_factory=dict)

    @property
    def awaits_reply(self) -> bool:
        """False for what the branch puts into effect itself: a 勘誤, or where the bureau only takes note."""
        outcome = self.acknowledged.body.get("outcome") if self.acknowledged else None
        return self.reported is not None and outcome != "notified"


def releases_of(documents: Sequence[Recorded]) -> list[Release]:
    """Every version that was signed or put into effect, in their order, from the documents of `KINDS`."""
    found: dict[str, list[Release]] = {}
    for document in documents:
        own = found.setdefault(document.owner, [])
        match document.kind:
            case "signature":
                if _is_decision_on_plan(document):
                    own.append(Release(owner=document.owner, signed=document))
            case "report":
                _latest(own, document.owner, has="reported").reported = document
            case "reply":
                for release in own:
                    if release.reported is not None and release.reported.key == document.key:
                        release.replied = document
            case "acknowledgement":
                _latest(own, document.owner, has="acknowledged").acknowledged = document
            case "publication":
                in_effect = [release for release in own if release.acknowledged is not None]
                if in_effect:
                    in_effect[-1].published.setdefault(document.key, []).append(document)
                else:
                    _latest(own, document.owner).published.setdefault(document.key, []).append(document)
    return [release for own in found.values() for release in own]


def _is_decision_on_plan(document: Recorded) -> bool:
    body = document.body
    is_plan = body.get("document", {}).get("kind") == "plan"
    return is_plan and body["decision"] == "decide" and not body["void"]


def _latest(own: list[Release], owner: str, *, has: str = "") -> Release:
    """The last release, or a new one where there is none or the last has this already."""
    if not own or (has and getattr(own[-1], has) is not None):
        own.append(Release(owner=owner))
    return own[-1]
