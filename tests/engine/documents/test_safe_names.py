import pytest

from engine.documents.safe_names import LONGEST, Names, safe_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("114年度報告.pdf", "114年度報告.pdf"),
        ("../../etc/passwd", "_._etc_passwd"),
        ("..\\..\\boot.ini", "_.._boot.ini"),
        ("/absolute", "_absolute"),
        ("C:\\x.pdf", "C_x.pdf"),
        ("con.txt", "_con.txt"),
        ("LPT1", "_LPT1"),
        ("", "_"),
        (" . ", "_"),
        ("..", "_"),
        ("a\x00b\u202etxt.exe", "a_b_txt.exe"),
        ("trailing. ", "trailing"),
        ("e\u0301.txt", "é.txt"),
    ],
)
def test_a_name_that_every_system_takes(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_a_long_name_keeps_its_ending() -> None:
    name = safe_name("長" * 300 + ".pdf")
    assert (len(name), name[-4:]) == (LONGEST, ".pdf")


def test_names_that_a_file_system_would_take_for_one_get_numbers() -> None:
    names = Names()
    given = [names.give("files", text) for text in ("A.pdf", "a.pdf", "A.PDF", "b", "B")]
    assert given == ["files/A.pdf", "files/a (2).pdf", "files/A (3).PDF", "files/b", "files/B (2)"]
