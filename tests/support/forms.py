"""Filling in the forms of a page the way a browser does, hidden fields and all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.support.page import Element, Page, text_of

#: A text typed, a box ticked or not, several choices made, or nothing sent at all.
Entry = str | bool | Sequence[str] | None

_BUTTONS = {"submit", "image"}
_NEVER_SENT = {"button", "reset", "image", "submit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What goes to the server when the form's button is pressed."""

    method: str
    action: str
    content_type: str
    fields: Sequence[tuple[str, str]]


def fill_in(
    page: Page, selector: str, entries: Mapping[str, Entry], *, button: str | None = None
) -> Submission:
    """Fill in the one form the CSS selector finds, press a button of it and return what is sent.

    Fields not named keep what the page gave them. The button is told by its words, its name or its
    value; without any, the first one of the form is pressed, as the Enter key does.
    """
    form = page.one(selector)
    if form.tag != "form":
        raise AssertionError(f"{selector!r} on {page.path} is a <{form.tag}>, not a form.")
    controls = _controls(page, form)
    known = {control.get("name") for control in controls}
    for name in entries:
        if name not in known:
            raise AssertionError(f"The form {selector!r} on {page.path} has no field {name!r}.")
    pressed = _pressed(controls, button)
    fields = [field for control in controls for field in _sent(control, entries, pressed)]
    _require_choices_to_exist(controls, entries)
    return Submission(
        method=pressed.get("formmethod", form.get("method", "get")).lower(),
        action=pressed.get("formaction", form.get("action", "")) or page.path,
        content_type=form.get("enctype", "application/x-www-form-urlencoded"),
        fields=fields,
    )


def _controls(page: Page, form: Element) -> Sequence[Element]:
    inside = set(form.iter("input", "select", "textarea", "button"))
    return [
        control
        for control in page.select("input, select, textarea, button")
        if _belongs(control, form, inside) and not _is_disabled(control)
    ]


def _belongs(control: Element, form: Element, inside: set[Element]) -> bool:
    owner = control.get("form")
    return owner == form.get("id") if owner else control in inside


def _is_disabled(control: Element) -> bool:
    groups = control.iterancestors("fieldset")
    return control.get("disabled") is not None or any(
        group.get("disabled") is not None for group in groups
    )


def _pressed(controls: Sequence[Element], button: str | None) -> Element:
    for control in controls:
        is_button = control.tag == "button" and control.get("type", "submit") == "submit"
        if is_button or (control.tag == "input" and control.get("type") in _BUTTONS):
            marks = {text_of(control), control.get("name"), control.get("value")}
            if button is None or button in marks:
                return control
    raise AssertionError(f"The form has no button {button or ''!r} to press.")


def _sent(
    control: Element, entries: Mapping[str, Entry], pressed: Element
) -> Iterator[tuple[str, str]]:
    name = control.get("name")
    if not name:
        return
    if control.tag == "button" or control.get("type") in _NEVER_SENT:
        if control is pressed:
            yield name, control.get("value", "")
        return
    for value in _entered(control, entries[name]) if name in entries else _given(control):
        # A browser sends line ends as CR LF, whatever was typed.
        yield name, "\r\n".join(value.splitlines()) if control.tag == "textarea" else value


def _given(control: Element) -> Sequence[str]:
    if control.tag == "textarea":
        return [control.text or ""]
    if control.tag == "select":
        return _selected(control)
    if control.get("type") in {"checkbox", "radio"}:
        return [control.get("value", "on")] if control.get("checked") is not None else []
    return [control.get("value", "")]


def _selected(control: Element) -> Sequence[str]:
    options = list(control.iter("option"))
    chosen = [option for option in options if option.get("selected") is not None]
    if not chosen and control.get("multiple") is None:
        chosen = options[:1]
    return [_value(option) for option in chosen]


def _value(option: Element) -> str:
    return option.get("value", text_of(option))


def _entered(control: Element, entry: Entry) -> Sequence[str]:
    if entry is None or entry is False:
        return []
    if control.get("type") in {"checkbox", "radio"}:
        value = control.get("value", "on")
        return [value] if entry is True or value in _listed(entry) else []
    return _listed(entry)


def _listed(entry: Entry) -> Sequence[str]:
    if isinstance(entry, bool) or entry is None:
        raise AssertionError("Only a box can be ticked; every other field takes a text.")
    return [entry] if isinstance(entry, str) else entry


def _require_choices_to_exist(controls: Sequence[Element], entries: Mapping[str, Entry]) -> None:
    for name, entry in entries.items():
        offered = [value for control in controls for value in _offered(control, name)]
        if offered and not isinstance(entry, bool) and entry is not None:
            for missing in set(_listed(entry)) - set(offered):
                raise AssertionError(f"The field {name!r} does not offer {missing!r}.")


def _offered(control: Element, name: str) -> Sequence[str]:
    if control.get("name") != name:
        return []
    if control.tag == "select":
        return [_value(option) for option in control.iter("option")]
    is_box = control.get("type") in {"checkbox", "radio"}
    return [control.get("value", "on")] if is_box else []
