"""Fills in the form of a task page in a browser as a person would: only what differs from what stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page

from engine.demo.scene import Scene, small_pdf
from engine.domain.form_fields import Field, FieldKind
from webapp.forms.entries import show_entry

FORM = "form[data-scope='']"
# What each control holds, by name: its type, and its texts (of ticks: those that are chosen).
STANDING = """form => {
  const found = {};
  for (const control of form.elements) {
    if (!control.name) continue;
    const entry = found[control.name] ??= [control.type, []];
    const isTick = control.type === "radio" || control.type === "checkbox";
    if (!isTick || control.checked) entry[1].push(control.value);
  }
  return found;
}"""

Standing = dict[str, tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class PageScene(Scene):
    """A scene whose files are chosen in the browser."""

    def upload(self, name: str) -> dict[str, Any]:
        return {"chosen": name}


@dataclass(slots=True)
class Filler:
    """One page with the form of a task. Without scripts a chosen file is attached with its button."""

    page: Page
    has_scripts: bool = True

    def fill(self, fields: tuple[Field, ...], values: Mapping[str, Any]) -> None:
        """Bring the form to these values; what is read-only stays. Choices come first: some open a table."""
        choices = tuple(field for field in fields if field.kind is FieldKind.CHOICE)
        self._fill(choices, values, "", self._standing())
        self._fit_tables(fields, values)
        self._fill(fields, values, "", self._standing())

    def press(self, operation: str) -> None:
        """Press a button of the form and wait for the page that follows."""
        with self.page.expect_navigation():
            self._button(operation).click()

    def _standing(self) -> Standing:
        found: Standing = self.page.locator(FORM).evaluate(STANDING)
        return found

    def _button(self, operation: str) -> Locator:
        return self.page.locator(f"button[name=_op][value='{operation}']")

    def _fit_tables(self, fields: tuple[Field, ...], values: Mapping[str, Any]) -> None:
        for field in fields:
            if field.kind is not FieldKind.TABLE or field.read_only or field.table.fixed_rows:
                continue
            if field.name not in values:
                continue
            count = self.page.locator(f"#{field.name} li.erowbox").count()
            for _ in range(count, len(values[field.name])):
                self.press(f"add:{field.name}")
            for index in range(count, len(values[field.name]), -1):
                self.press(f"remove:{field.name}:{index - 1}")

    def _fill(
        self, fields: tuple[Field, ...], values: Mapping[str, Any], prefix: str, standing: Standing
    ) -> None:
        for field in fields:
            name = f"{prefix}{field.name}"
            if field.read_only or field.hidden or field.name not in values or not field.is_shown(values):
                continue
            value = values[field.name]
            if field.kind is FieldKind.TABLE:
                for index, row in enumerate(value):
                    self._fill(field.children, row, f"{name}-{index}-", standing)
            elif field.kind is FieldKind.GROUP:
                self._fill(field.children, value, f"{name}-", standing)
            elif field.kind is FieldKind.FILES:
                for file in value:
                    if "chosen" in file:
                        self._attach(name, str(file["chosen"]))
            else:
                self._enter(name, _texts(field, value), standing)

    def _enter(self, name: str, wanted: list[str], standing: Standing) -> None:
        kind, texts = standing[name]
        if sorted(texts) == sorted(wanted) or (not any(texts) and not any(wanted)):
            return
        control = self.page.locator(f"[name='{name}']")
        self._open_row_of(control.first)
        if kind in ("radio", "checkbox"):
            for text in set(wanted) ^ set(texts):
                tick = self.page.locator(f"[name='{name}'][value='{text}']")
                if kind == "checkbox" or text in wanted:
                    tick.set_checked(text in wanted)
        elif kind.startswith("select"):
            control.select_option(wanted)
        else:
            control.fill(wanted[0])

    def _attach(self, name: str, file_name: str) -> None:
        field = self.page.locator(f"[name='{name}-_upload']")
        self._open_row_of(field)
        path = name.replace("-", "/")
        with self.page.expect_navigation():
            field.set_input_files(
                {"name": file_name, "mimeType": "application/pdf", "buffer": small_pdf(file_name)}
            )
            if not self.has_scripts:
                self._button(f"upload:{path}").click()

    def _open_row_of(self, control: Locator) -> None:
        """A row of a table is closed until somebody opens it."""
        closed = control.locator("xpath=ancestor::details[not(@open)]")
        while closed.count():  # a line that is told anew at that moment swallows the click
            closed.first.locator("summary").first.click()


def _texts(field: Field, value: Any) -> list[str]:
    if field.kind is FieldKind.CHOICES:
        return [show_entry(field, item) for item in value]
    if value is False and field.widget == "checkbox":
        return []
    return [show_entry(field, value)]
