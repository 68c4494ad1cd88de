"""Webhooks on the web, for admins alone."""

from bot.domain.events import EventKind
from bot.domain.webhooks import Problem
from tests.web_house import House, Person

WEBHOOKS = "/admin/webhooks"
ADDRESS = "https://example.org/accord?a=<b>"


async def test_a_webhook_is_added_with_a_secret_shown_once_and_removed(house: House, admin: Person) -> None:
    await admin.open(WEBHOOKS)
    form = {"url": ADDRESS, "key": admin.hidden("key"), EventKind.SETTLED.value: "yes"}
    await admin.send(WEBHOOKS, form)
    assert "whsec_" in admin.page
    (kept,) = await house.ports.webhooks.webhooks("web")
    assert (kept.url, kept.kinds) == (ADDRESS, frozenset({EventKind.SETTLED}))
    await admin.send(WEBHOOKS, form)  # twice is once
    await admin.open(WEBHOOKS)
    assert "whsec_" not in admin.page
    assert "a=&lt;b&gt;" in admin.page
    await admin.send(f"{WEBHOOKS}/remove", {"seen": kept.id})
    assert await house.ports.webhooks.webhooks("web") == [kept]
    await admin.send(f"{WEBHOOKS}/remove", {"seen": kept.id, "sure": "yes"})
    assert await house.ports.webhooks.webhooks("web") == []


async def test_the_menu_marks_the_settings_to_which_webhooks_belong(admin: Person) -> None:
    await admin.open(WEBHOOKS)
    assert '<a href="/admin/settings" aria-current="true">' in admin.page
    await admin.open("/admin/settings")
    assert '<a href="/admin/settings" aria-current="page">' in admin.page
    assert '<a href="/admin">' in admin.page


async def test_an_address_that_cannot_be_used_is_told_at_its_field(house: House, admin: Person) -> None:
    await admin.open(WEBHOOKS)
    for url, said in (
        ("https://127.0.0.1/", "private addresses"),
        ("http://example.org/", "https://"),
        (ADDRESS, "Choose at least one event."),
    ):
        chosen = {} if url == ADDRESS else {EventKind.OPENED.value: "yes"}
        await admin.send(WEBHOOKS, {"url": url, **chosen})
        assert admin.status == 422
        assert said in admin.page
    assert await house.ports.webhooks.webhooks("web") == []


async def test_what_was_not_delivered_is_listed_and_sent_again(house: House, admin: Person) -> None:
    await admin.open(WEBHOOKS)
    await admin.send(WEBHOOKS, {"url": ADDRESS, EventKind.OPENED.value: "yes"})
    for question in ("One?", "Two?"):
        await house.ask(question)
    for each in await house.ports.webhooks.waiting("web"):
        failed = each.failed(Problem.ANSWERED, house.clock.now(), 0.5, status=503)
        dead = failed.dead(Problem.ANSWERED, house.clock.now())
        await house.ports.webhooks.replace(each, dead)
    await admin.open(WEBHOOKS)
    assert "The address answered with status 503." in admin.page
    first, _ = await house.ports.webhooks.dead("web")
    await admin.send(f"{WEBHOOKS}/replay", {"id": first.id})
    assert "1 delivery is being sent again." in admin.page
    await admin.send(f"{WEBHOOKS}/replay", {})
    assert len(await house.ports.webhooks.waiting("web")) == 2
    assert await house.ports.webhooks.dead("web") == []


async def test_admins_are_told_that_one_is_switched_off(house: House, admin: Person) -> None:
    await admin.open(WEBHOOKS)
    await admin.send(WEBHOOKS, {"url": ADDRESS, EventKind.OPENED.value: "yes"})
    await admin.open("/admin")
    assert "switched off" not in admin.page
    (kept,) = await house.ports.webhooks.webhooks("web")
    await house.ports.webhooks.change_webhook(kept.gone(house.clock.now()))
    await admin.open("/admin")
    assert "A webhook is switched off" in admin.page
    await admin.open(WEBHOOKS)
    await admin.send(f"{WEBHOOKS}/on", {"id": kept.id})
    assert await house.ports.webhooks.webhooks("web") == [kept]
    await admin.send(f"{WEBHOOKS}/on", {"id": "another"})
    assert "There is no webhook with that ID." in admin.page


async def test_nobody_but_admins_sees_or_changes_them(house: House) -> None:
    member = await house.visitor(await house.ask())
    await member.open(WEBHOOKS)
    assert member.status == 403
    for path in ("", "/remove", "/on", "/replay"):
        await member.send(f"{WEBHOOKS}{path}", {"url": ADDRESS, "id": "x", "seen": "x", "sure": "yes"})
        assert member.status == 403
    assert await house.ports.webhooks.webhooks("web") == []
