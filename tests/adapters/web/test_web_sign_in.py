"""Links and sessions: what opens, what does not, and what cookies give away."""

import secrets
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from adapters.web import sessions
from adapters.web.config import WebConfig
from adapters.web.links import (
    NAME_LIMIT,
    Link,
    LinkError,
    LinkKind,
    admin_link,
    invite_link,
    new_link_id,
    personal_link,
    random_person,
    read_link,
    serializer,
    shown_name,
)
from adapters.web.sessions import QUESTIONS_REMEMBERED, Session
from bot.domain.actors import key_id
from bot.domain.deliberation import Deliberation
from bot.domain.terms import Terms
from tests.web_house import NOON, House

CONFIG = WebConfig(secret="a secret for tests only", base_url="https://accord.example.org/")
OTHER_TEAM = WebConfig(secret=CONFIG.secret, base_url=CONFIG.base_url, team="other")
OTHER_SECRET = WebConfig(secret="another secret, as long", base_url=CONFIG.base_url)


def _token(link: str) -> str:
    return link.rsplit("/", 1)[1]


def test_a_personal_link_says_what_was_put_in() -> None:
    link = personal_link(CONFIG, "d1", " Ann  Berger", "l1", now=NOON)
    assert link.startswith("https://accord.example.org/p/")
    read = read_link(LinkKind.PERSONAL, _token(link), CONFIG, NOON)
    assert (read.team, read.deliberation, read.name, read.id) == ("web", "d1", "Ann Berger", "l1")


def _person(deliberation_id: str, name: str, config: WebConfig = CONFIG, *, anonymous: bool = False) -> str:
    link = personal_link(config, deliberation_id, name, "l1", anonymous=anonymous, now=NOON)
    return read_link(LinkKind.PERSONAL, _token(link), config, NOON).user


def test_by_name_the_same_name_is_the_same_person_in_one_question_only() -> None:
    ann = _person("d1", "Ann Berger")
    assert _person("d1", " ann  BERGER ") == ann
    others = [_person("d2", "Ann Berger"), _person("d1", "Bo"), _person("d1", "Ann Berger", OTHER_TEAM)]
    assert ann not in others


def test_an_anonymous_person_is_never_made_again() -> None:
    assert len({_person("d1", "Ann", anonymous=True) for _ in range(3)}) == 3
    # Nobody who forgets to say which kind it is makes one that could be.
    read = [
        read_link(LinkKind.PERSONAL, _token(personal_link(CONFIG, "d1", "Ann", "l1", now=NOON)), CONFIG, NOON)
        for _ in range(2)
    ]
    assert read[0].user != read[1].user


def test_each_admin_link_is_another_admin() -> None:
    tokens = [_token(admin_link(CONFIG, now=NOON)) for _ in range(2)]
    users = {read_link(LinkKind.ADMIN, token, CONFIG, NOON).user for token in tokens}
    assert len(users) == 2


@pytest.mark.parametrize("config", [OTHER_TEAM, OTHER_SECRET], ids=["another team", "another secret"])
def test_a_link_of_somebody_else_opens_nothing(config: WebConfig) -> None:
    for kind, link in _links(config):
        with pytest.raises(LinkError) as refused:
            read_link(kind, _token(link), CONFIG, NOON)
        assert not refused.value.expired


CHANGED_SECRET = WebConfig(
    secret="the newest secret of all", old_secrets=(CONFIG.secret,), base_url=CONFIG.base_url
)


def test_after_a_change_of_the_key_what_the_old_one_signed_still_opens() -> None:
    for kind, link in _links(CONFIG):
        assert read_link(kind, _token(link), CHANGED_SECRET, NOON).team == "web"
    session = Session.begin(CONFIG, NOON).invited(Link("web", "d1", id="l1"), NOON)
    token = sessions.csrf_token(session, CONFIG)
    assert sessions.is_csrf_token(token, session, CHANGED_SECRET)
    assert not sessions.is_csrf_token(token, session, OTHER_SECRET)
    kept = sessions.read(_with_cookie(sessions._signed(session, CONFIG)), CHANGED_SECRET, NOON)
    assert kept == session


def test_after_a_change_of_the_key_a_browser_is_known_by_its_questions_personal_link() -> None:
    begun = Deliberation(
        id="d1",
        team="web",
        platform="web",
        channel="web",
        facilitator="fay",
        question="Why?",
        created_at=NOON,
        key_id=key_id(CONFIG.secret),
    )
    link = Link("web", "d1", "person-1", "Ann", "l1")
    ann = Session.begin(CONFIG, NOON).as_person(link, NOON)
    assert ann.giver(begun, CONFIG) == ann.giver(begun, CHANGED_SECRET) != ""
    others = [
        Session.begin(CONFIG, NOON).as_person(link, NOON).giver(begun, CONFIG),
        ann.as_person(replace(link, user="person-2"), NOON).giver(begun, CONFIG),
        replace(ann, places=(replace(ann.places[0], deliberation="d2"),)).giver(
            begun.model_copy(update={"id": "d2"}), CONFIG
        ),
        ann.giver(begun, OTHER_SECRET),
    ]
    assert len({ann.giver(begun, CONFIG), *others}) == 5
    named = begun.model_copy(update={"terms": Terms(anonymous=False)})
    assert ann.giver(named, CONFIG) == ""
    assert Session.begin(CONFIG, NOON).giver(begun, CONFIG) == ""


def test_after_a_change_of_the_key_only_the_newest_signs() -> None:
    for kind, link in _links(CHANGED_SECRET):
        with pytest.raises(LinkError):
            read_link(kind, _token(link), CONFIG, NOON)


def test_after_a_change_of_the_key_the_same_name_is_still_the_same_person_in_a_question() -> None:
    def person(config: WebConfig, key_id: str) -> str:
        link = personal_link(config, "d1", "Ann", "l1", anonymous=False, key_id=key_id, now=NOON)
        return read_link(LinkKind.PERSONAL, _token(link), config, NOON).user

    begun = key_id(CONFIG.secret)
    assert person(CHANGED_SECRET, begun) == person(CONFIG, begun)
    assert person(CHANGED_SECRET, key_id(CHANGED_SECRET.secret)) != person(CONFIG, begun)


def test_a_link_for_one_purpose_is_worth_nothing_for_another() -> None:
    for made_for, link in _links(CONFIG):
        for kind in set(LinkKind) - {made_for}:
            with pytest.raises(LinkError):
                read_link(kind, _token(link), CONFIG, NOON)


def test_a_changed_token_opens_nothing() -> None:
    token = _token(invite_link(CONFIG, "d1", "l1", now=NOON))
    for place in range(len(token)):
        swapped = "A" if token[place] != "A" else "B"
        changed = token[:place] + swapped + token[place + 1 :]
        try:
            link = read_link(LinkKind.INVITE, changed, CONFIG, NOON)
        except LinkError:
            continue
        # The last character of a signature holds bits that do not count.
        assert place == len(token) - 1
        assert link.deliberation == "d1"


@pytest.mark.parametrize(
    ("kind", "lasts"),
    [
        (LinkKind.INVITE, timedelta(days=CONFIG.link_days)),
        (LinkKind.PERSONAL, timedelta(days=CONFIG.link_days)),
        (LinkKind.ADMIN, timedelta(minutes=CONFIG.admin_link_minutes)),
    ],
)
def test_links_expire_on_time(kind: LinkKind, lasts: timedelta) -> None:
    token = _token(dict(_links(CONFIG))[kind])
    assert read_link(kind, token, CONFIG, NOON + lasts - timedelta(seconds=1)).team == "web"
    with pytest.raises(LinkError) as refused:
        read_link(kind, token, CONFIG, NOON + lasts)
    assert refused.value.expired


def _links(config: WebConfig) -> list[tuple[LinkKind, str]]:
    return [
        (LinkKind.INVITE, invite_link(config, "d1", "l1", now=NOON)),
        (LinkKind.PERSONAL, personal_link(config, "d1", "Ann", "l1", now=NOON)),
        (LinkKind.ADMIN, admin_link(config, now=NOON)),
    ]


def test_a_name_is_one_clean_line() -> None:
    assert shown_name(" Ann\tB.\n\u202e\u200b ") == "Ann B."
    assert len(shown_name("x" * 500)) == NAME_LIMIT
    assert shown_name("\x00") == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "short"},
        {"base_url": "accord.example.org"},
        {"base_url": "ftp://x"},
        {"base_url": "https://x/path"},
    ],
)
def test_settings_that_could_not_work_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="web channel"):
        WebConfig(**{"secret": CONFIG.secret, "base_url": CONFIG.base_url, **wrong})


async def test_a_link_leaves_no_token_in_the_address(house: House) -> None:
    deliberation = await house.ask()
    for link in (
        await house.invite(deliberation),
        await house.personal_link(deliberation, "Ann"),
    ):
        stranger = house.somebody()
        await stranger.open(link, allow_redirects=False)
        assert stranger.status == 303
        assert _token(link) not in stranger.headers["Location"]
    admin = house.somebody()
    await admin.sign_in(admin_link(house.config, now=NOON))
    assert admin.path == "/admin"


async def test_opening_an_admin_link_uses_nothing_up_and_only_its_own_form_does(house: House) -> None:
    link = admin_link(house.config, now=NOON)
    scanner, copy, admin = (house.somebody() for _ in range(3))
    for _ in range(2):
        assert "works once" in await scanner.open(link)
        await scanner.open("/admin")
        assert scanner.status == 403
    # What another site sends, or a browser that never saw the page, opens nothing and uses nothing up.
    await scanner.send(copy_of := link.removeprefix(house.config.base_url), {"csrf": "made up"})
    assert scanner.status == 403
    await copy.send(copy_of)
    assert copy.status == 403
    await admin.sign_in(link)
    assert (admin.path, admin.status) == ("/admin", 200)
    await scanner.sign_in(link)
    assert scanner.status == 410


async def test_opening_a_personal_link_uses_nothing_up(house: House) -> None:
    link = await house.personal_link(await house.ask(), "Ann")
    for _ in range(2):
        person = house.somebody()
        await person.open(link)
        assert person.status == 200


@pytest.mark.parametrize("kind", [LinkKind.INVITE, LinkKind.PERSONAL, LinkKind.ADMIN])
async def test_an_expired_link_says_what_to_do(house: House, kind: LinkKind) -> None:
    deliberation = await house.ask()
    long_ago = NOON - timedelta(days=400)
    link = {
        LinkKind.INVITE: invite_link(house.config, deliberation.id, "l1", now=long_ago),
        LinkKind.PERSONAL: personal_link(house.config, deliberation.id, "Ann", "l1", now=long_ago),
        LinkKind.ADMIN: admin_link(house.config, now=long_ago),
    }[kind]
    stranger = house.somebody()
    await stranger.open(link)
    assert stranger.status == 410
    assert "Ask the person who sent it to you for a new one" in stranger.page
    assert "Set-Cookie" not in stranger.headers


@pytest.mark.parametrize("token", ["x", "a.b", "%00", "..%2f", "e30.x" * 200])
async def test_a_made_up_link_is_a_page_and_no_cookie(house: House, token: str) -> None:
    for kind in LinkKind:
        stranger = house.somebody()
        await stranger.open(f"/{kind}/{token}")
        assert stranger.status == 404
        assert "Set-Cookie" not in stranger.headers


async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    stranger = house.somebody()
    await stranger.open(admin_link(house.config, now=NOON), allow_redirects=False)
    cookie = stranger.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


async def test_a_forged_cookie_is_a_stranger(house: House) -> None:
    visitor = await house.visitor(await house.ask())
    (cookie,) = visitor.client.session.cookie_jar
    for forged in ("", "x", cookie.value[:-2], "A" + cookie.value[1:], cookie.value.replace(".", "..")):
        stranger = house.somebody()
        await stranger.open("/me", cookies={"accord": forged})
        assert stranger.status == 403


async def test_a_session_of_another_team_is_a_stranger(house: House) -> None:
    other = WebConfig(secret=house.config.secret, base_url=house.config.base_url, team="other")
    session = sessions.Session.begin(other, NOON).as_admin(other, NOON)
    content = {key: value for key, value in asdict(session).items() if key != "admin"}
    stranger = house.somebody()
    cookie = str(serializer(other, "session").dumps(content))
    await stranger.open("/admin", cookies={"accord": cookie})
    assert stranger.status == 403


async def test_sessions_end(house: House) -> None:
    visitor = await house.visitor(await house.ask())
    house.clock.advance(timedelta(days=house.config.session_days))
    await visitor.open("/me")
    assert visitor.status == 403


def test_a_session_remembers_a_bounded_number_of_questions() -> None:
    session = Session.begin(CONFIG, NOON)
    for number in range(QUESTIONS_REMEMBERED + 5):
        link = Link("web", f"{number:016}", id="l1")
        session = session.invited(link, NOON).invited(link, NOON)
    assert len(session.places) == QUESTIONS_REMEMBERED
    assert session.places[-1].deliberation == f"{QUESTIONS_REMEMBERED + 4:016}"


def test_a_cookie_never_outgrows_what_browsers_keep() -> None:
    session = Session.begin(CONFIG, NOON)
    for number in range(QUESTIONS_REMEMBERED):
        name = secrets.token_urlsafe(NAME_LIMIT)[:NAME_LIMIT]
        session = session.as_person(Link("web", f"{number:016}", random_person(), name, new_link_id()), NOON)
    response = web.Response()
    sessions.remember(response, session, CONFIG, NOON)
    cookie = response.cookies[sessions.cookie_name(CONFIG)]
    assert len(cookie.key) + len(cookie.value) < 4096
    kept = sessions.read(_with_cookie(cookie.value), CONFIG, NOON)
    assert kept is not None
    assert kept.places == session.places[-len(kept.places) :]
    assert len(kept.places) > 5


def _with_cookie(value: str) -> web.Request:
    return make_mocked_request("GET", "/", headers={"Cookie": f"{sessions.cookie_name(CONFIG)}={value}"})


@pytest.mark.parametrize(
    "changed",
    [
        {"named": True},
        {"questions": ["d1"]},
        {"places": [["d1", "", ""]]},
        {"places": [{"deliberation": "d1", "user": 1}]},
        {"expires_at": "soon"},
        {"team": None},
    ],
    ids=str,
)
async def test_a_cookie_of_another_version_is_a_stranger(house: House, changed: dict[str, object]) -> None:
    stranger = house.somebody()
    for content in (_cookie(house, changed), _cookie(house, {}, without="key"), [], None, "x"):
        cookie = str(serializer(house.config, "session").dumps(content))
        await stranger.open("/me", cookies={"accord": cookie})
        assert stranger.status == 403
    cookie = str(serializer(house.config, "session").dumps(_cookie(house, {})))
    await stranger.open("/me", cookies={"accord": cookie})
    assert stranger.status == 200


def _cookie(house: House, changed: dict[str, object], *, without: str = "admin") -> dict[str, object]:
    content = {**asdict(Session.begin(house.config, NOON)), **changed}
    return {key: value for key, value in content.items() if key in changed or key not in (without, "admin")}


@pytest.mark.parametrize("said", [None, [], [True, "x", "y"], 1])
async def test_a_sentence_of_another_version_is_not_shown(house: House, said: object) -> None:
    stranger = house.somebody()
    cookie = str(serializer(house.config, "flash").dumps(said))
    await stranger.open("/how", cookies={"accord-said": cookie})
    assert stranger.status == 200


def test_somebody_who_named_themselves_is_asked_before_a_link_calls_them_otherwise() -> None:
    bob = Session.begin(CONFIG, NOON).invited(Link("web", "q1", id="l1"), NOON).called("Bob")

    assert bob.is_not(Link("web", "q2", random_person(), "Alice"))
    assert not bob.is_not(Link("web", "q2", random_person(), "bob"))
