"""Run inside django-newsletter's own environment: sends one submission and tells what that took.

Nothing of ours is there but this folder: what to send comes as JSON, and so the figures go.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.utils.timezone import now

from bench.measure import measured

# A link of the recipient's own, as its own templates have one.
_OWN_LINK = "{{ site_url }}/letter/subscription/{{ subscription.email }}/unsubscribe/"


def main() -> None:
    """Set up the program the way its manual does, submit, and print the figures."""
    errand = json.load(sys.stdin)
    folder = Path(errand["folder"])
    _write_templates(folder / "templates" / "newsletter" / "message", errand)
    _configure(folder, errand)
    submission = _submission(errand)
    with measured() as usage:
        submission.submit()
    print(json.dumps(asdict(usage)))


def _write_templates(folder: Path, errand: dict[str, Any]) -> None:
    """Let its message be the letter, with a link of the recipient's own."""
    folder.mkdir(parents=True)
    (folder / "message_subject.txt").write_text(errand["subject"])
    for name, body in (("message.txt", errand["text"]), ("message.html", errand["html"])):
        (folder / name).write_text(body.replace(errand["placeholder"], _OWN_LINK))


def _configure(folder: Path, errand: dict[str, Any]) -> None:
    settings.configure(
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "db.sqlite3"}
        },
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=errand["port"],
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sites",
            "sorl.thumbnail",
            "newsletter",
        ],
        NEWSLETTER_THUMBNAIL="sorl-thumbnail",
        NEWSLETTER_USE_HTTPS=False,
        ROOT_URLCONF="newsletter.urls",
        SECRET_KEY="of no use to anyone",  # noqa: S106 - it lives as long as this process
        SITE_ID=1,
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [folder / "templates"],
                "APP_DIRS": True,
            }
        ],
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", verbosity=0)


def _submission(errand: dict[str, Any]) -> Any:  # noqa: ANN401 - its classes have no types
    newsletters = apps.get_model("newsletter", "Newsletter").objects
    subscriptions = apps.get_model("newsletter", "Subscription").objects
    newsletter = newsletters.create(
        title="Letter", slug="letter", email=errand["sender"], sender="Letter"
    )
    for person in errand["people"]:
        subscriptions.create(newsletter=newsletter, email_field=person, subscribed=True)
    message = apps.get_model("newsletter", "Message").objects.create(
        title=errand["subject"], slug="issue", newsletter=newsletter
    )
    submission = apps.get_model("newsletter", "Submission").from_message(message)
    submission.publish_date = now() - timedelta(minutes=1)
    submission.save()
    return submission


if __name__ == "__main__":
    main()
