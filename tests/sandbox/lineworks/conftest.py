import time
from types import SimpleNamespace

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sandbox.lineworks import LineWorks, people
from sandbox.serving import serving


@pytest.fixture(scope="session")
def vendor(clock, kept_calls):
    """Started once, since a reset is as good as a start."""
    vendor = LineWorks(clock, kept_calls)
    with serving(vendor.app()) as url, httpx.Client(base_url=url, timeout=5) as client:
        key = load_pem_private_key(vendor.private_key.encode(), password=None)
        yield SimpleNamespace(url=url, client=client, private_key=key)


@pytest.fixture(autouse=True)
def control(vendor):
    """Every test finds the vendor as it was at its start."""

    def control(name, **wish):
        answer = vendor.client.post(f"/_control/{name}", json=wish)
        assert answer.status_code == 200, answer.text
        return answer.json()

    control("reset")
    return control


@pytest.fixture
def state(vendor, control):
    return lambda: vendor.client.get("/_control/state").json()


@pytest.fixture
def sign(vendor):
    """An assertion of the chat app; claims can be changed, None takes one away."""

    def sign(key=None, **claims):
        now = int(time.time())
        base = {
            "iss": people.CLIENT_ID,
            "sub": people.SERVICE_ACCOUNT,
            "iat": now,
            "exp": now + 3600,
        }
        payload = {name: value for name, value in (base | claims).items() if value is not None}
        return jwt.encode(payload, key or vendor.private_key, algorithm="RS256")

    return sign


@pytest.fixture
def ask(vendor, control, sign):
    """Asks for a token; form fields can be changed, None takes one away."""

    def ask(**fields):
        form = {
            "assertion": sign(),
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "client_id": people.CLIENT_ID,
            "client_secret": people.CLIENT_SECRET,
            "scope": "bot.message bot.read",
        } | fields
        sent = {name: value for name, value in form.items() if value is not None}
        return vendor.client.post("/oauth2/v2.0/token", data=sent)

    return ask


@pytest.fixture
def api(vendor, ask):
    """Calls the bot API as the chat bot, with a good token unless told otherwise."""

    def api(method, path, token=None, bot=people.CHAT_BOT, **more):
        bearer = {"Authorization": f"Bearer {token or ask().json()['access_token']}"}
        url = path if path.startswith("http") else f"/v1.0/bots/{bot}{path}"
        return vendor.client.request(method, url, headers=bearer, **more)

    return api


@pytest.fixture
def send(api):
    """Sends a text or any content to a member, or to the room `room`."""

    def send(said="hello", to=people.TANAKA.id, room=None, **more):
        content = {"type": "text", "text": said} if isinstance(said, str) else said
        path = f"/channels/{room}" if room else f"/users/{to}"
        return api("POST", f"{path}/messages", json={"content": content}, **more)

    return send


@pytest.fixture
def read(state):
    """The messages of the newest talk, or of the room `room`."""

    def read(room=None):
        talks = [talk for talk in state()["talks"] if room in {None, talk["channel"]}]
        return talks[-1]["messages"]

    return read
