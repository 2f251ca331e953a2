"""A site with a few pages, good and bad, for trying the tests' own client and browser on."""

from __future__ import annotations

from flask import Flask, Response, redirect, request, session
from werkzeug.wrappers import Response as Answer

GOOD_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_PAGE = """<!doctype html>
<html lang="en">
<head><meta name="viewport" content="width=device-width"><title>Form</title></head>
<body><main><h1>{heading}</h1>
<form id="letter" action="/subscribe" method="post">
<input type="hidden" name="token" value="abc">
<p><label>Address <input name="address" value="old@school.example"></label></p>
<p><label>Greeting <textarea name="greeting">
Dear all</textarea></label></p>
<fieldset><legend>Grade</legend>
<p><label><input type="radio" name="grade" value="5" checked> 5</label></p>
<p><label><input type="radio" name="grade" value="6"> 6</label></p>
</fieldset>
<p><label><input type="checkbox" name="news" value="yes"> News</label></p>
<p><label>Language <select name="language"><option value="en">English</option>
<option value="es">Spanish</option></select></label></p>
<p><label>Gone <input name="gone" disabled></label></p>
<p><button name="do" value="save">Save</button></p>
<p><button name="do" value="send">Send</button></p>
</form>
<form id="search" action="/search"><p><label>Word <input name="word"></label></p>
<p><button>Find</button></p></form>
<p><a id="next" href="search?word=next">Next</a></p>
</main>{more}</body></html>
"""


_SCRIPTS = {
    "meddling": "location.replace('http://elsewhere.example/');",
    "failing": "throw new Error('It broke');",
}


def make_site() -> Flask:
    app = Flask(__name__)
    app.secret_key = "made up for the tests"
    app.after_request(_secure)
    app.add_url_rule("/", view_func=_show_form, endpoint="form")
    app.add_url_rule("/search", view_func=_show_form, endpoint="search")
    app.add_url_rule("/subscribe", view_func=_subscribe, methods=["POST"])
    app.add_url_rule("/without-language", view_func=_forget_language)
    app.add_url_rule("/<any(meddling, failing):script>", view_func=_run_script)
    app.add_url_rule("/<any(meddling, failing):script>.js", view_func=_send_script)
    app.add_url_rule("/feed", view_func=_feed)
    return app


def _show_form() -> str:
    heading = request.args.get("word") or session.get("sent", "Nothing sent")
    return _PAGE.format(heading=heading, more="")


def _subscribe() -> Answer:
    session["sent"] = "; ".join(f"{name}={value}" for name, value in request.form.items(multi=True))
    return redirect("/")


def _forget_language() -> str:
    return _PAGE.format(heading="No language", more="").replace(' lang="en"', "")


def _run_script(script: str) -> str:
    return _PAGE.format(heading="Script", more=f'<script src="/{script}.js"></script>')


def _send_script(script: str) -> Answer:
    return Response(_SCRIPTS[script], mimetype="text/javascript")


def _feed() -> Answer:
    return Response("<feed/>", mimetype="application/atom+xml")


def _secure(response: Answer) -> Answer:
    for name, value in GOOD_HEADERS.items():
        response.headers.setdefault(name, value)
    return response
