"""What the audit log tells beside an act, in words for people; files keep it as it was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from types import MappingProxyType

from topthree.domain.audit.act import Act, act_words
from topthree.domain.audit.entry import Details
from topthree.domain.calendar_words import day_words, moment_words
from topthree.domain.fingerprint import fingerprint
from topthree.domain.how_many import how_many
from topthree.domain.sending.run_words import DELIVERY_WORDS

#: Says a value; the zone is the newsletter's.
Teller = Callable[[str | int, tzinfo], str]


def details_words(act: str, details: Details, zone: tzinfo) -> str:
    """Return what is told, in a line; empty where the act says it all.

    What there are no words for, such as what a later version wrote, is told by its own name.
    """
    tellers = DETAIL_TELLERS.get(act, {})
    in_order = sorted(details, key=lambda name: [*tellers, name].index(name))
    told = (
        _told(tellers.get(name, _as(f"{name}: {{}}")), value, zone)
        for name in in_order
        if (value := details[name]) is not None and value != ""
    )
    return ", ".join(filter(None, told))


def _told(teller: Teller, value: str | int, zone: tzinfo) -> str:
    try:
        return teller(value, zone)
    except ValueError:
        # No number, or no date, after all: the log is read all the same.
        return str(value)


def _as(pattern: str) -> Teller:
    return lambda value, _zone: pattern.format(value)


def _count(noun: str, pattern: str = "{}", plural: str = "") -> Teller:
    return lambda value, _zone: pattern.format(how_many(int(value), noun, plural))


def _some(words: str) -> Teller:
    return lambda value, _zone: f"{value:,} {words}" if value else ""


def _day(pattern: str) -> Teller:
    return lambda value, _zone: pattern.format(day_words(date.fromisoformat(str(value))))


def _moment(pattern: str) -> Teller:
    def tell(value: str | int, zone: tzinfo) -> str:
        return pattern.format(moment_words(datetime.fromisoformat(str(value)).astimezone(zone)))

    return tell


def _one_of(words: Mapping[str, str]) -> Teller:
    return lambda value, _zone: words.get(str(value), str(value))


def _either(yes: str, no: str) -> Teller:
    return lambda value, _zone: yes if value else no


def _print_of(what: str) -> Teller:
    return lambda value, _zone: f"{what} with the fingerprint {fingerprint(str(value))}"


def _names(value: str | int, _zone: tzinfo) -> str:
    return str(value).replace("-", " ")


_AS_SAID, _QUOTED = _as("{}"), _as("“{}”")
_OUTCOMES = {status.value: words.name.lower() for status, words in DELIVERY_WORDS.items()}
_OF_AN_ITEM = {
    "version": _as("version {}"),
    "state": _one_of({"idea": "an idea", "drafting": "in drafting"}),
}
_OF_A_BROWSER = {"browser": _as("in {}")}
_BEFORE_AND_AFTER = {"before": _as("from “{}”"), "after": _as("to “{}”")}

#: By act and by the name that a detail has in the log, in the order in which they are said. An act
#: that is missing tells nothing, but for settings, which are told by their own names.
DETAIL_TELLERS: Mapping[str, Mapping[str, Teller]] = MappingProxyType(
    {
        Act.ISSUE_SAVED: {
            "version": _as("version {}"),
            "how": _one_of(
                {
                    "saved": "",
                    "autosaved": "by itself while somebody wrote",
                    "merged": "together with what somebody else had changed",
                    "restored": "by bringing an earlier version back",
                    "imported": "from a file",
                }
            ),
            "ended_an_approval": _either("which ended its approval", ""),
        },
        Act.ISSUE_APPROVED: {"digest": _print_of("the text")},
        Act.ISSUE_SENT_BACK: {"reason": _QUOTED},
        Act.ISSUE_CORRECTED: {"note": _QUOTED},
        Act.CORRECTION_BEGUN: {"correction": _as("as issue {}")},
        Act.ISSUE_PLANNED: {"after": _day("that of {}"), "before": _day("instead of {}")},
        Act.ISSUE_UNPLANNED: {"before": _day("that of {}")},
        Act.ISSUE_TEST_SENT: {
            "addresses": _count("address", "to {}", "addresses"),
            "digest": _print_of("the text"),
        },
        Act.SHARE_LINK_MADE: {
            "whom": _as("for “{}”"),
            "days": _count("day", "good for {}"),
            "may_comment": _either("comments allowed", "for reading only"),
        },
        Act.ISSUES_IMPORTED: {"files": _count("file"), "new": _as("{} of them new")},
        Act.ITEM_CREATED: _OF_AN_ITEM,
        Act.ITEM_SAVED: _OF_AN_ITEM,
        Act.ITEM_DELETED: _OF_AN_ITEM,
        Act.ITEM_PUT: {"issue": _as("into issue {}"), "place": _as("place {}")},
        Act.SLOT_HELD: {"note": _AS_SAID},
        Act.SLOT_EMPTY: {"note": _AS_SAID},
        Act.BREAKS_TAKEN_OVER: {
            "source": _as("from {}"),
            "added": _some("added"),
            "removed": _some("removed"),
        },
        Act.BREAK_REMOVED: {"name": _QUOTED, "first": _day("from {}"), "last": _day("to {}")},
        Act.CALENDAR_CHANGED: {
            "change": _one_of(
                {
                    "skip": "no letter on this day",
                    "move": "moved",
                    "extra": "one more letter on this day",
                    "pause": "no letters from this day on",
                    "re-anchor": "every other week counts from this day",
                }
            ),
            "until": _day("to {}"),
            "note": _QUOTED,
        },
        Act.SEND_ASKED: {"opens_at": _moment("to begin on {}")},
        Act.SEND_STOPPED: {"because": _AS_SAID},
        Act.RUN_OPENED: {
            "run": _as("run {}"),
            "note": _AS_SAID,
            "digest": _print_of("the message"),
        },
        Act.RUN_PAUSED: {"reason": _AS_SAID},
        Act.RUN_RESUMED: {"resumptions": _count("time", "{} so far")},
        Act.RUN_CANCELLED: {"reason": _AS_SAID},
        Act.CORRECTED_LETTER_APPROVED: {
            "content": _print_of("the text"),
            "message": _print_of("the message"),
        },
        Act.RUN_HELD_SETTLED: {
            "letters": _count("letter"),
            "decision": _one_of({"count as sent": "they got it", "send again": "sent again"}),
        },
        Act.RUN_RECONCILED: {"counted as sent": _as("{} counted as sent")},
        Act.RUN_FINISHED: {
            "status": _one_of({"done": "", "cancelled": "somebody had stopped it"}),
            **{status: _some(words) for status, words in _OUTCOMES.items()},
        },
        Act.EDITOR_ADDED: {"role": _as("as {}")},
        Act.EDITOR_REMOVED: {"role": _as("who was {}")},
        Act.EDITOR_ROLE_CHANGED: {"before": _as("from {}"), "after": _as("to {}")},
        Act.PASSKEY_ADDED: {"name": _QUOTED},
        Act.PASSKEY_RENAMED: _BEFORE_AND_AFTER,
        Act.PASSKEY_REMOVED: {"name": _QUOTED},
        Act.IDENTITY_LINKED: {"issuer": _as("at {}")},
        Act.SIGNED_IN: {"by": _as("with {}"), **_OF_A_BROWSER},
        Act.SIGNED_OUT: _OF_A_BROWSER,
        Act.SESSIONS_ENDED: {"count": _count("browser"), **_OF_A_BROWSER},
        Act.TURN_MAIL_CHOSEN: {"is_wanted": _either("switched on", "switched off")},
        Act.PEOPLE_VIEWED: {
            "address": _AS_SAID,
            "found": _either("found", "nobody found"),
            "outcome": _one_of({"all": "everybody", **_OUTCOMES}),
            "addresses": _as("addresses {}"),
        },
        Act.PEOPLE_EXPORTED: {
            "outcome": _one_of({"all": "everybody", **_OUTCOMES}),
            "rows": _count("row"),
        },
        Act.PEOPLE_IMPORTED: {
            "added": _as("{} added"),
            "not added": _some("not added"),
            "bad": _some("not readable"),
            "consent": _QUOTED,
        },
        Act.SUPPRESSED: {"reason": _AS_SAID},
        Act.SUPPRESSION_LIFTED: {"reason": _as("it was closed for: {}"), "because": _QUOTED},
        Act.DATABASE_RESTORED: {"origin": _AS_SAID},
        Act.AUDIT_LOG_EXPORTED: {
            "form": lambda value, _: f"as {str(value).upper()}",
            "who": lambda value, zone: f"only by {_names(value, zone)}",
            "act": lambda value, _: f"only “{act_words(str(value))}”",
            "kind": _as("only about: {}"),
            "thing": _as("“{}”"),
            "since": _day("from {} on"),
            "until": _day("until {}"),
        },
    }
)
