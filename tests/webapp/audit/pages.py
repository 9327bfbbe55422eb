"""Reading pages of the auditor's desk."""

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient


def page(client: FlaskClient, address: str) -> BeautifulSoup:
    """A page that answers, parsed."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.status
    return BeautifulSoup(answer.text, "lxml")


def words(part: Tag) -> str:
    """The text of a part, with single blanks."""
    return " ".join(part.get_text(" ").split())
