"""What each method of the Web API does and refuses.

https://docs.slack.dev/reference/methods
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.slack import seed
from sandbox.slack.blocks import length
from sandbox.slack.gate import (
    Method,
    Run,
    check_rate,
    check_token,
    check_view,
    content,
    invalid,
    need,
)
from sandbox.slack.seed import Json
from sandbox.slack.workspace import Refused, Workspace

_UPDATE_CHARACTERS = 4_000
METHODS: dict[str, Method] = {}


def method(
    name: str, *required: str, scope: str = "", per_minute: int = 100, json: bool = True
) -> Callable[[Run], Run]:
    def register(run: Run) -> Run:
        METHODS[name] = Method(
            run=run, required=required, scope=scope, per_minute=per_minute, json=json
        )
        return run

    return register


def _extras(args: Json) -> Json:
    metadata = args.get("metadata")
    if metadata is None:
        return {}
    if not isinstance(metadata, dict) or {"event_type", "event_payload"} - metadata.keys():
        raise Refused("invalid_metadata_format")
    return {"metadata": metadata}


def _known(slack: Workspace, number: str) -> Json:
    """A channel that exists for the bot: private ones do only while it is a member."""
    if number in slack.users:
        return slack.direct(number)
    channel = slack.channels.get(number)
    if channel is None or (channel["is_private"] and not slack.has_bot(channel)):
        raise Refused("channel_not_found")
    return channel


def _writable(slack: Workspace, number: str) -> Json:
    channel = _known(slack, number)
    if slack.is_archived(channel):
        raise Refused("is_archived")
    if not slack.has_bot(channel):
        raise Refused("not_in_channel")
    return channel


def _readable(slack: Workspace, number: str) -> Json:
    channel = _known(slack, number)
    private = "im:read" if channel["is_im"] else "groups:read"
    need(slack, private if channel["is_private"] else "channels:read")
    return channel


def _thread(slack: Workspace, channel: str, args: Json) -> Json:
    if not (ts := args.get("thread_ts")):
        return {}
    if slack.find(ts, slack.messages[channel]) is None:
        raise Refused("cannot_reply_to_message")
    return {"thread_ts": ts}


@method("auth.test")
def _auth_test(slack: Workspace, _args: Json) -> Json:
    team = {"team": seed.TEAM_DOMAIN, "team_id": seed.TEAM, "is_enterprise_install": False}
    url = f"https://{seed.TEAM_DOMAIN}.slack.com/"
    user = slack.users[seed.BOT_USER]["name"]
    return {"url": url, "user": user, "user_id": seed.BOT_USER, "bot_id": seed.BOT, **team}


@method("chat.postMessage", "channel", scope="chat:write")
def _post_message(slack: Workspace, args: Json) -> Json:
    channel = _writable(slack, args["channel"])["id"]
    words = {**content(slack, args), **_thread(slack, channel, args), **_extras(args)}
    message = slack.post(channel, **words)
    return {"channel": channel, "ts": message["ts"], "message": message}


@method("chat.update", "channel", "ts", scope="chat:write", per_minute=50)
def _update(slack: Workspace, args: Json) -> Json:
    channel = _known(slack, args["channel"])
    message = slack.find(args["ts"], slack.messages[channel["id"]])
    if message is None:
        raise Refused("message_not_found")
    if message["user"] != seed.BOT_USER or slack.is_archived(channel):
        raise Refused("cant_update_message")
    if length(args.get("text") or "") > _UPDATE_CHARACTERS:
        raise Refused("msg_too_long")
    edited = {"user": seed.BOT_USER, "ts": slack.new_ts()}
    message.update(content(slack, args), **_extras(args), edited=edited)
    rest = {"channel": channel["id"], "ts": message["ts"], "text": message["text"]}
    return {**rest, "message": message}


@method("chat.postEphemeral", "channel", "user", scope="chat:write")
def _post_ephemeral(slack: Workspace, args: Json) -> Json:
    channel = _writable(slack, args["channel"])
    if args["user"] not in channel["members"]:
        raise Refused("user_not_in_channel")
    words = {**content(slack, args), **_thread(slack, channel["id"], args)}
    return {"message_ts": slack.whisper(args["user"], channel["id"], **words)["ts"]}


@method("chat.getPermalink", "channel", "message_ts", json=False)
def _permalink(slack: Workspace, args: Json) -> Json:
    channel = _known(slack, args["channel"])["id"]
    message = slack.find(args["message_ts"], slack.messages[channel])
    if message is None:
        raise Refused("message_not_found")
    thread = message.get("thread_ts")
    path = f"archives/{channel}/p{message['ts'].replace('.', '')}"
    query = f"?thread_ts={thread}&cid={channel}" if thread else ""
    link = f"https://{seed.TEAM_DOMAIN}.slack.com/{path}{query}"
    return {"channel": channel, "permalink": link}


@method("conversations.info", "channel", per_minute=50, json=False)
def _channel_info(slack: Workspace, args: Json) -> Json:
    channel = _readable(slack, args["channel"])
    shown = {key: value for key, value in channel.items() if key != "members"}
    now = {"is_archived": slack.is_archived(channel), "is_member": slack.has_bot(channel)}
    return {"channel": {**shown, **now}}


@method("conversations.members", "channel", json=False)
def _members(slack: Workspace, args: Json) -> Json:
    """https://docs.slack.dev/apis/web-api/pagination"""
    members = _readable(slack, args["channel"])["members"]
    start, most = int(args.get("cursor") or 0), int(args.get("limit") or 100)
    more = str(start + most) if start + most < len(members) else ""
    page = members[start : start + most]
    return {"members": page, "response_metadata": {"next_cursor": more}}


@method("conversations.open", "users", scope="im:write", per_minute=50)
def _open_direct(slack: Workspace, args: Json) -> Json:
    users = str(args["users"]).split(",")
    if len(users) > 1:
        need(slack, "mpim:write")
    if any(each not in slack.users for each in users):
        raise Refused("user_not_found")
    return {"channel": {"id": slack.direct(users[0])["id"]}}


@method("users.info", "user", scope="users:read", json=False)
def _user_info(slack: Workspace, args: Json) -> Json:
    if (user := slack.users.get(args["user"])) is None:
        raise Refused("user_not_found")
    with_locale = str(args.get("include_locale")).lower() in {"1", "true"}
    return {"user": {k: v for k, v in user.items() if k != "locale" or with_locale}}


@method("usergroups.users.list", "usergroup", scope="usergroups:read", per_minute=20, json=False)
def _group_users(slack: Workspace, args: Json) -> Json:
    if (users := slack.groups.get(args["usergroup"])) is None:
        raise Refused("no_such_subteam")
    return {"users": users}


@method("views.open", "view", "trigger_id")
def _open_view(slack: Workspace, args: Json) -> Json:
    check_view(args["view"])
    words = ("invalid_trigger_id", "exchanged_trigger_id", "expired_trigger_id")
    trigger = slack.ticket(args["trigger_id"], *words)
    trigger.left -= 1
    stack = slack.modals[trigger.user]
    stack.clear()
    return {"view": slack.push(stack, args["view"]).view}


@method("views.update", "view", "view_id")
def _update_view(slack: Workspace, args: Json) -> Json:
    check_view(args["view"])
    modal = slack.modal(args["view_id"])
    if args.get("hash") not in {None, "", modal.view["hash"]}:
        raise Refused("hash_conflict")
    slack.fill(modal, args["view"])
    return {"view": modal.view}


@method("files.getUploadURLExternal", "filename", "length", scope="files:write", json=False)
def _upload_url(slack: Workspace, args: Json) -> Json:
    if int(args["length"]) < 1:
        raise Refused("missing_argument")
    file = {"id": slack.new_id("F"), "name": args["filename"], "size": int(args["length"])}
    slack.files[file["id"]] = file
    return {"upload_url": f"{slack.base_url}/upload/{file['id']}", "file_id": file["id"]}


@method("files.completeUploadExternal", "files", scope="files:write")
def _complete_upload(slack: Workspace, args: Json) -> Json:
    shown = []
    for wish in args["files"]:
        file = slack.files.get(wish["id"], {})
        if len(file.get("content", b"")) != file.get("size"):
            raise Refused("file_not_found")
        title = wish.get("title") or file["name"]
        shown.append({"id": file["id"], "name": file["name"], "title": title})
    if number := args.get("channel_id"):
        channel = _writable(slack, number)["id"]
        words: Json = {"text": args.get("initial_comment") or "", "blocks": []}
        slack.post(channel, **words, **_thread(slack, channel, args), files=shown)
    return {"files": shown}


def call(slack: Workspace, name: str, token: str, args: Json) -> Json:
    """The answer without `ok`; raises Refused with Slack's error."""
    with slack.lock:
        check_token(slack, token)
        if (found := METHODS.get(name)) is None:
            raise Refused("unknown_method")
        check_rate(slack, name, found, args)
        need(slack, found.scope)
        if name in slack.faults["errors"]:
            raise Refused(slack.faults["errors"][name])
        if missing := [each for each in found.required if args.get(each) in (None, "")]:
            raise invalid([f"missing required field: {each}" for each in missing])
        return found.run(slack, args)
