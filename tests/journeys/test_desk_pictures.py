"""A picture on its way: from an editor's disk over the desk into mail, page and feed."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.accessibility import assert_accessible
from tests.support.browser import opened_page
from tests.support.client import PageClient
from tests.support.colleague import Colleague, signed_in
from tests.support.installation import Installation, complete_content
from tests.support.kept_pictures import with_pictures
from tests.support.page import Page, text_of
from tests.support.pictures import opened, photograph, quarters, saved
from tests.support.sending import send_what_is_due
from tests.support.served import served
from topthree.domain.editors.permission import Role
from topthree.services.sending.open_run import open_due_runs
from topthree.services.writing.compose_issue import create_issue

WORDS = {"alt": "Four teachers plan at a long table.", "caption": "Tuesdays at three."}


@pytest.fixture
def ana(installation: Installation) -> Colleague:
    return signed_in(installation, "Ana", Role.WRITER)


def begin(installation: Installation, ana: Colleague) -> str:
    """Write an issue that lacks nothing and return its path."""
    with installation.wiring.writing() as session:
        issue = create_issue(session, complete_content(), ana.editor, installation.clock())
    return f"/desk/issues/{issue.id}/"


def upload(ana: Colleague, path: str, raw: bytes, name: str = "table.jpg") -> Page:
    """Choose a file for the issue's second item."""
    ana.browser.get(f"{path}items/2/picture/")
    return ana.browser.submit("#upload", files={"file": (name, raw)})


def source(page: Page, selector: str) -> str:
    return page.one(selector).get("src", "")


def test_a_picture_gets_from_the_disk_into_the_letter(installation: Installation) -> None:
    ana = signed_in(installation, "Ana", Role.WRITER)
    path = begin(installation, ana)
    ana.browser.get(path)
    ana.fill_in({"subject": "Typed before"}, button="item-2-picture")

    page = ana.browser.submit(
        "#upload", files={"file": ("table.jpg", saved(photograph(1_800, 1_500), "JPEG"))}
    )
    assert "Here it is" in page.text
    page = ana.browser.submit("#picture", WORDS, button="save")

    assert page.path.startswith(path)
    assert "Picture: Four teachers plan" in page.text
    assert page.one("#subject").get("value") == "Typed before"
    mail = ana.browser.get(f"{path}preview/mail.html")
    image = mail.one("img")
    assert (image.get("alt"), image.get("width")) == (WORDS["alt"], "536")
    shown = ana.browser.get(f"{path}preview/page/")
    assert source(shown, "figure img") == source(mail, "img")
    assert "Tuesdays at three." in text_of(shown.one("figcaption"))
    assert "[Picture: Four teachers" in ana.browser.get(f"{path}preview/text/").text


def test_what_a_picture_lacks_leads_to_its_button(
    installation: Installation, ana: Colleague
) -> None:
    path = begin(installation, ana)
    upload(ana, path, saved(quarters(), "PNG"))

    page = ana.browser.get(path)

    assert "say in words what the picture shows" in page.text
    assert page.select("a[href='#item-2-picture']")
    assert page.one("#item-2-picture").tag == "button"


def test_saving_a_picture_asks_for_its_words_and_keeps_what_was_typed(
    installation: Installation, ana: Colleague
) -> None:
    upload(ana, begin(installation, ana), saved(quarters(), "PNG"))

    page = ana.browser.submit("#picture", {"caption": "Typed already"}, button="save")

    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert "decorative" in text_of(page.one("#alt-wrong"))
    assert page.one("#caption").get("value") == "Typed already"


def test_a_decorative_picture_needs_no_words(installation: Installation, ana: Colleague) -> None:
    upload(ana, begin(installation, ana), saved(quarters(), "PNG"))

    page = ana.browser.submit("#picture", {"decorative": True}, button="save")

    assert page.status == 200
    assert "A picture, decorative" in page.text


def test_another_part_is_shown_by_choosing_it_and_the_first_comes_back_whole(
    installation: Installation, ana: Colleague
) -> None:
    page = upload(ana, begin(installation, ana), saved(quarters(1_000, 400), "PNG"))
    first = source(page, ".readers")

    page = ana.browser.submit(
        "#picture", {"shape": "square", "focus": "right", "closeness": "60"}, button="show"
    )
    second = source(page, ".readers")
    again = ana.browser.submit(
        "#picture", {"shape": "wide", "focus": "middle", "closeness": "100"}, button="show"
    )

    assert (page.one(".readers").get("width"), page.one(".readers").get("height")) == ("240", "240")
    assert page.one("#focus-right").get("checked") is not None
    assert source(again, ".readers") == first != second


def test_a_frame_can_be_set_in_numbers(installation: Installation, ana: Colleague) -> None:
    upload(ana, begin(installation, ana), saved(quarters(1_200, 800), "PNG"))

    numbers = {"focus": "drawn", "left": "50", "top": "0", "width": "25"}
    page = ana.browser.submit("#picture", numbers, button="show")

    rect = page.one(".frame-line")
    assert [rect.get(name) for name in ("x", "y", "width", "height")] == ["600", "0", "300", "200"]
    image = opened(ana.browser.get(source(page, ".readers")).body)
    assert image.size == (300, 200)


@pytest.mark.parametrize(
    ("raw", "name", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo.jpg", "SVG drawing"),
        (saved(photograph(), "JPEG")[:2_000], "photo.jpg", "damaged"),
        (b"", "", "Choose a file first"),
        (b"%PDF-1.4", "photo.png", "PDF"),
    ],
)
def test_what_is_no_picture_is_refused_beside_the_field(
    installation: Installation, ana: Colleague, raw: bytes, name: str, words: str
) -> None:
    page = upload(ana, begin(installation, ana), raw, name)

    assert page.status == 422
    assert words in text_of(page.one("#file-wrong"))
    assert page.one("#file").get("aria-invalid") == "true"


def test_a_file_that_is_far_too_large_is_refused_in_words(
    installation: Installation, ana: Colleague
) -> None:
    path = f"{begin(installation, ana)}items/2/picture/upload/"
    kind = {"Content-Type": "multipart/form-data; boundary=x"}

    page = ana.browser.post(path, bytes(25_000_001), headers=kind)

    assert page.status == 413
    assert "a smaller file" in page.text


def test_a_moving_picture_stands_still_and_that_is_said(
    installation: Installation, ana: Colleague
) -> None:
    raw = saved(quarters(), "GIF", save_all=True, append_images=[photograph(600, 400)])

    page = upload(ana, begin(installation, ana), raw, "moving.gif")

    assert "standing still" in page.text


def test_a_picture_is_taken_out_again(installation: Installation, ana: Colleague) -> None:
    path = begin(installation, ana)
    upload(ana, path, saved(quarters(), "PNG"))

    page = ana.browser.submit("form.danger")

    assert "The picture is taken out" in page.text
    assert not page.select(".pictured img")


def test_items_change_places_with_their_pictures(
    installation: Installation, ana: Colleague
) -> None:
    path = begin(installation, ana)
    upload(ana, path, saved(quarters(), "PNG"))
    before = source(ana.browser.get(path), ".pictured img")

    page = ana.fill_in({}, button="move-2-1")

    assert source(page, "#item-1 .pictured img") == before
    assert len(page.select(".pictured img")) == 1


def test_a_picture_that_somebody_changed_meanwhile_is_not_lost(
    installation: Installation, ana: Colleague
) -> None:
    path = begin(installation, ana)
    upload(ana, path, saved(quarters(), "PNG"))
    ben = signed_in(installation, "Ben", Role.WRITER)
    ben.browser.get(f"{path}items/2/picture/")
    ben.browser.submit("#picture", {"focus": "left", "closeness": "40"}, button="show")

    page = ana.browser.submit("#picture", WORDS, button="save")

    assert page.status == 409
    assert "Look at it once more" in page.text


def test_a_contributor_has_a_portrait_beside_the_name(
    installation: Installation, ana: Colleague
) -> None:
    path = begin(installation, ana)
    ana.browser.get(path)
    ana.fill_in({}, button="item-2-portrait")
    ana.browser.submit("#upload", files={"file": ("ana.jpg", saved(photograph(), "JPEG"))})

    page = ana.browser.submit("#picture", {"focus": "top"}, button="save")

    assert "The contributor’s portrait" in page.text
    mail = ana.browser.get(f"{path}preview/mail.html")
    assert (mail.one("img").get("width"), mail.one("img").get("alt")) == ("72", "")


def test_an_item_of_the_bank_has_a_picture_too(installation: Installation, ana: Colleague) -> None:
    ana.browser.get("/desk/bank/new/")
    ana.browser.submit("#bank-item", {"item-headline": "A guide"}, button="item-picture")
    ana.browser.submit("#upload", files={"file": ("a.png", saved(quarters(), "PNG"))})

    page = ana.browser.submit("#picture", WORDS, button="save")

    assert page.heading == "A guide"
    assert "Picture: Four teachers plan" in page.text


def test_anybody_gets_the_file_and_may_keep_it_for_ever(
    installation: Installation, ana: Colleague
) -> None:
    page = upload(ana, begin(installation, ana), saved(photograph(), "JPEG"))
    path = source(page, ".readers")
    reader = installation.app.test_client()

    answer = reader.get(path)
    again = reader.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    head = reader.head(path)

    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Set-Cookie" not in answer.headers
    assert (again.status_code, again.data) == (304, b"")
    assert (head.status_code, head.content_length) == (200, len(answer.data))


@pytest.mark.parametrize("name", ["nothing.jpg", "..%2fsecret.jpg", f"{'0a' * 16}.svg", "%00.png"])
def test_there_is_nothing_under_any_other_name(installation: Installation, name: str) -> None:
    answer = installation.app.test_client().get(f"/media/{name}")

    assert answer.status_code == 404


def test_every_teacher_gets_the_same_address(installation: Installation) -> None:
    installation.add_subscribers("ann@school.example", "ben@school.example")
    ana = installation.add_editor("Ana", Role.WRITER)
    installation.schedule_approved_issue(with_pictures(installation, ana, complete_content()))
    installation.clock.advance(timedelta(days=10))
    (run_id,) = open_due_runs(installation.wiring)
    send_what_is_due(installation.wiring, run_id)

    letters = [each for each in installation.outbox() if "[Picture: Soft hills" in each.text]
    addresses = {tuple(re.findall(r'<img[^>]+src="([^"]+)"', each.html)) for each in letters}
    reader = PageClient(installation.app)
    page = reader.get("/issues/2026-12-03/")
    feed = reader.get("/feed.atom")

    assert len(letters) == 2
    ((address, portrait),) = addresses
    assert address.startswith("http://letters.example/media/")
    assert source(page, "figure img") == address.removeprefix("http://letters.example")
    assert source(page, ".by img") == portrait.removeprefix("http://letters.example")
    assert page.one("meta[property='og:image']").get("content") == address
    assert address in feed.source
    assert reader.get(source(page, "figure img")).status == 200


def test_by_keyboard_alone_a_picture_is_chosen_cut_described_and_seen(
    installation: Installation, browser: Browser, tmp_path: Path
) -> None:
    ana = Colleague(installation, "Ana", Role.WRITER)
    path = begin(installation, ana)
    photo = tmp_path / "table.jpg"
    photo.write_bytes(saved(photograph(1_800, 1_500), "JPEG"))
    ana.ask_to_sign_in()

    with served(installation) as url, opened_page(browser, url) as page:
        page.goto(ana.link)
        page.get_by_role("button").press("Enter")
        page.goto(path)
        page.locator("#item-2-picture").press("Enter")
        page.locator("#file").set_input_files(photo)
        page.get_by_role("button", name="Upload it").press("Enter")
        page.locator("#alt").type(WORDS["alt"])
        page.locator("#shape-wide").press("ArrowDown")
        page.locator("#focus-middle").press("ArrowUp")
        drawn = page.locator(".frame-line").get_attribute("width")
        assert_accessible(page, "light", "dark")
        page.locator("#alt").press("Enter")
        page.get_by_role("status").wait_for()
        thumbnail = page.locator("#item-2 .pictured img").evaluate("image => image.naturalWidth")
        page.goto(f"{path}preview/mail.html")
        seen = page.locator("img").evaluate("image => [image.naturalWidth, image.alt]")

    assert drawn == "1500"
    assert thumbnail == 960
    assert seen == [960, WORDS["alt"]]


def test_with_script_the_frame_is_drawn_with_the_pointer(
    installation: Installation, browser: Browser, tmp_path: Path
) -> None:
    ana = Colleague(installation, "Ana", Role.WRITER)
    path = begin(installation, ana)
    photo = tmp_path / "table.jpg"
    photo.write_bytes(saved(photograph(1_500, 1_500), "JPEG"))
    ana.ask_to_sign_in()

    with served(installation) as url, opened_page(browser, url) as page:
        page.goto(ana.link)
        page.get_by_role("button").click()
        page.goto(f"{path}items/2/picture/")
        page.locator("#file").set_input_files(photo)
        page.get_by_role("button", name="Upload it").click()
        page.wait_for_selector(".can-draw")
        box = page.locator("#frame-drawing").bounding_box()
        assert box is not None
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0], box["y"] + box["height"] + 50, steps=4)
        page.mouse.up()
        focus = page.locator("input[name=focus]:checked").input_value()
        numbers = [float(page.locator(f"#{name}").input_value()) for name in ("top", "width")]

    assert focus == "drawn"
    assert numbers == [33.3, 100.0]
