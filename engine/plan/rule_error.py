"""The one refusal of the plan rules: an English template and its parameters, for doors to translate."""

from __future__ import annotations


class PlanRuleError(ValueError):
    """A rule of the plan refuses a value.

    `template` is the untranslated text (a gettext msgid), `params` fill its fields.
    """

    def __init__(self, template: str, **params: object) -> None:
        super().__init__(template.format(**params))
        self.template = template
        self.params = params
