"""The demo agency: its units, one account per role and unit, and the definitions. The people are invented."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.commands import definitions, organisation
from engine.domain.definition import SourceFile
from engine.domain.identity import ROLES, SYSTEM
from engine.engine import Engine
from engine.settings import WORKFLOWS
from engine.store.unit_of_work import UnitOfWork

MAIL_DOMAIN = "demo.invalid"
SINCE = date(2024, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoUnit:
    """A unit with the people who handle and head it; an empty name stands for nobody."""

    id: str
    label: str
    kind: str
    agency: str = "branch"
    handler: str = ""
    chief: str = ""
    chief_title: str = "科長"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """An account with its role in a unit."""

    role: str
    unit: str
    name: str
    title: str


UNITS = (
    DemoUnit(id="head", label="分局長室", kind="head"),
    DemoUnit(id="metrology", label="度量衡科", kind="line", handler="王怡婷", chief="陳志明"),
    DemoUnit(id="registration", label="報驗發證科", kind="line", handler="周雅文", chief="吳淑貞"),
    DemoUnit(
        id="kinmen", label="金門辦事處", kind="line", handler="翁德旺", chief="李明哲", chief_title="主任"
    ),
    DemoUnit(
        id="penghu", label="澎湖辦事處", kind="line", handler="顏秋月", chief="洪美玲", chief_title="主任"
    ),
    DemoUnit(id="tech_a", label="檢驗業務科甲", kind="line", handler="蘇柏翰", chief="高志遠"),
    DemoUnit(id="tech_b", label="檢驗業務科乙", kind="line", handler="鄭宜君", chief="簡文彬"),
    DemoUnit(id="tech_c", label="檢驗業務科丙", kind="line", handler="賴俊傑", chief="謝佩珊"),
    DemoUnit(
        id="secretariat", label="秘書室", kind="staff", handler="方品妤", chief="何立德", chief_title="專員"
    ),
    DemoUnit(
        id="personnel", label="人事室", kind="staff", handler="江承恩", chief="溫國禎", chief_title="專員"
    ),
    DemoUnit(
        id="accounting", label="主計室", kind="staff", handler="徐婉婷", chief="郭建宏", chief_title="主任"
    ),
    DemoUnit(id="ethics", label="政風室", kind="staff", handler="潘冠廷", chief="羅雅芳", chief_title="主任"),
    DemoUnit(id="bureau", label="總局秘書室", kind="outside", agency="bureau"),
    DemoUnit(id="ministry", label="經濟部", kind="outside", agency="ministry"),
    DemoUnit(id="academia", label="初評小組（學者）", kind="outside", agency="ministry"),
    DemoUnit(id="industry", label="初評小組（業界）", kind="outside", agency="ministry"),
    DemoUnit(id="agencies", label="初評小組（機關）", kind="outside", agency="ministry"),
)
# Who holds a role alone: the account is named after the role.
PEOPLE = (
    DemoPerson(role="sec_handler", unit="secretariat", name="張家豪", title="承辦人"),
    DemoPerson(role="sec_chief", unit="secretariat", name="林雅惠", title="主任"),
    DemoPerson(role="deputy_director", unit="head", name="蔡文傑", title="副分局長"),
    DemoPerson(role="director", unit="head", name="許國棟", title="分局長"),
    DemoPerson(role="web_owner", unit="secretariat", name="葉庭瑜", title="網頁負責人"),
    DemoPerson(role="registry", unit="secretariat", name="宋明珠", title="文書"),
    DemoPerson(role="hr_handler", unit="personnel", name="彭詩涵", title="承辦人"),
    DemoPerson(role="hr_chief", unit="personnel", name="曾惠君", title="主任"),
    DemoPerson(role="merit_committee", unit="personnel", name="石美君", title="考績委員會主席"),
    DemoPerson(role="bureau_sec_handler", unit="bureau", name="范振宇", title="科員"),
    DemoPerson(role="bureau_sec_chief", unit="bureau", name="杜美惠", title="主任"),
    DemoPerson(role="bureau_approver", unit="bureau", name="梁啟文", title="副局長"),
    DemoPerson(role="ministry_handler", unit="ministry", name="龔書維", title="專員"),
    DemoPerson(role="ministry_approver", unit="ministry", name="戴瑞敏", title="常務次長"),
    DemoPerson(role="auditor", unit="ethics", name="馮正誠", title="稽核"),
    DemoPerson(role="sysadmin", unit="secretariat", name="鍾維新", title="系統管理者"),
)
# Who holds a role beside others: the account is named after the role and the unit.
SEATS = (
    DemoPerson(role="counter_owner", unit="registration", name="沈佳蓉", title="服務場所負責人"),
    DemoPerson(role="counter_owner", unit="kinmen", name="許乃文", title="服務場所負責人"),
    DemoPerson(role="counter_owner", unit="penghu", name="歐陽靜", title="服務場所負責人"),
    DemoPerson(role="reviewer", unit="academia", name="尤志平", title="教授"),
    DemoPerson(role="reviewer", unit="industry", name="姚佩琪", title="執行長"),
    DemoPerson(role="reviewer", unit="agencies", name="康立人", title="參事"),
)


def account_of(role: str, unit: str) -> str:
    """The demo account that holds a role in a unit: `director`, `unit_handler.metrology`."""
    return role if any(person.role == role for person in PEOPLE) else f"{role}.{unit}"


def make_agency(engine: Engine, password: str) -> None:
    """Make units, accounts and memberships, and deploy the workflows that are shipped."""
    engine.execute(SYSTEM, _organise, password)
    engine.execute(SYSTEM, definitions.deploy, shipped_workflows())


def shipped_workflows(folder: Path = WORKFLOWS) -> tuple[SourceFile, ...]:
    """The definitions that come with planflow."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple(
        SourceFile(name=path.relative_to(folder).as_posix(), body=path.read_bytes()) for path in paths
    )


def accounts() -> Iterator[tuple[str, str, str, str, str]]:
    """(account, name, title, role, unit) of everybody in the demo."""
    for person in PEOPLE:
        yield person.role, person.name, person.title, person.role, person.unit
    for unit in UNITS:
        if unit.handler:
            yield f"unit_handler.{unit.id}", unit.handler, "承辦人", "unit_handler", unit.id
        if unit.chief:
            yield f"unit_chief.{unit.id}", unit.chief, unit.chief_title, "unit_chief", unit.id
    for person in SEATS:
        yield f"{person.role}.{person.unit}", person.name, person.title, person.role, person.unit


def _organise(uow: UnitOfWork, password: str) -> None:
    for position, unit in enumerate(UNITS):
        organisation.add_unit(
            uow, unit.id, label=unit.label, kind=unit.kind, agency=unit.agency, position=position
        )
    for account, name, title, role, unit_id in accounts():
        assert role in ROLES
        organisation.add_user(
            uow, account, name=name, title=title, email=f"{account}@{MAIL_DOMAIN}", password=password,
            must_change=False,
        )  # fmt: skip
        organisation.grant(uow, account, role=role, unit=unit_id, valid_from=SINCE)
