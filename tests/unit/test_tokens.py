"""Tokens name one thing for one purpose, and nothing else passes for one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.installation import A_MONDAY
from topthree.domain.newsletter import UNSUBSCRIBE_TOKEN_LENGTH
from topthree.tokens import Purpose, TokenExpired, TokenRefused, Tokens

OLD_KEY, NEW_KEY = "o" * 16 + "ld-key-of-the-test", "n" * 16 + "ew-key-of-the-test"
TOKENS = Tokens((NEW_KEY, OLD_KEY))
SUBJECTS = st.integers(min_value=0, max_value=2**63 - 1)


@given(subject=SUBJECTS)
def test_a_token_names_what_was_signed(subject: int) -> None:
    for purpose in Purpose:
        assert TOKENS.read(purpose, TOKENS.sign(purpose, subject, A_MONDAY), A_MONDAY) == subject


@given(subject=SUBJECTS)
def test_a_token_stands_in_a_url_without_escaping_and_ends_in_a_letter_or_digit(
    subject: int,
) -> None:
    for purpose in Purpose:
        token = TOKENS.sign(purpose, subject, A_MONDAY)
        assert token.replace("-", "").replace("_", "").replace("~", "").isalnum()
        assert token[-1].isalnum()


@given(subject=SUBJECTS)
def test_every_unsubscribe_token_has_the_length_that_messages_leave_for_it(subject: int) -> None:
    assert len(TOKENS.sign(Purpose.UNSUBSCRIBE, subject, A_MONDAY)) == UNSUBSCRIBE_TOKEN_LENGTH


def test_a_token_for_one_purpose_is_refused_for_every_other() -> None:
    for made in Purpose:
        token = TOKENS.sign(made, 7, A_MONDAY)
        for read in set(Purpose) - {made}:
            with pytest.raises(TokenRefused):
                TOKENS.read(read, token, A_MONDAY)


def test_no_token_with_one_character_changed_is_read() -> None:
    token = TOKENS.sign(Purpose.UNSUBSCRIBE, 7, A_MONDAY)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

    accepted = []
    for place in range(len(token)):
        for character in alphabet:
            changed = token[:place] + character + token[place + 1 :]
            try:
                TOKENS.read(Purpose.UNSUBSCRIBE, changed, A_MONDAY)
            except TokenRefused:
                continue
            accepted.append(changed)

    assert set(accepted) == {token}


@given(garbage=st.text(max_size=200))
def test_garbage_is_refused(garbage: str) -> None:
    for purpose in Purpose:
        with pytest.raises(TokenRefused):
            TOKENS.read(purpose, garbage, A_MONDAY)


@pytest.mark.parametrize("purpose", [p for p in Purpose if p.max_age is not None])
def test_a_token_expires_one_second_after_its_time_and_still_says_what_it_named(
    purpose: Purpose,
) -> None:
    assert purpose.max_age is not None
    token = TOKENS.sign(purpose, 7, A_MONDAY)
    end = A_MONDAY + purpose.max_age

    assert TOKENS.read(purpose, token, end) == 7
    with pytest.raises(TokenExpired) as caught:
        TOKENS.read(purpose, token, end + timedelta(seconds=1))
    assert caught.value.subject == 7


def test_an_unsubscribe_link_works_for_ever() -> None:
    token = TOKENS.sign(Purpose.UNSUBSCRIBE, 7, A_MONDAY)

    assert TOKENS.read(Purpose.UNSUBSCRIBE, token, A_MONDAY + timedelta(days=36_500)) == 7


def test_tokens_and_codes_of_an_older_key_work_until_the_key_is_taken_away() -> None:
    old = Tokens((OLD_KEY,))
    token, code = old.sign(Purpose.CONFIRM, 7, A_MONDAY), old.code(Purpose.CONFIRM, 7)

    assert TOKENS.read(Purpose.CONFIRM, token, A_MONDAY) == 7
    assert TOKENS.is_code(Purpose.CONFIRM, 7, code)
    with pytest.raises(TokenRefused):
        Tokens((NEW_KEY,)).read(Purpose.CONFIRM, token, A_MONDAY)
    assert not Tokens((NEW_KEY,)).is_code(Purpose.CONFIRM, 7, code)


def test_the_first_key_signs() -> None:
    token = TOKENS.sign(Purpose.CONFIRM, 7, A_MONDAY)

    assert Tokens((NEW_KEY,)).read(Purpose.CONFIRM, token, A_MONDAY) == 7


def test_a_code_has_six_digits_and_may_be_typed_with_a_gap() -> None:
    code = TOKENS.code(Purpose.CONFIRM, 7)

    assert len(code) == 6
    assert code.isdigit()
    assert TOKENS.is_code(Purpose.CONFIRM, 7, f" {code[:3]} {code[3:]} ")


def test_a_code_fits_one_subject_and_one_purpose() -> None:
    code = TOKENS.code(Purpose.CONFIRM, 7)

    assert not TOKENS.is_code(Purpose.CONFIRM, 8, code)
    assert not TOKENS.is_code(Purpose.SIGN_IN, 7, code)
    assert not TOKENS.is_code(Purpose.CONFIRM, 7, "")
    assert not TOKENS.is_code(Purpose.CONFIRM, 7, "\uff11\uff12\uff13\uff14\uff15\uff16")


def test_a_seal_is_known_again_in_any_case_and_fits_one_text() -> None:
    seal = TOKENS.seal("12-34")

    assert TOKENS.is_seal("12-34", seal.upper())
    assert not TOKENS.is_seal("12-35", seal)
    assert not TOKENS.is_seal("12-34", "x" * len(seal))
