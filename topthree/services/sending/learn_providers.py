"""Learning who takes the mail of subscribers' domains, a few domains at a time (R-33)."""

from __future__ import annotations

import logging
from datetime import timedelta

from topthree.mail.mx import NoNameServer
from topthree.services.wiring import Wiring
from topthree.store.sending.domains import (
    domains_to_look_up,
    note_answer,
    note_new_domains,
    note_no_answer,
)

_log = logging.getLogger(__name__)

#: So many subscribers are looked at in one transaction: nobody waits long for the database.
_PART = 5_000
#: So many domains are asked for at one time.
_QUESTIONS = 40
#: A school changes its mail servers seldom.
_KNOWN_FOR = timedelta(days=30)
_AFTER_SILENCE = timedelta(days=1)
#: After so many domains in a row without an answer, it is the DNS that does not answer.
_SILENCES = 3


def learn_providers(wiring: Wiring) -> int:
    """Ask for the mail servers of some domains that are new or known for long; return how many.

    Commits by itself, and holds no transaction while the DNS is asked.
    """
    if wiring.mail_servers is None:
        return 0
    with wiring.writing() as session:
        note_new_domains(session, wiring.clock(), _PART)
    with wiring.reading() as session:
        domains = domains_to_look_up(session, wiring.clock(), _QUESTIONS)
    learnt = silences = 0
    for domain in domains:
        if _learn(wiring, domain):
            learnt, silences = learnt + 1, 0
        else:
            silences += 1
        if silences == _SILENCES:
            break
    return learnt


def _learn(wiring: Wiring, domain: str) -> bool:
    """Ask for one domain; tell whether there was an answer."""
    if wiring.mail_servers is None:
        return False
    try:
        servers = wiring.mail_servers.of(domain)
    except NoNameServer as error:
        _log.info("no answer from the DNS: %s", error)
        with wiring.writing() as session:
            note_no_answer(session, domain, wiring.clock() + _AFTER_SILENCE)
        return False
    now = wiring.clock()
    with wiring.writing() as session:
        note_answer(session, domain, servers, now, now + _KNOWN_FOR)
    return True
