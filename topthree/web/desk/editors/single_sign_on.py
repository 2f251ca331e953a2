"""Single sign-on at the door: to the agency's provider, and back with its answer.

Both ways lead over a page of ours: a form may not lead to another site (its redirects would break
our policy for forms), and looking at an answer signs nobody in, as with the links of mail.
"""

from __future__ import annotations

import hmac
from http import HTTPStatus

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from topthree.domain.refusal import NotFound, Refusal
from topthree.services.editors.single_sign_on import (
    ERRAND_VALID,
    ErrandOver,
    begin_errand,
    end_errand,
    page_of_errand,
    sign_in_by_identity,
)
from topthree.services.identity.identity_provider import (
    Errand,
    IdentityProvider,
    NotIdentified,
    ProviderAnswer,
    ProviderAway,
)
from topthree.services.subscribers.form_limits import Form, may_use
from topthree.web.access import signed_out
from topthree.web.database import read_only, transaction
from topthree.web.desk.editors.letting_in import let_in
from topthree.web.desk.editors.next_path import safe_next
from topthree.web.desk.editors.our_own_form import require_our_own_form
from topthree.web.desk.editors.sign_in import door_refusing
from topthree.web.secret_cookie import SecretCookie
from topthree.web.security import unlisted
from topthree.web.site import site

#: What providers answer instead of a code (RFC 6749 §4.1.2.1), as far as people can help it.
_ERRORS = {
    "access_denied": "You, or your agency, said no to signing in at the desk.",
    "temporarily_unavailable": "The sign-on of your agency is busy at the moment.",
    "server_error": "The sign-on of your agency had an error.",
}
_SOME_ERROR = "The sign-on of your agency refused to sign you in at the desk."
_INSTEAD = " Try it once more, or type your address below and we send a link."


#: What binds an errand to its browser.
_ERRAND = SecretCookie("sign-on")


@signed_out
def begin_single_sign_on() -> ResponseReturnValue:
    """Send this browser to the provider, with marks that only it can answer to."""
    require_our_own_form()
    provider, now = _provider(), site().clock()
    follow = safe_next(request.form.get("next", ""))
    with transaction() as session:
        if not may_use(session, Form.SINGLE_SIGN_ON, request.remote_addr or "", now):
            raise Refusal("This way in was used too often from here. Use the link by mail.")
        errand = begin_errand(session, follow, now)
    try:
        question = provider.question(errand)
    except ProviderAway as away:
        return door_refusing(str(away), follow), HTTPStatus.SERVICE_UNAVAILABLE
    page = render_template(
        "desk/editors/single_sign_on.html", name=provider.name, question=question
    )
    return _ERRAND.keep(unlisted(make_response(page)), errand.secret, ERRAND_VALID)


@signed_out
def back_from_provider() -> ResponseReturnValue:
    """Show the button that uses the provider's answer; looking uses nothing up."""
    provider = _provider()
    answer = _answer(request.args)
    errand = _errand(answer)
    if "error" in request.args:
        words = _ERRORS.get(request.args["error"], _SOME_ERROR)
        return _refused(NotIdentified(words + _INSTEAD), _wanted(errand))
    if not answer.code or errand is None:
        return _refused(ErrandOver(), _wanted(errand))
    page = render_template(
        "desk/editors/single_sign_on_back.html", name=provider.name, answer=answer
    )
    return unlisted(make_response(page))


@signed_out
def use_provider() -> ResponseReturnValue:
    """Sign in whom the provider names, because the button was pressed; all is used up."""
    require_our_own_form()
    provider, now = _provider(), site().clock()
    answer = _answer(request.form)
    errand = _errand(answer)
    follow = _wanted(errand)
    try:
        if errand is None:
            raise ErrandOver
        with transaction() as session:
            end_errand(session, errand, now)
        identity = provider.identify(errand, answer)
        with transaction() as session:
            admitted = sign_in_by_identity(session, identity, site().clock())
    except ProviderAway as away:
        return _ERRAND.forget(_refused(away, follow, HTTPStatus.SERVICE_UNAVAILABLE))
    except NotIdentified as refused:
        return _ERRAND.forget(_refused(refused, follow))
    return _ERRAND.forget(unlisted(let_in(admitted, follow)))


def _provider() -> IdentityProvider:
    provider = site().provider
    if provider is None:
        raise NotFound("Single sign-on is not switched on here. Use the link by mail.")
    return provider


def _answer(said: dict[str, str]) -> ProviderAnswer:
    return ProviderAnswer(
        state=said.get("state", ""), code=said.get("code", ""), issuer=said.get("iss", "")
    )


def _errand(answer: ProviderAnswer) -> Errand | None:
    """Return the errand of this browser, if the answer is to that one."""
    errand = Errand(secret=_ERRAND.read())
    is_ours = hmac.compare_digest(errand.state.encode(), answer.state.encode())
    return errand if errand.secret and is_ours else None


def _wanted(errand: Errand | None) -> str:
    """Return the page that was wanted before the browser left."""
    if errand is None:
        return safe_next("")
    with read_only() as session:
        return safe_next(page_of_errand(session, errand))


def _refused(
    why: Refusal, follow: str, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
) -> Response:
    return unlisted(make_response(door_refusing(str(why), follow), status))
