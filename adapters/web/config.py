"""How one web channel is set up. Plain data; imports nothing heavy."""

from dataclasses import dataclass
from urllib.parse import urlsplit

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
    trusted_proxies: how many reverse proxies stand in front and append to X-Forwarded-For; 0 ignores that
        header.
    metrics_token: with one, /metrics is for whoever sends it as a bearer token; without, for this machine
        only.
    requests_per_minute: per client address (an office may share one); writes_per_minute: per person.
    api_requests_per_minute: per token of the HTTP API.
    newcomers_per_minute: how many people may come in by one question's link for everyone in a minute, per
        client address; whoever runs a question may choose another number for it.
    streams, streams_per_client: how many live connections are held open at most.
    """

    secret: str
    base_url: str
    team: str = "web"
    channel: str = "web"
    link_days: int = 30
    admin_link_minutes: int = 60
    session_days: int = 90
    admin_session_hours: int = 12
    trusted_proxies: int = 0
    metrics_token: str = ""
    old_secrets: tuple[str, ...] = ()
    requests_per_minute: int = 600
    writes_per_minute: int = 30
    api_requests_per_minute: int = 600
    newcomers_per_minute: int = 30
    streams: int = 2_000
    streams_per_client: int = 200

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
