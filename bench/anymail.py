"""django-anymail's SendGrid view, stock, with a receiver that stores what it is told."""

from __future__ import annotations

import sys
from typing import Any

import django
import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connection, models
from django.http import HttpRequest, HttpResponse
from django.urls import path

from bot.lineworks.hang_up import SERVER_OPTIONS
from sandbox.serving import free_socket


def main() -> None:
    file, way = sys.argv[1:]
    settings.configure(
        ALLOWED_HOSTS=["*"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": file,
                "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL"},
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["anymail"],
        MIDDLEWARE=[],
        ROOT_URLCONF=__name__,
        SECRET_KEY="bench",  # noqa: S106 - signs nothing
        USE_TZ=True,
        SILENCED_SYSTEM_CHECKS=["anymail.W001", "anymail.W002"],
    )
    django.setup()
    urlpatterns.append(path("tracking/", _view(way)))
    listener = free_socket()
    listener.listen()
    print(f"listens on :{listener.getsockname()[1]}", flush=True)
    app = get_asgi_application()
    uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", **SERVER_OPTIONS)).run(
        [listener]
    )


urlpatterns: list[Any] = []


def _view(way: str) -> Any:
    from anymail.signals import tracking  # noqa: PLC0415 - Django must be set up before
    from anymail.webhooks.sendgrid import SendGridTrackingWebhookView  # noqa: PLC0415 - as above
    from django.views.decorators.csrf import csrf_exempt  # noqa: PLC0415 - as above

    event_model = _model()
    stored: list[models.Model] = []

    def row(event: Any) -> models.Model:
        return event_model(
            event_id=event.event_id or "", kind=event.event_type, recipient=event.recipient,
            occurred_at=event.timestamp, message=event.message_id or "", raw=repr(event.esp_event),
            words=event.mta_response or "",
        )  # fmt: skip

    def receive(event: Any, **_: Any) -> None:
        one = row(event)
        if way == "bulk":
            stored.append(one)
        else:
            one.save()

    tracking.connect(receive, weak=False)

    class Both(SendGridTrackingWebhookView):  # type: ignore[misc]
        def post(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
            answer: HttpResponse = super().post(request, *args, **options)
            if stored:
                event_model.objects.bulk_create(stored[:])
                stored.clear()
            return answer

    return csrf_exempt(Both.as_view())


def _model() -> Any:
    class Told(models.Model):  # type: ignore[misc]  # noqa: DJ008 - nobody reads it
        event_id = models.CharField(max_length=64, db_index=True)
        kind = models.CharField(max_length=32)
        recipient = models.CharField(max_length=254)
        occurred_at = models.DateTimeField()
        message = models.CharField(max_length=80)
        words = models.TextField()
        raw = models.TextField()

        class Meta:
            app_label = "anymail"
            indexes = [  # noqa: RUF012 - Django asks for a list
                models.Index(fields=["recipient", "occurred_at"], name="by_recipient"),
                models.Index(fields=["occurred_at", "kind"], name="by_time"),
            ]

    with connection.schema_editor() as editor:
        editor.create_model(Told)
    return Told


if __name__ == "__main__":
    main()
