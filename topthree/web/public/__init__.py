"""Pages for anyone: the first page, subscribing and leaving, past issues, the feed."""

from __future__ import annotations

from flask import Blueprint

from topthree.web.public.about import accessibility, privacy
from topthree.web.public.archive import archive, issue, issue_as_sent
from topthree.web.public.confirming import (
    confirm,
    disown,
    show_confirming,
    show_disowning,
)
from topthree.web.public.feeds import feed, robots, sitemap
from topthree.web.public.joining import confirm_code, join, show_joining
from topthree.web.public.landing import landing
from topthree.web.public.leaving import keep, leave, show_keeping, show_leaving
from topthree.web.public.media import media
from topthree.web.public.page_words import prepare
from topthree.web.public.sharing import (
    say_by_link,
    shared_mail,
    show_shared,
    show_shared_mail,
)
from topthree.web.security import unlisted_with_token

__all__ = ["blueprint"]

blueprint = Blueprint("public", __name__)
blueprint.after_request(unlisted_with_token)
prepare(blueprint)

for _path, _view in (
    ("/", landing),
    ("/subscribe/", show_joining),
    ("/issues/", archive),
    ("/issues/<key>/", issue),
    ("/issues/<key>/as-sent/", issue_as_sent),
    ("/feed.atom", feed),
    ("/media/<name>", media),
    ("/privacy/", privacy),
    ("/accessibility/", accessibility),
    ("/robots.txt", robots),
    ("/sitemap.xml", sitemap),
):
    blueprint.add_url_rule(_path, view_func=_view, methods=["GET"])

blueprint.add_url_rule("/subscribe/", view_func=join, methods=["POST"])
blueprint.add_url_rule("/confirm-code/", view_func=confirm_code, methods=["POST"])

# Links in mail: a GET shows a page with a button, and only the button's POST changes anything.
for _path, _page, _button in (
    ("/c/<token>/", show_confirming, confirm),
    ("/w/<token>/", show_disowning, disown),
    ("/u/<token>/", show_leaving, leave),
    ("/b/<token>/", show_keeping, keep),
    ("/s/<token>/", show_shared, say_by_link),
):
    # A redirect to the form with a slash would lack the headers that keep tokens out of sight.
    blueprint.add_url_rule(_path, view_func=_page, methods=["GET"], strict_slashes=False)
    blueprint.add_url_rule(_path, view_func=_button, methods=["POST"], strict_slashes=False)

for _path, _page in (("/s/<token>/mail/", show_shared_mail), ("/s/<token>/mail.html", shared_mail)):
    blueprint.add_url_rule(_path, view_func=_page, methods=["GET"], strict_slashes=False)
