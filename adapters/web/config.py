"""How one web channel is set up. Plain data; imports nothing heavy."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from adapters.web.proxies import ALL_STRANGERS, Proxies

SHORTEST_SECRET = 16


@dataclass(frozen=True)
class WebConfig:
    """Settings of the web channel.

    secret: signs links and cookies. old_secrets: former ones, newest first; what they signed still opens.
    base_url: where people reach the pages, as "https://accord.example.org"; https makes cookies Secure and
        sends HSTS.
    team: the one team whose deliberations these pages show.
    link_days, admin_link_minutes: how long links open; session_days, admin_session_hours: how long cookies
        last.
    trusted_proxies: which reverse proxies are believed about whom a request came from.
    metrics_token: with one, /metrics is for whoever sends it as a bearer token; without, for this machine
        only.
    requests_per_minute: of one person who came in by a link, and of all others at one client address.
    requests_per_client: of everybody at one address, where a hall may sit; writes_per_minute: per person.
    api_requests_per_minute: per token of the HTTP API.
    newcomers_per_minute: how many people may come in by one question's link for everyone in a minute, per
        client address; whoever runs a question may choose another number for it.
    private_webhooks: whether webhooks may be in private networks.
    streams, streams_per_client, streams_per_person: how many live connections are held open at most.
    body_limit: bytes of a form; request_within_s: seconds in which a request has to arrive whole.
    """

    secret: str
    base_url: str
    team: str = "web"
    channel: str = "web"
    link_days: int = 30
    admin_link_minutes: int = 60
    session_days: int = 90
    admin_session_hours: int = 12
    trusted_proxies: Proxies = ALL_STRANGERS
    metrics_token: str = ""
    old_secrets: tuple[str, ...] = ()
    requests_per_minute: int = 1_200
    requests_per_client: int = 12_000
    writes_per_minute: int = 30
    newcomers_per_minute: int = 600
    api_requests_per_minute: int = 600
    streams: int = 2_000
    private_webhooks: bool = False
    streams_per_client: int = 1_000
    streams_per_person: int = 20
    body_limit: int = 128 * 1024
    request_within_s: float = 20.0

    def __post_init__(self) -> None:
        """Refuse what could not work or would not be safe."""
        if len(self.secret) < SHORTEST_SECRET:
            raise ValueError(f"the web channel's secret needs at least {SHORTEST_SECRET} characters")
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
            raise ValueError("the web channel's base_url must look like https://accord.example.org")

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every key that may have signed something, newest first."""
        return self.secret, *self.old_secrets

    @property
    def secure(self) -> bool:
        """Whether people come over https."""
        return self.base_url.startswith("https://")

    @property
    def origin(self) -> str:
        """Scheme and host, as browsers send it."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}".lower()

    def url(self, path: str) -> str:
        """A full address for a path."""
        return self.base_url.rstrip("/") + path
