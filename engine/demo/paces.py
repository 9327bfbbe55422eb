"""When the people of the demo do what they owe: the pace of every step, and what differs in one year."""

from collections.abc import Mapping
from datetime import date, time

from engine.demo.entries import amendment, assessment, award, commendation, drafting, reporting
from engine.demo.player import Pace
from engine.demo.scene import Entry

EVERY_YEAR: Mapping[str, Pace] = {
    "annual_plan_lifecycle.register_bureau_plan": Pace(after=0, at=time(10, 20)),
    "plan_drafting.assign_units": Pace(after=1, at=time(15, 10)),
    "unit_contribution.edit_actions": Pace(after=3, at=time(9, 30)),
    "unit_contribution.edit_actions@unit_handler.penghu": Pace(after=6, at=time(16, 20)),
    "plan_drafting.compile_plan": Pace(after=1, at=time(9, 10)),
    "countersign_round.countersign_opinion": Pace(after=0, at=time(14, 0)),
    "countersign_round.merge_opinions": Pace(after=0, at=time(16, 40)),
    "internal_signoff.sign@deputy_director": Pace(after=0, at=time(14, 20)),
    "internal_signoff.sign@director": Pace(after=1, at=time(11, 20)),
    "bureau_acknowledgement.dispatch_letter": Pace(after=0, at=time(16, 30)),
    "plan_amendment.amendment_request": Pace(after=0, at=time(11, 0)),
    "unit_progress.progress_update": Pace(after=4),
    "unit_progress.progress_update@unit_handler.metrology": Pace(after=2, at=time(14, 30)),
    "unit_progress.progress_update@unit_handler.tech_a": Pace(after=3, at=time(16, 10)),
    "unit_progress.progress_update@unit_handler.penghu": Pace(after=7, at=time(11, 40)),
    "unit_self_report.self_report": Pace(before_due=3),
    "unit_self_report.self_report@unit_handler.ethics": Pace(before_due=6, at=time(9, 20)),
    "improvement_followup.improvement": Pace(before_due=7),
    "improvement_followup.improvement_verify": Pace(after=18),
    "entry_preparation.explain_delay": Pace(after=0, at=time(15, 30)),
    "entry_preparation.entry_form": Pace(after=3, at=time(16, 0)),
    "ministry_screening.issue_survey": Pace(after=0, at=time(14, 0)),
    "ministry_screening.designate": Pace(after=3),
    "ministry_screening.close_collection": Pace(before_due=0, at=time(16, 30)),
    "entry_check.check_entry": Pace(after=2),
    "entry_scoring.score_entry": Pace(after=6),
    "entry_scoring.score_entry@reviewer.industry": Pace(after=4, at=time(20, 15)),
    "entry_scoring.score_entry@reviewer.agencies": Pace(after=8, at=time(15, 40)),
    "award_progress.record_ndc_result": Pace(after=0, at=time(15, 0)),
    "commendation.hr_check": Pace(after=2),
    "commendation.committee_record": Pace(after=3, at=time(14, 0)),
    "commendation.superior_reply": Pace(after=3),
    "result_submission.compile_d1": Pace(before_due=2, at=time(15, 0)),
    "result_submission.sign_d1": Pace(before_due=1),
    "result_submission.send_d1": Pace(before_due=0),
    "result_submission.compile_d2": Pace(before_due=7),
    "result_submission.dispatch_d2": Pace(before_due=1),
    "annual_plan_lifecycle.close_cycle": Pace(after=3, at=time(15, 0)),
}
OF_114: Mapping[str, Pace] = {
    "114:improvement_followup.improvement@unit_handler.metrology": Pace(on=date(2026, 1, 15)),
    "114:improvement_followup.improvement@unit_handler.kinmen": Pace(after=65),
}
# At the present of the demo D1 waits to be compiled, one item is overdue and one waits for its check.
OF_115: Mapping[str, Pace] = {
    "115:improvement_followup.improvement@unit_handler.tech_b": Pace(on=date(2027, 1, 11)),
    "115:improvement_followup.improvement@unit_handler.accounting": Pace(on=date(2026, 12, 30)),
    "116:internal_signoff.sign@director": Pace(on=date(2027, 1, 5), at=time(11, 20)),
    "115:result_submission.compile_d1": Pace(before_due=1, at=time(15, 0)),
}
# In its last amendment two units are late, and the chief of a third has not looked yet.
LATE: Mapping[str, Pace] = {
    "unit_contribution.edit_actions@unit_handler.penghu 2026-12-21": Pace(on=date(2027, 1, 6)),
    "unit_contribution.edit_actions@unit_handler.tech_b 2026-12-21": Pace(on=date(2027, 1, 5)),
    "unit_contribution.chief_review@unit_chief.kinmen 2026-12-24": Pace(on=date(2027, 1, 5)),
}
# The award of 115: its schedule arrives in April, finalists are told in July, the winners in December.
AWARD_OF_115: Mapping[str, Pace] = {
    "award_progress.follow_ndc_schedule@sec_handler 2026-03-24": Pace(on=date(2026, 4, 15)),
    "award_progress.follow_ndc_schedule@sec_handler 2026-04-15": Pace(on=date(2026, 7, 10)),
    "award_progress.follow_ndc_schedule@sec_handler 2026-07-10": Pace(on=date(2026, 12, 9)),
    "award_progress.record_ndc_result@sec_handler 2026-04-15": Pace(on=date(2026, 7, 13)),
    "commendation.committee_record@merit_committee 2026-07-17": Pace(on=date(2026, 7, 23), at=time(14, 0)),
    "commendation.committee_record@merit_committee 2026-08-03": Pace(on=date(2026, 12, 21), at=time(15, 30)),
    "commendation.recommendation_letter@sec_handler 2026-12-30": Pace(on=date(2027, 1, 5)),
    "commendation.issue_order@hr_handler 2026-12-23": Pace(on=date(2027, 1, 5)),
}
PACES: Mapping[str, Pace] = {**EVERY_YEAR, **OF_114, **OF_115, **LATE, **AWARD_OF_115}

TURNS: Mapping[str, Entry] = {
    "internal_signoff.sign@director 2025-01-21": drafting.not_quantified,
    "bureau_review.review_plan@bureau_sec_handler 2026-02-23": reporting.reviewed_with_comments,
    "bureau_review.decide@bureau_approver 2026-02-25": reporting.acknowledged_with_comments,
    "unit_contribution.edit_actions@unit_handler.metrology 2026-08-10": amendment.raised,
    "unit_contribution.edit_actions@unit_handler.metrology 2026-11-05": amendment.lowered,
    "unit_contribution.edit_actions@unit_handler.kinmen 2026-12-24": amendment.supplemented,
    "entry_check.check_entry@ministry_handler 2026-03-03": award.material_asked,
    "commendation.committee_record@merit_committee 2026-07-23": commendation.one_deferred,
    "improvement_followup.improvement_verify@sec_handler 2026-04-17": assessment.partly_improved,
    "unit_scoring.unit_response@unit_chief.registration 2026-12-10": assessment.objected,
}
