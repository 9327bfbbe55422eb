"""The laws of the house that a program can check."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LONGEST_MODULE = 450
WORDS_NOT_TO_USE = frozenset(
    "case job node todo manager helper helpers utils util base service data info".split()  # noqa: SIM905
)
# Put together from pieces, so that this file does not name them itself.
REGISTRIES = re.compile(
    "|".join(["pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.(org|com)", "piwheels" + r"\.org"])
)
MACHINE_PATHS = re.compile("/" + r"(?:work|home|root|Users)/[\w.]")
LISTS_OF_CHARACTERS = {"tests/test_house.py", "tests/webapp/test_catalogue.py"}
# Characters that exist in Simplified Chinese only, among the most frequent ones.
SIMPLIFIED = frozenset(
    "们这说时对国发经过现还进动关开问间应实样种业电务报资质议让认记许设证评请责费购车转软较输运选适递达远连违迟"
    "边场坏块声处备头学宁审宽导层属岁币师带帮总执扩扫扬护担择损换数断旧显晓权来构标检楼欢毕测济浏满灭点热爱"
    "环盖监盘码确离称稳类级纪纸线练组细织终绍结绘给络绝统继绩续维综编缩网罗罚职联胜脑节药获营虑虽补见规视览"
    "觉计订训讨讯讲论访识诉词试话该详语误读课调谁谢变图书长门阳阴队阶际陆险难顾预领频题颜额风飞饭馆驳驻验鱼"
    "齐龙龄观读东丝两严丧为义乐习乡买亚产亲亿仅从仓们价众优伟传伤伦体债倾储儿党兰兴养农军冻凤则创删别办劳势"
    "华协单卖卢卫厂历厅压县参双叶号听启员呕响团园围圆圣坚坛垄壮夺奖妈娱孙宝实宠宪将尔尘尝岂岛峡币张弹归当录"
    "忆忧怀态怜恒恶悬惊惧惯愿战戏担拥拨挡挤挥捞捡换摄摆撑敌暂杀杂条杨极枪栋栏桥梦检槛欧殴毁气汇汉汤沟沪泪泽"
)


@cache
def tracked_files() -> tuple[Path, ...]:
    """The files that git keeps, as they lie in the checkout."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return tuple(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())


@cache
def tracked_texts() -> dict[str, str]:
    """Name and text of every tracked file that is text."""
    texts = {}
    for path in tracked_files():
        try:
            texts[path.relative_to(ROOT).as_posix()] = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
    return texts


def found(pattern: re.Pattern[str], texts: dict[str, str]) -> list[str]:
    """`file:line: match` for every match."""
    return [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}"
        for name, text in texts.items()
        for match in pattern.finditer(text)
    ]


@pytest.fixture(scope="module", autouse=True)
def _checkout() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("These laws are about a git checkout")


def test_imports_keep_the_contracts() -> None:
    # A program of its own, because it silences every logger of the process that it runs in.
    program = Path(sys.executable).with_name("lint-imports")
    linted = subprocess.run([program, "--no-cache"], check=False, cwd=ROOT, capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout


def test_no_file_names_a_package_registry() -> None:
    assert found(REGISTRIES, tracked_texts()) == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert found(MACHINE_PATHS, tracked_texts()) == []


def test_no_text_is_in_simplified_chinese() -> None:
    texts = {name: text for name, text in tracked_texts().items() if name not in LISTS_OF_CHARACTERS}
    assert found(re.compile(f"[{''.join(sorted(SIMPLIFIED))}]"), texts) == []


def test_no_module_is_too_long_to_read() -> None:
    lengths = {name: text.count("\n") for name, text in tracked_texts().items() if name.endswith(".py")}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    modules = [path.relative_to(ROOT) for path in tracked_files() if path.suffix == ".py"]
    words = {
        module.as_posix(): {w for part in module.with_suffix("").parts for w in part.split("_")}
        for module in modules
    }
    assert {name: w & WORDS_NOT_TO_USE for name, w in words.items() if w & WORDS_NOT_TO_USE} == {}


def test_every_ignored_style_rule_has_its_reason() -> None:
    """`# noqa` and `# type: ignore` name the rule that they silence."""
    bare = re.compile(r"#\s*(?:noqa(?!: [A-Z])|type: ignore(?!\[))")
    texts = {n: t for n, t in tracked_texts().items() if n.endswith(".py") and n != "tests/test_house.py"}
    assert found(bare, texts) == []
