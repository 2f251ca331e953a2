"""The editors' side: signing in, the board, writing, agreeing, planning, and watching it go out."""

from __future__ import annotations

from flask import Blueprint, Response

from topthree.web.desk.agreeing.comments import resolve, reword, say, show_comment, unsay
from topthree.web.desk.agreeing.corrected_letter import approve_letter, show_corrected_letter
from topthree.web.desk.agreeing.review import approve, review, send_back, submit
from topthree.web.desk.agreeing.sharing import end_sharing, share, show_sharing
from topthree.web.desk.archive.correct import correct, show_correcting, write_correction
from topthree.web.desk.audit.audit_log import audit, audit_file
from topthree.web.desk.bank.autosave_bank import autosave_bank, autosave_new_bank
from topthree.web.desk.bank.bank_item import (
    add_bank_item,
    bank_item,
    copy_bank,
    delete_bank,
    new_bank_item,
    save_bank,
    show_deleting,
)
from topthree.web.desk.bank.bank_places import (
    empty_place,
    fill_place,
    keep_place,
    place,
    places,
    put_in_place,
)
from topthree.web.desk.bank.bank_search import bank
from topthree.web.desk.bank.last_call import (
    last_call,
    last_call_of_place,
    show_last_call,
    show_last_call_of_place,
)
from topthree.web.desk.editors.editor import editor, give_role, invite_again, remove, show_removing
from topthree.web.desk.editors.editors import editors, invite
from topthree.web.desk.editors.me import choose_mail, end_one, end_others, me
from topthree.web.desk.editors.passkeys import (
    add_key,
    ask_for_key,
    ask_for_new_key,
    remove_key,
    rename_key,
    use_key,
)
from topthree.web.desk.editors.sign_in import ask, show_link, sign_in, sign_out, use_code, use_link
from topthree.web.desk.editors.single_sign_on import (
    back_from_provider,
    begin_single_sign_on,
    use_provider,
)
from topthree.web.desk.frame.desk_words import desk_words
from topthree.web.desk.pictures.picture import (
    bank_picture,
    change_bank_picture,
    change_picture,
    picture,
    upload_bank_picture,
    upload_picture,
)
from topthree.web.desk.planning.board import board, issues, write_issue
from topthree.web.desk.planning.calendar import calendar, change_calendar
from topthree.web.desk.planning.school_calendar import (
    read_school_calendar,
    remove_school_break,
    school_calendar,
    take_over_school_calendar,
)
from topthree.web.desk.planning.slot import put_on_slot, slot, take_off_slot
from topthree.web.desk.proofing.checked_links import check_links
from topthree.web.desk.proofing.preview import preview, preview_page, preview_text, test
from topthree.web.desk.sending.held import held, settle
from topthree.web.desk.sending.outbox import message, message_html, outbox
from topthree.web.desk.sending.run_people import find_person, people, people_file
from topthree.web.desk.sending.runs import run, runs
from topthree.web.desk.sending.send_now import send, show_sending, take_back
from topthree.web.desk.sending.steering import (
    cancel,
    pause,
    resume,
    send_missed,
    show_cancelling,
    show_missed,
)
from topthree.web.desk.writing.autosave import autosave, presence
from topthree.web.desk.writing.compose import compose, save, throw_away
from topthree.web.desk.writing.history import compare, history, restore, version
from topthree.web.desk.writing.look import preview_mail, preview_typed

__all__ = ["blueprint"]

blueprint = Blueprint("desk", __name__, url_prefix="/desk")
blueprint.context_processor(desk_words)


@blueprint.after_request
def _keep_out_of_indexes(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    return response


# As large as an identifier gets in either database.
_ISSUE = "/issues/<int(max=999999999999999999):issue_id>"
_COMMENT = f"{_ISSUE}/comments/<int(max=999999999999999999):comment_id>"
_PICTURE = f"{_ISSUE}/items/<int(min=1, max=3):place>/<any(picture, portrait):part>"
_PLACE = f"{_ISSUE}/places/<int:number>"
_BANK = "/bank/<int(max=999999999999999999):item_id>"
_VERSION = "<int(max=999999999):number>"
_RUN = "/runs/<int(max=999999999999999999):run_id>"
_BREAK = "/calendar/breaks/<int(max=999999999):break_id>"
_BACK = "/sign-in/oidc/back/"
_PASSKEY = "/me/passkeys/<int(max=999999999):passkey_id>"
_EDITOR = "/editors/<int(max=999999999999999999):editor_id>"

for _path, _view in (
    ("/", board),
    ("/sign-in/", sign_in),
    ("/sign-in/<token>/", show_link),
    ("/issues/", issues),
    (f"{_ISSUE}/", compose),
    (f"{_PICTURE}/", picture),
    (f"{_BANK}/<any(picture, portrait):part>/", bank_picture),
    (f"{_ISSUE}/preview/", preview),
    (f"{_ISSUE}/preview/text/", preview_text),
    (f"{_ISSUE}/preview/page/", preview_page),
    (f"{_ISSUE}/preview/mail.html", preview_mail),
    (f"{_ISSUE}/review/", review),
    (f"{_COMMENT}/", show_comment),
    (f"{_ISSUE}/share/", show_sharing),
    (f"{_ISSUE}/slot/", slot),
    (f"{_ISSUE}/history/", history),
    (f"{_ISSUE}/history/compare/", compare),
    (f"{_ISSUE}/history/{_VERSION}/", version),
    (f"{_ISSUE}/send/", show_sending),
    ("/bank/", bank),
    ("/bank/new/", new_bank_item),
    (f"{_BANK}/", bank_item),
    (f"{_BANK}/places/", places),
    (f"{_BANK}/last-call/", show_last_call),
    (f"{_BANK}/delete/", show_deleting),
    (f"{_PLACE}/", place),
    (f"{_PLACE}/last-call/", show_last_call_of_place),
    (f"{_ISSUE}/correct/", show_correcting),
    ("/runs/", runs),
    (f"{_RUN}/", run),
    (f"{_RUN}/cancel/", show_cancelling),
    (f"{_RUN}/missed/", show_missed),
    (f"{_RUN}/corrected/", show_corrected_letter),
    (f"{_RUN}/held/", held),
    (f"{_RUN}/people/", people),
    (f"{_RUN}/people.csv", people_file),
    ("/outbox/", outbox),
    ("/outbox/<name>/", message),
    ("/outbox/<name>/message.html", message_html),
    ("/editors/", editors),
    (f"{_EDITOR}/", editor),
    (_BACK, back_from_provider),
    ("/me/", me),
    ("/audit/", audit),
    ("/audit/file", audit_file),
    (f"{_EDITOR}/remove/", show_removing),
    ("/calendar/", calendar),
    ("/calendar/breaks/", school_calendar),
):
    blueprint.add_url_rule(_path, view_func=_view, methods=["GET"])

for _path, _act in (
    ("/sign-in/", ask),
    ("/sign-in/code/", use_code),
    ("/sign-in/<token>/", use_link),
    ("/sign-in/passkey/ask/", ask_for_key),
    ("/sign-in/passkey/", use_key),
    ("/sign-in/oidc/", begin_single_sign_on),
    (_BACK, use_provider),
    ("/sign-out/", sign_out),
    ("/issues/", write_issue),
    (f"{_ISSUE}/", save),
    (f"{_ISSUE}/preview/mail.html", preview_typed),
    (f"{_PICTURE}/", change_picture),
    (f"{_PICTURE}/upload/", upload_picture),
    (f"{_BANK}/<any(picture, portrait):part>/", change_bank_picture),
    (f"{_BANK}/<any(picture, portrait):part>/upload/", upload_bank_picture),
    (f"{_ISSUE}/autosave/", autosave),
    (f"{_ISSUE}/presence/", presence),
    (f"{_ISSUE}/throw-away/", throw_away),
    (f"{_ISSUE}/history/{_VERSION}/restore/", restore),
    (f"{_ISSUE}/test/", test),
    (f"{_ISSUE}/submit/", submit),
    (f"{_ISSUE}/approve/", approve),
    (f"{_ISSUE}/comments/", say),
    (f"{_COMMENT}/", reword),
    (f"{_COMMENT}/resolve/", resolve),
    (f"{_COMMENT}/delete/", unsay),
    (f"{_ISSUE}/share/", share),
    (f"{_ISSUE}/share/<int(max=999999999999999999):link_id>/end/", end_sharing),
    (f"{_ISSUE}/links/", check_links),
    (f"{_ISSUE}/send-back/", send_back),
    (f"{_ISSUE}/slot/", put_on_slot),
    (f"{_ISSUE}/slot/off/", take_off_slot),
    (f"{_ISSUE}/send/", send),
    (f"{_ISSUE}/correct/", correct),
    (f"{_ISSUE}/correction/", write_correction),
    (f"{_ISSUE}/send/back/", take_back),
    ("/bank/new/", add_bank_item),
    (f"{_BANK}/", save_bank),
    ("/bank/new/autosave/", autosave_new_bank),
    (f"{_BANK}/autosave/", autosave_bank),
    (f"{_BANK}/places/", put_in_place),
    (f"{_BANK}/copy/", copy_bank),
    (f"{_BANK}/last-call/", last_call),
    (f"{_BANK}/delete/", delete_bank),
    (f"{_PLACE}/", fill_place),
    (f"{_PLACE}/out/", empty_place),
    (f"{_PLACE}/keep/", keep_place),
    (f"{_PLACE}/last-call/", last_call_of_place),
    (f"{_RUN}/pause/", pause),
    (f"{_RUN}/resume/", resume),
    (f"{_RUN}/cancel/", cancel),
    (f"{_RUN}/missed/", send_missed),
    (f"{_RUN}/corrected/", approve_letter),
    (f"{_RUN}/held/", settle),
    (f"{_RUN}/people/", find_person),
    ("/editors/", invite),
    (f"{_EDITOR}/role/", give_role),
    (f"{_EDITOR}/invite/", invite_again),
    ("/me/sessions/<int(max=999999999999999999):session_id>/end/", end_one),
    ("/me/mail/", choose_mail),
    ("/me/sessions/end-others/", end_others),
    ("/me/passkeys/ask/", ask_for_new_key),
    ("/me/passkeys/", add_key),
    (f"{_PASSKEY}/name/", rename_key),
    (f"{_PASSKEY}/remove/", remove_key),
    (f"{_EDITOR}/remove/", remove),
    ("/calendar/", change_calendar),
    ("/calendar/breaks/", take_over_school_calendar),
    ("/calendar/breaks/read/", read_school_calendar),
    (f"{_BREAK}/remove/", remove_school_break),
):
    blueprint.add_url_rule(_path, view_func=_act, methods=["POST"])
