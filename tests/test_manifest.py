"""manifest.yml asks for what the code uses, and for nothing more."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from slack_sdk import WebClient

ROOT = Path(__file__).parent.parent
SLACK = ROOT / "bot" / "slack"
MANIFEST = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
(COMMAND,) = MANIFEST["features"]["slash_commands"]
SCOPES = MANIFEST["oauth_config"]["scopes"]["bot"]

# From the page of each method, https://docs.slack.dev/reference/methods
SCOPE_OF = {
    "auth_test": None,
    "chat_postMessage": "chat:write",
    "chat_update": "chat:write",
    "files_upload_v2": "files:write",
    "usergroups_users_list": "usergroups:read",
    "users_info": "users:read",
    "views_open": None,
}
# Listeners that Bolt has, and what a manifest must offer for each.
NEEDS_COMMANDS = {"command", "shortcut", "global_shortcut", "message_shortcut"}
NEEDS_EVENTS = {"event", "message", "assistant", "function"}
NEEDS_INTERACTIVITY = {"action", "block_action", "view", "view_submission", "view_closed"}


def called(*files: Path) -> set[str]:
    """Every name that is called as a method, or handed over as one, in `files`."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def listened() -> set[str]:
    """The listeners that are registered on `app`."""
    tree = ast.parse((SLACK / "listeners.py").read_text(encoding="utf-8"))
    return {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "app"
    }


def web_methods() -> set[str]:
    known = {name for name in dir(WebClient) if re.fullmatch(r"[a-z]+_\w+", name)}
    return called(*ROOT.joinpath("bot").rglob("*.py")) & known - {"api_call"}


def urls() -> list[str]:
    return [COMMAND["url"], MANIFEST["settings"]["interactivity"]["request_url"]]


def test_every_method_that_we_call_is_in_the_table():
    assert web_methods() == set(SCOPE_OF)


def test_the_scopes_are_those_of_the_methods_and_listeners():
    of_listeners = {"commands"} if listened() & NEEDS_COMMANDS else set()
    assert set(SCOPES) == {SCOPE_OF[method] for method in web_methods()} - {None} | of_listeners
    assert sorted(SCOPES) == SCOPES


def test_no_event_is_asked_for_that_nobody_listens_to():
    asked = MANIFEST["settings"].get("event_subscriptions", {}).get("bot_events", [])
    assert asked == []
    assert not listened() & NEEDS_EVENTS


def test_interactivity_is_on_as_buttons_and_modals_are_listened_to():
    assert listened() & NEEDS_INTERACTIVITY
    assert MANIFEST["settings"]["interactivity"]["is_enabled"]


@pytest.mark.parametrize("url", urls())
def test_every_address_is_one_to_be_replaced_and_our_route(url):
    parts = urlsplit(url)
    assert (parts.scheme, parts.path, parts.query) == ("https", "/slack/events", "")
    assert parts.hostname == "notify-errors.example.com"


def test_the_command_is_shaped_as_slack_wants_it():
    assert re.fullmatch(r"/[a-z0-9_-]{1,31}", COMMAND["command"])
    assert len(COMMAND["description"]) <= 2000
    assert len(COMMAND["usage_hint"]) <= 1000


def test_mentions_and_addresses_arrive_escaped_as_we_read_them():
    assert COMMAND["should_escape"] is True


def test_names_and_descriptions_fit():
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert re.fullmatch(r"#[0-9a-f]{6}", shown["background_color"])


def test_direct_messages_can_be_received_and_need_no_answer():
    home = MANIFEST["features"]["app_home"]
    assert home["messages_tab_enabled"]
    assert home["messages_tab_read_only_enabled"]


def test_it_speaks_http():
    assert MANIFEST["settings"]["socket_mode_enabled"] is False
