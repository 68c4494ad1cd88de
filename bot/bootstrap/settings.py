"""Settings from the environment and `.env`, read once by `bot.bootstrap`, which passes on values only.

Every name is documented in `.env.example`; a test keeps the two alike. Secrets have no default and are
never printed. With nothing set at all, everything runs embedded.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from adapters.web.proxies import MOST_HOPS, NOBODY, Proxies
from engine.names import RENAMED, RENAMED_TO, Template
from engine.types import arm_named

Port = Annotated[int, Field(ge=0, le=65535)]


SHORTEST_KEY = 16
SHORTEST_PASSPHRASE = 12
NOTICE_LIMIT = 150
EXPECTED = {
    "ACCORD_SECRET_KEY": f"it needs {SHORTEST_KEY} characters or more",
    "ACCORD_BACKUP_PASSPHRASE": f"it needs {SHORTEST_PASSPHRASE} characters or more",
    "ACCORD_BASE_URL": "write it as https://example.org, without a path",
    "ACCORD_TRUSTED_PROXIES": (
        f"write none, addresses and networks such as 10.0.0.0/8, or how many proxies (up to {MOST_HOPS})"
    ),
    "ACCORD_MODEL_NOTICE": f"it is one line of up to {NOTICE_LIMIT} characters",
    "ACCORD_STUDY_MODELS": "write it as small=http://tgi:8080,large=https://example.org/v1",
    "OPENAI_EXTRA": 'write it as a JSON object, such as {"reasoning_effort": "low"}',
    "SLACK_API_URL": "write it as https://slack.com/api/",
    "DISCORD_API_URL": "write it as https://discord.com/api/v10",
}


class SettingsError(ValueError):
    """A setting cannot be used; the message says which and why, in one line, without its value."""


class _Group(BaseSettings):
    model_config = SettingsConfigDict(
        frozen=True, env_file=".env", extra="ignore", env_ignore_empty=True, populate_by_name=True
    )


class StateSettings(_Group):
    """Where state is kept, and the key that participant keys and links are signed with.

    old_secret_keys: former ones, newest first, for as long as something made with them is kept.
    backup_passphrase: what `accord backup` and `accord restore` would otherwise ask for.
    """

    redis_url: SecretStr | None = Field(None, validation_alias="REDIS_URL")
    data_dir: Path = Field(Path(".accord"), validation_alias="ACCORD_DATA_DIR")
    secret_key: SecretStr | None = Field(None, validation_alias="ACCORD_SECRET_KEY", min_length=SHORTEST_KEY)
    old_secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (), validation_alias="ACCORD_OLD_SECRET_KEYS"
    )

    backup_passphrase: SecretStr | None = Field(
        None, validation_alias="ACCORD_BACKUP_PASSPHRASE", min_length=SHORTEST_PASSPHRASE
    )

    @field_validator("old_secret_keys", mode="before")
    @classmethod
    def _split(cls, said: object) -> object:
        if not isinstance(said, str):
            return said
        keys = [key for part in said.split(",") if (key := part.strip())]
        if any(len(key) < SHORTEST_KEY for key in keys):
            raise PydanticCustomError(
                "short", "each of them has {least} characters or more", {"least": SHORTEST_KEY}
            )
        return keys


class WebSettings(_Group):
    """The web channel.

    trusted_proxies: as `adapters.web.proxies` reads it.
    newcomers_per_minute: how many people one network may bring in by one question's link for everyone.
    requests_per_minute: of one person, and of all at one address who came in by no link.
    requests_per_address, streams_per_address: of everybody at one; writes_per_minute, streams_per_person: of
        one person. streams: pages that may watch one gateway at once.
    body_limit_kib: of one form; request_within_s: how long a request may take to arrive.
    api_requests_per_minute: of one token of the HTTP API.
    """

    host: str = Field("127.0.0.1", validation_alias="ACCORD_WEB_HOST")
    port: Port = Field(8080, validation_alias="ACCORD_WEB_PORT")
    base_url: str | None = Field(None, validation_alias="ACCORD_BASE_URL", pattern=r"^https?://[^/]+/?$")
    trusted_proxies: str = Field(NOBODY, validation_alias="ACCORD_TRUSTED_PROXIES")
    metrics_token: SecretStr | None = Field(None, validation_alias="ACCORD_METRICS_TOKEN")
    newcomers_per_minute: int = Field(600, ge=1, le=10_000, validation_alias="ACCORD_NEWCOMERS_PER_MINUTE")
    requests_per_minute: int = Field(1_200, ge=1, le=1_000_000, validation_alias="ACCORD_REQUESTS_PER_MINUTE")
    requests_per_address: int = Field(
        12_000, ge=1, le=10_000_000, validation_alias="ACCORD_REQUESTS_PER_ADDRESS"
    )
    writes_per_minute: int = Field(30, ge=1, le=10_000, validation_alias="ACCORD_WRITES_PER_MINUTE")
    api_requests_per_minute: int = Field(
        600, ge=1, le=1_000_000, validation_alias="ACCORD_API_REQUESTS_PER_MINUTE"
    )
    streams: int = Field(2_000, ge=1, le=100_000, validation_alias="ACCORD_STREAMS")
    streams_per_address: int = Field(1_000, ge=1, le=100_000, validation_alias="ACCORD_STREAMS_PER_ADDRESS")
    streams_per_person: int = Field(20, ge=1, le=10_000, validation_alias="ACCORD_STREAMS_PER_PERSON")
    # The least holds an opinion of 3,000 characters, each percent-encoded in 12.
    body_limit_kib: int = Field(128, ge=64, le=10_240, validation_alias="ACCORD_BODY_LIMIT_KIB")
    request_within_s: float = Field(20.0, ge=1, le=3600, validation_alias="ACCORD_REQUEST_SECONDS")

    @field_validator("trusted_proxies")
    @classmethod
    def _can_be_read(cls, said: str) -> str:
        Proxies.parse(said)
        return said


class SlackSettings(_Group):
    """Slack.

    app_token switches Socket Mode on, signing_secret HTTP mode; client_id and client_secret let workspaces
    install the app, instead of bot_token for one.
    """

    bot_token: SecretStr | None = Field(None, validation_alias="SLACK_BOT_TOKEN")
    app_token: SecretStr | None = Field(None, validation_alias="SLACK_APP_TOKEN")
    signing_secret: SecretStr | None = Field(None, validation_alias="SLACK_SIGNING_SECRET")
    client_id: str = Field("", validation_alias="SLACK_CLIENT_ID")
    client_secret: SecretStr | None = Field(None, validation_alias="SLACK_CLIENT_SECRET")
    api_url: str = Field(
        "https://slack.com/api/", validation_alias="SLACK_API_URL", pattern=r"^https?://[^/]+/.*$"
    )


class DiscordSettings(_Group):
    """Discord: one token serves every server that adds the app."""

    token: SecretStr | None = Field(None, validation_alias="DISCORD_TOKEN")
    api_url: str = Field(
        "https://discord.com/api/v10", validation_alias="DISCORD_API_URL", pattern=r"^https?://[^/]+/.*$"
    )


class EngineSettings(_Group):
    """Which models draft and score.

    generator: None takes TGI where TGI_URL is set, else the OpenAI API where its URL is set, else digest;
        `bootstrap` puts the model that `accord model use` chose in the place of digest.
    tgi_url, openai_base_url: one address, or several of equal servers with commas between.
    openai_choices: texts to ask a server for in one request.
    openai_extra: further fields of each request to a server of the OpenAI API.
    temperature, top_p: how the model draws its words; None leaves it to us.
    tgi_adapter: the adapter that TGI is asked to draft with, by the name it was started with.
    last_resort: draft without a language model when the one that is configured cannot.
    judge_url: as tgi_url, or as openai_base_url with /v1; the drafter's where it is left out.
    judge_members: the largest group that "auto" gives to the judge.
    rehearsals_a_day: how often each team may try a question out with simulated members; 0: never.
    judge_stand_in: the reward model that scores a round in the judge's place; what is promoted comes first.
    model_notice: which model drafts and where it runs, in words for members; None: its name and its host.
    study_models: the address of each model that studies can compare (`model:NAME`), by its name.
    """

    generator: Literal["digest", "tgi", "openai", "local"] | None = Field(
        None, validation_alias="ACCORD_GENERATOR"
    )
    tgi_url: str = Field("", validation_alias="TGI_URL")
    tgi_api_key: SecretStr | None = Field(None, validation_alias="TGI_API_KEY")
    tgi_adapter: str | None = Field(None, validation_alias="ACCORD_TGI_ADAPTER")
    openai_base_url: str = Field("", validation_alias="OPENAI_BASE_URL")
    openai_api_key: SecretStr | None = Field(None, validation_alias="OPENAI_API_KEY")
    openai_model: str | None = Field(None, validation_alias="OPENAI_MODEL")
    openai_choices: int = Field(1, ge=1, le=16, validation_alias="OPENAI_CHOICES")
    openai_extra: Annotated[dict[str, Any], NoDecode] = Field(
        default_factory=dict, validation_alias="OPENAI_EXTRA"
    )
    temperature: float | None = Field(None, gt=0, le=2, validation_alias="ACCORD_TEMPERATURE")
    top_p: float | None = Field(None, gt=0, le=1, validation_alias="ACCORD_TOP_P")
    local_model: str | None = Field(None, validation_alias="ACCORD_LOCAL_MODEL")
    prompt: Template | None = Field(None, validation_alias="ACCORD_PROMPT")
    reasoning_tokens: int = Field(0, ge=0, le=100_000, validation_alias="ACCORD_REASONING_TOKENS")
    window_tokens: int | None = Field(None, ge=256, validation_alias="ACCORD_WINDOW_TOKENS")
    last_resort: bool = Field(False, validation_alias="ACCORD_LAST_RESORT")
    reward_model: str | None = Field(None, validation_alias="ACCORD_REWARD_MODEL")
    judge_url: str = Field("", validation_alias="ACCORD_JUDGE_URL")
    judge_model: str | None = Field(None, validation_alias="ACCORD_JUDGE_MODEL")
    judge_key: SecretStr | None = Field(None, validation_alias="ACCORD_JUDGE_KEY")
    judge_members: int = Field(12, ge=1, le=10_000, validation_alias="ACCORD_JUDGE_MEMBERS")
    judge_asks: Literal["auto", "pairs", "list"] = Field("auto", validation_alias="ACCORD_JUDGE_ASKS")
    rehearsals_a_day: int = Field(5, ge=0, le=100, validation_alias="ACCORD_REHEARSALS_A_DAY")
    judge_calibration: Path | None = Field(None, validation_alias="ACCORD_JUDGE_CALIBRATION")
    judge_stand_in: str | None = Field(None, validation_alias="ACCORD_JUDGE_STAND_IN")
    study_models: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict, validation_alias="ACCORD_STUDY_MODELS"
    )
    model_notice: str | None = Field(
        None, validation_alias="ACCORD_MODEL_NOTICE", max_length=NOTICE_LIMIT, pattern=r"^[^\r\n]+$"
    )

    @property
    def runs_gguf(self) -> bool:
        """Whether llama.cpp drafts, on this machine: no drafter of ours can be promoted into its place."""
        return self.chosen_generator == "local" and (self.local_model or "").endswith(".gguf")

    @field_validator("openai_extra", mode="before")
    @classmethod
    def _from_json(cls, said: object) -> object:
        """The object in the text; what is none fails as such a text would."""
        try:
            return json.loads(said) if isinstance(said, str) else said
        except ValueError:
            return None

    @field_validator("study_models", mode="before")
    @classmethod
    def _by_name(cls, said: object) -> object:
        """NAME=ADDRESS, with commas between."""
        if not isinstance(said, str):
            return said
        pairs = [pair.strip().partition("=") for pair in said.split(",") if pair.strip()]
        named = {name.strip(): address.strip() for name, _, address in pairs}
        sound = all(address.startswith(("http://", "https://")) for address in named.values())
        for name in named:
            arm_named(f"model:{name}")
        if len(named) < len(pairs) or not sound:
            raise ValueError
        return named

    @field_validator("generator", mode="before")
    @classmethod
    def _by_its_present_name(cls, name: object) -> object:
        if name == RENAMED:
            raise PydanticCustomError("renamed", RENAMED_TO)
        return name

    @property
    def chosen_generator(self) -> str:
        """Who drafts."""
        if self.generator is not None:
            return self.generator
        if self.tgi_url:
            return "tgi"
        return "openai" if self.openai_base_url else "digest"


class WorkerSettings(_Group):
    """How a worker runs.

    takeover_s: a dead worker's jobs are taken over after this many seconds.
    metrics_port: where the worker serves its metrics, on the web channel's host; None: nowhere.
    """

    concurrency: int = Field(16, ge=1, le=256, validation_alias="ACCORD_WORKER_CONCURRENCY")
    takeover_s: float = Field(30.0, ge=1, le=3600, validation_alias="ACCORD_TAKEOVER_SECONDS")
    metrics_port: int | None = Field(None, ge=1, le=65535, validation_alias="ACCORD_METRICS_PORT")


class WebhookSettings(_Group):
    """Webhooks.

    private: whether they may be in private networks and on this machine, and without https.
    """

    private: bool = Field(False, validation_alias="ACCORD_WEBHOOKS_PRIVATE")


class Settings(_Group):
    """Everything, by room."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", validation_alias="ACCORD_LOG_LEVEL"
    )
    state: StateSettings = Field(default_factory=StateSettings)
    web: WebSettings = Field(default_factory=WebSettings)
    slack: SlackSettings = Field(default_factory=SlackSettings)
    discord: DiscordSettings = Field(default_factory=DiscordSettings)
    engine: EngineSettings = Field(default_factory=EngineSettings)
    worker: WorkerSettings = Field(default_factory=WorkerSettings)
    webhooks: WebhookSettings = Field(default_factory=WebhookSettings)


def read_settings() -> Settings:
    """The settings, or SettingsError with one line."""
    try:
        return Settings()
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_context=False, include_url=False)[0]
        name = ".".join(map(str, first["loc"]))
        said = EXPECTED.get(name, first["msg"]).rstrip(".")
        raise SettingsError(f"{name} (environment or .env) cannot be used: {said}.") from None
    except UnicodeDecodeError:
        raise SettingsError(".env is not UTF-8 text; save it as UTF-8.") from None
