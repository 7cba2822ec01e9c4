from types import SimpleNamespace

import httpx
import pytest

from sandbox.sendgrid import HOST_KEY, SendGrid
from sandbox.serving import serving


@pytest.fixture(scope="session")
def vendor(clock, kept_calls):
    """Started once, since a reset is as good as a start."""
    vendor = SendGrid(clock, kept_calls)
    with serving(vendor.app()) as url, httpx.Client(base_url=url) as client:
        yield SimpleNamespace(url=url, client=client, public_key=vendor.public_key)
    vendor.close()


@pytest.fixture
def sandbox(vendor):
    def control(name, **wish):
        answer = vendor.client.post(f"/_control/{name}", json=wish)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(*emails, **more):
        mail = {
            "personalizations": [{"to": [{"email": email}]} for email in emails],
            "from": {"email": "notice@example.co.jp"},
            "subject": "Notice",
            "content": [{"type": "text/plain", "value": "body"}],
        }
        bearer = {"Authorization": f"Bearer {HOST_KEY}"}
        return vendor.client.post("/v3/mail/send", json=mail | more, headers=bearer)

    control("reset")
    return SimpleNamespace(
        **vars(vendor),
        control=control,
        send=send,
        state=lambda: vendor.client.get("/_control/state").json(),
    )
