"""In which language a page is: chosen in its footer, or asked for by the browser.

Reads:  `?lang=…`, the cookie that it leaves, and Accept-Language.
Gives:  the reader's language; what the footer offers, and the way back to the page when it was chosen.
"""

from aiohttp import web
from yarl import URL

from adapters.web.config import WebConfig
from adapters.web.sessions import attributes
from bot.wording.language import LANGUAGES, language, spoken

CHOSEN = "lang"
COOKIE = "accord-language"
KEPT_S = 365 * 24 * 3_600


def language_of(request: web.Request) -> str:
    """The chosen one; else the first of the browser's that Accord speaks."""
    return spoken(request.cookies.get(COOKIE, ""), *_asked_for(request.headers.get("Accept-Language", "")))


def _asked_for(header: str) -> list[str]:
    """A browser's languages, the dearest first; what cannot be read comes last."""
    weighed = []
    for each in header.split(","):
        name, _, weight = each.partition(";")
        try:
            weighed.append((-float(weight.replace(" ", "").removeprefix("q=") or 1), name.strip()))
        except ValueError:
            weighed.append((0.0, name.strip()))
    return [name for _, name in sorted(weighed, key=lambda each: each[0])]


def chosen(request: web.Request) -> str:
    """The language that was chosen by this very request; empty for none."""
    found = request.query.get(CHOSEN, "")
    return found if request.method == "GET" and found in LANGUAGES else ""


def remembering(request: web.Request, language: str, config: WebConfig) -> web.Response:
    """The same page again, under its own address, which may be handed on without the language."""
    # One that began with two slashes would be another site's.
    rest = request.rel_url.without_query_params(CHOSEN)
    response = web.Response(status=303, headers={"Location": f"/{str(rest).lstrip('/')}"})
    response.set_cookie(COOKIE, language, max_age=KEPT_S, **attributes(config))
    return response


def offered(request: web.Request) -> dict[str, object]:
    """For a page: its language, and each one with the link that chooses it.

    A page that answers a form has no address to come back to. A link does not repeat the page's own address,
    which may be one that lets people in.
    """
    page, query = ("", request.rel_url.query) if request.method == "GET" else ("/", {})

    def link(name: str) -> str:
        return f"{page}?{URL.build(query={**query, CHOSEN: name}).raw_query_string}"

    return {
        "language": language(),
        "languages": [(name, told, link(name)) for name, told in LANGUAGES.items()],
    }
