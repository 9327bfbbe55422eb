"""The year of 115 as a table: at each moment, who has which tasks in the inbox, and which is done next."""

from dataclasses import dataclass, field

UNITS = (
    "metrology", "registration", "kinmen", "penghu", "tech_a", "tech_b", "tech_c", "secretariat", "personnel",
    "accounting", "ethics",
)  # fmt: skip
STAFF = ("personnel", "accounting", "ethics")

Owed = dict[str, frozenset[str]]


def each(role: str, *units: str) -> frozenset[str]:
    """The accounts that hold a role in these units, or in all."""
    return frozenset(f"{role}.{unit}" for unit in units or UNITS)


HANDLERS, CHIEFS = each("unit_handler"), each("unit_chief")
COUNTERS = each("counter_owner", "registration", "kinmen", "penghu")
COUNTERSIGNERS = each("unit_chief", *STAFF) | each("unit_handler", *STAFF)
SECRETARIAT = frozenset({"sec_handler"})
BUREAU = frozenset({"bureau_sec_handler"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """`do` is done by everybody who owes it: the accounts of `by` (else the first) through the pages, the
    others by the player of the demo. `owed` is what all inboxes together hold just before. `on` is the day to
    which the time machine goes first. `plain` are the accounts that do it without scripts. `late` has the
    same page open and sends it after the others. `pages` are looked at afterwards."""

    do: str
    owed: Owed
    on: str = ""
    by: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    late: str = ""
    pages: tuple[tuple[str, str], ...] = ()
    is_paged: bool = True


@dataclass(slots=True)
class _Table:
    """What is owed beside the task of the moment stays in `beside` until it is taken out."""

    moments: list[Moment] = field(default_factory=list)
    beside: Owed = field(default_factory=dict)

    def add(self, do: str, owners: frozenset[str], *, on: str = "", **how: object) -> None:
        moment = Moment(do=do, owed={**self.beside, do: owners}, on=on, **how)  # type: ignore[arg-type]
        self.moments.append(moment)

    def sign(self, *accounts: str, on: str = "", **how: object) -> None:
        for account in accounts:
            self.add(
                "internal_signoff.sign",
                frozenset({account}),
                on=on if account == accounts[0] else "",
                **how,
            )


FULL_CHAIN = ("sec_chief", "deputy_director", "director")


def year() -> tuple[Moment, ...]:
    """From the registration of the bureau's plan to the archive."""
    table = _Table()
    _draft(table)
    _report(table)
    _publish(table)
    _execute(table)
    _assess(table)
    _submit(table)
    return tuple(table.moments)


def _draft(table: _Table) -> None:
    table.add("annual_plan_lifecycle.register_bureau_plan", SECRETARIAT)
    table.add("plan_drafting.assign_units", SECRETARIAT)
    table.add(
        "unit_contribution.edit_actions", HANDLERS, on="2026-01-12",
        by=("unit_handler.metrology", "unit_handler.kinmen", "unit_handler.ethics"),
        plain=("unit_handler.kinmen",),
    )  # fmt: skip
    table.add("unit_contribution.chief_review", CHIEFS, by=("unit_chief.metrology",))
    for day, is_paged in (("2026-01-21", True), ("2026-01-23", False)):
        table.add("plan_drafting.compile_plan", SECRETARIAT, on=day)
        table.add(
            "countersign_round.countersign_opinion", COUNTERSIGNERS,
            by=("unit_chief.accounting",), is_paged=is_paged,
        )  # fmt: skip
        table.add("countersign_round.merge_opinions", SECRETARIAT, is_paged=is_paged)
        table.sign(*FULL_CHAIN[:-1], is_paged=is_paged)
        table.sign("director")


def _report(table: _Table) -> None:
    table.add(
        "bureau_acknowledgement.dispatch_letter", frozenset({"registry", "sec_handler"}), late="sec_handler",
        pages=(("director", "/plans/115"), ("director", "/instances/{cycle}"), ("director", "/nowhere")),
    )  # fmt: skip
    table.add("bureau_review.receive_and_assign", BUREAU, on="2026-02-02")
    table.add("bureau_review.review_plan", BUREAU)
    table.add("bureau_review.chief_review", frozenset({"bureau_sec_chief"}))
    table.add(
        "bureau_review.decide", frozenset({"bureau_approver"}),
        pages=(("bureau_approver", "/plans/115"), ("bureau_approver", "/instances")),
    )  # fmt: skip
    table.add("bureau_review.dispatch_reply", BUREAU)


def _publish(table: _Table) -> None:
    table.beside = {"place_posting.post_at_place": COUNTERS}
    table.add("plan_publication.publish_web", frozenset({"web_owner"}), on="2026-02-06")
    table.beside = {"plan_publication.verify_web": SECRETARIAT}
    table.add("place_posting.post_at_place", COUNTERS, by=("counter_owner.penghu",))
    table.beside = {"place_posting.verify_place": SECRETARIAT}
    table.add("plan_publication.verify_web", SECRETARIAT)
    table.beside = {}
    table.add("place_posting.verify_place", SECRETARIAT)


def _execute(table: _Table) -> None:
    for day, is_paged in (("2026-04-07", True), ("2026-07-06", False), ("2026-10-06", False)):
        table.add(
            "unit_progress.progress_update", HANDLERS, on=day, by=("unit_handler.metrology",),
            is_paged=is_paged,
        )  # fmt: skip
        table.add("unit_progress.chief_confirm", CHIEFS, by=("unit_chief.metrology",), is_paged=is_paged)


def _assess(table: _Table) -> None:
    table.add("self_assessment.open_assessment", SECRETARIAT, on="2026-11-16")
    table.add(
        "unit_self_report.self_report", HANDLERS, on="2026-12-04",
        by=("unit_handler.metrology", "unit_handler.ethics"), plain=("unit_handler.ethics",),
    )  # fmt: skip
    table.add("unit_self_report.chief_review", CHIEFS, by=("unit_chief.metrology",))
    table.add("unit_scoring.score_unit", frozenset({"sec_handler", "deputy_director"}), by=("sec_handler",))
    table.add("unit_scoring.unit_response", CHIEFS, by=("unit_chief.metrology", "unit_chief.registration"))
    table.add("unit_scoring.second_look", SECRETARIAT)
    table.add("self_assessment.finalise_scores", SECRETARIAT)
    table.sign(*FULL_CHAIN, is_paged=False)
    table.beside = {"improvement_followup.improvement": each("unit_handler", "metrology")}
    table.add("self_assessment.publish_improvement_status", SECRETARIAT)


def _submit(table: _Table) -> None:
    table.add("result_submission.compile_d1", SECRETARIAT, on="2026-12-31")
    table.add("result_submission.sign_d1", frozenset({"sec_chief"}))
    table.beside["result_submission.compile_d2"] = SECRETARIAT
    table.add("result_submission.send_d1", SECRETARIAT, on="2027-01-04")
    table.add("bureau_result_intake.receive_results", BUREAU)
    table.add("bureau_result_intake.check_results", BUREAU)
    table.beside = {"result_submission.compile_d2": SECRETARIAT}
    table.add("improvement_followup.improvement", each("unit_handler", "metrology"))
    table.add("improvement_followup.improvement_verify", SECRETARIAT)
    table.beside = {}
    table.add("result_submission.compile_d2", SECRETARIAT)
    table.sign(*FULL_CHAIN, is_paged=False)
    table.add("result_submission.dispatch_d2", frozenset({"registry"}), on="2027-01-08")
    table.add("bureau_result_intake.receive_results", BUREAU, is_paged=False)
    table.add("bureau_result_intake.check_results", BUREAU, is_paged=False)
    table.add(
        "annual_plan_lifecycle.close_cycle", SECRETARIAT,
        pages=(
            ("sec_handler", "/plans/115"), ("sec_handler", "/inbox?view=closed"), ("sysadmin", "/inbox"),
            ("sysadmin", "/demo/clock"), ("auditor", "/instances/{cycle}"), ("auditor", "/instances"),
        ),
    )  # fmt: skip
