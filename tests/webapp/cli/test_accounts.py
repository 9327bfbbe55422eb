from tests.webapp.cli.conftest import Cli

PASSWORD = "Seven green turtles, 7"


def test_an_added_account_is_listed(cli: Cli) -> None:
    added = cli("user", "add", "wang", "--name", "王小明", "--password", PASSWORD)
    assert (added.exit_code, cli("user", "list").output) == (0, "wang\t王小明\tactive\t\n")


def test_a_short_password_is_refused_and_nothing_is_added(cli: Cli) -> None:
    added = cli("user", "add", "wang", "--name", "王小明", "--password", "short")
    assert (added.exit_code, cli("user", "list").output) == (1, "")
    assert "password: Use at least 12 characters" in added.output


def test_an_unknown_role_is_refused_and_nothing_is_added(cli: Cli) -> None:
    added = cli("user", "add", "wang", "--name", "王小明", "--password", PASSWORD, "--holds", "king:castle")
    assert (added.exit_code, cli("user", "list").output) == (1, "")


def test_a_disabled_account_is_closed_but_still_there(cli: Cli) -> None:
    cli("user", "add", "wang", "--name", "王小明", "--password", PASSWORD)
    disabled = cli("user", "disable", "wang")
    assert (disabled.exit_code, cli("user", "list").output) == (0, "wang\t王小明\tclosed\t\n")


def test_an_unknown_account_cannot_be_disabled(cli: Cli) -> None:
    result = cli("user", "disable", "nobody")
    assert (result.exit_code, result.output) == (1, "Error: There is no user “nobody”.\n")


def test_a_token_is_printed_alone(cli: Cli) -> None:
    cli("user", "add", "wang", "--name", "王小明", "--password", PASSWORD)
    issued = cli("token", "issue", "wang")
    assert (issued.exit_code, issued.output[:3], issued.output.count("\n")) == (0, "pf_", 1)


def test_nobody_else_gets_a_token(cli: Cli) -> None:
    assert cli("token", "issue", "nobody").exit_code == 1
