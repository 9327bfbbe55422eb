"""The help page: keys, the steps of a year with who takes them, what becomes of acts, verbs, and words."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from engine.domain.identity import ROLES
from webapp.definition_words import in_language
from webapp.door import actor

blueprint = Blueprint("help", __name__, url_prefix="/help")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a year: what is done, by which roles, and when."""

    what: LazyString
    roles: tuple[str, ...]
    when: LazyString

    @property
    def who(self) -> tuple[str, ...]:
        return tuple(in_language(ROLES[role].label) for role in self.roles)


STEPS = (
    Step(
        what=lazy_gettext("Register the bureau's plan and start the year"),
        roles=("sec_handler",),
        when=lazy_gettext("when the bureau's letter arrives"),
    ),
    Step(
        what=lazy_gettext("Assign the methods of the plan to units"),
        roles=("sec_handler",),
        when=lazy_gettext("right after that"),
    ),
    Step(
        what=lazy_gettext("Write actions and targets; the chief of the unit confirms them"),
        roles=("unit_handler", "unit_chief"),
        when=lazy_gettext("by the due date on the task"),
    ),
    Step(
        what=lazy_gettext("Compile the plan; the check of completeness names what is missing"),
        roles=("sec_handler",),
        when=lazy_gettext("when all units have reported"),
    ),
    Step(
        what=lazy_gettext("Sign off the plan, level by level"),
        roles=("sec_chief", "deputy_director", "director"),
        when=lazy_gettext("1, 3 or 6 working days per level, by urgency"),
    ),
    Step(
        what=lazy_gettext("Report the plan to the bureau and register its reply"),
        roles=("sec_handler", "bureau_sec_handler"),
        when=lazy_gettext("after sign-off"),
    ),
    Step(
        what=lazy_gettext("Publish the acknowledged version on the web and in the service places"),
        roles=("web_owner", "counter_owner"),
        when=lazy_gettext("after acknowledgement"),
    ),
    Step(
        what=lazy_gettext("Carry out the actions and report progress"),
        roles=("unit_handler", "unit_chief"),
        when=lazy_gettext("all year, at the end of each period"),
    ),
    Step(
        what=lazy_gettext("Assess the unit's own work; plan improvements for what falls short"),
        roles=("unit_handler", "unit_chief", "sec_handler"),
        when=lazy_gettext("by the end of the year"),
    ),
    Step(
        what=lazy_gettext("Deliver the result data (D1)"),
        roles=("sec_handler", "sec_chief"),
        when=lazy_gettext("by 5 January"),
    ),
    Step(
        what=lazy_gettext("Sign off and deliver the result report (D2)"),
        roles=("sec_handler", "director"),
        when=lazy_gettext("by 20 January"),
    ),
    Step(
        what=lazy_gettext("Close the year"),
        roles=("sec_handler",),
        when=lazy_gettext("when the bureau has accepted the results"),
    ),
)

MANNERS = (
    (
        lazy_gettext("Drafts"),
        lazy_gettext(
            "A form saves itself while you write. Only you see a draft, nothing has happened yet, and "
            "you can go on with it on another day or another computer. Without a network, what you "
            "write stays on this computer until the server has it. When the task has changed "
            "meanwhile, you see both."
        ),
    ),
    (
        lazy_gettext("Taking a task"),
        lazy_gettext(
            "A task of a role waits for all who hold the role. Whoever takes it has it alone, and may "
            "put it back."
        ),
    ),
    (
        lazy_gettext("Signing"),
        lazy_gettext(
            "You sign exactly the version on your screen. If it changes before you sign, nothing is "
            "signed and you see the difference. With the decision of the last level it takes effect."
        ),
    ),
    (
        lazy_gettext("Returns"),
        lazy_gettext(
            "A return names its reasons and goes to the handler or to an earlier level. Signatures "
            "given since then lose effect, stay readable, and are given again. What was remarked stands"
            " beside the form."
        ),
    ),
    (
        lazy_gettext("Deputies"),
        lazy_gettext(
            "Whoever is away names a deputy for a period, with all duties or one, and says whether the "
            "deputy may decide; a direct superior or an administrator may do so too. Both are told by "
            "mail. What the deputy owes stands in the tab for deputies, every signature bears both names, "
            "and what was taken stays with the principal. Nobody signs twice in a row by being a deputy, "
            "and a deputy hands nothing on."
        ),
    ),
    (
        lazy_gettext("Recusal"),
        lazy_gettext(
            "Nobody signs a list that names them, and nobody signs the same item at two levels in a "
            "row. Such a level is passed over; the page says whom and why."
        ),
    ),
    (
        lazy_gettext("Due and late"),
        lazy_gettext(
            "Work is due on the last working day before a date that falls on a holiday, and late only "
            "after the next working day. Reminders come before; what is late is told to the chief."
        ),
    ),
    (
        lazy_gettext("Corrections"),
        lazy_gettext(
            "Nothing is overwritten. A correction of a letter names its reason, and the entry before "
            "stays readable."
        ),
    ),
)

VERBS = (
    (
        lazy_gettext("Take back"),
        lazy_gettext(
            "What you sent to a level, you take back until that level signs, returns or asks more units. It "
            "comes back to you; a signature that was given stays readable, without effect."
        ),
    ),
    (
        lazy_gettext("Ask more units, one after the other"),
        lazy_gettext(
            "A level that signs may ask more units before it goes on: all at once, or one after the other, "
            "each with three working days. They give an opinion only; silence counts as agreement, and "
            "dissent is answered."
        ),
    ),
    (
        lazy_gettext("Ask for an opinion"),
        lazy_gettext(
            "You ask a colleague, who answers within three working days. The answer stands beside your form; "
            "your task waits for nothing."
        ),
    ),
    (
        lazy_gettext("Extend"),
        lazy_gettext(
            "Apply before the due date, with a reason; whoever grants it follows from the days in all. Only "
            "dates within the agency move, and the first date stays visible."
        ),
    ),
    (
        lazy_gettext("Hand back, redirect"),
        lazy_gettext(
            "Work that is not yours, you hand back with a reason to your chief, and a chief to the "
            "secretariat. There it is redirected to somebody else of the same unit."
        ),
    ),
    (
        lazy_gettext("Assign to another"),
        lazy_gettext(
            "A chief gives work of the unit to another person; if somebody holds it, with a reason, and they "
            "are told."
        ),
    ),
    (
        lazy_gettext("Taken on paper"),
        lazy_gettext(
            "A step that was signed on paper is closed with the scan and the reason. A round of signatures "
            "that went on paper stays on paper to its end."
        ),
    ),
    (
        lazy_gettext("Sign afterwards"),
        lazy_gettext(
            "Whoever could not sign at a level signs after the decision, beside it; the decision stays as it "
            "is."
        ),
    ),
    (
        lazy_gettext("Pass on for reading"),
        lazy_gettext("What was decided is passed on to people and units; it shows who has read it."),
    ),
    (
        lazy_gettext("Put off"),
        lazy_gettext(
            "You put a task off until a day; until then it is not in your own list. Due dates and other "
            "people are not touched."
        ),
    ),
)

WORDS = (
    (
        lazy_gettext("Bureau"),
        lazy_gettext("The head office, to which the branch reports its plan and its results."),
    ),
    (
        lazy_gettext("Superior agency"),
        lazy_gettext("For the branch: the bureau and the ministry."),
    ),
    (
        lazy_gettext("Every unit, line units"),
        lazy_gettext(
            "Every unit includes the staff units; line units are those that serve applicants, with both"
            " offices."
        ),
    ),
    (
        lazy_gettext("Acknowledgement"),
        lazy_gettext(
            "The plan is reported for review and record; the bureau may comment on it or return it."
        ),
    ),
    (
        lazy_gettext("Strategy, method, action"),
        lazy_gettext("The three levels of a plan; 3.2.1 is an action of method 3.2 of strategy 3."),
    ),
    (
        lazy_gettext("Target, evidence, achievement"),
        lazy_gettext("What an action is to reach, what proves it, and how far it came."),
    ),
    (
        lazy_gettext("Countersign"),
        lazy_gettext(
            "Units are asked for their opinion before or during sign-off; each opinion is answered."
        ),
    ),
    (
        lazy_gettext("Routine check, annual check"),
        lazy_gettext(
            "The first is self-assessment and reporting, the second the ministry's screening for the award."
        ),
    ),
    (
        lazy_gettext("Improvement"),
        lazy_gettext(
            "What the assessment found wanting, with a measure, a date, and a check that it was done."
        ),
    ),
    (
        lazy_gettext("Chain, anchor, replay"),
        lazy_gettext(
            "Three proofs: no entry was altered, the whole register was sealed, and the process gives "
            "the same again when its record is executed once more."
        ),
    ),
)


@blueprint.get("")
def page() -> str:
    """The help for everybody who is signed in."""
    actor()
    return render_template("help/page.html", steps=STEPS, manners=MANNERS, verbs=VERBS, words=WORDS)
