"""What members are told of the AI models, as settings describe these: names and hosts.

Reads:  `EngineSettings`, as they are in use.
Gives:  a `ModelNotice`, to the worker.
Refrains from asking servers, and from showing of an address more than its host, or of a file its folder.
"""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from bot.bootstrap.judge import judge_options
from bot.bootstrap.settings import EngineSettings
from bot.domain.model_notice import ELSEWHERE, HERE, NEARBY, ModelNotice
from engine.drafting.servers.remote import known_as
from engine.reward import is_judge


class _Model(NamedTuple):
    """A model as settings name it: its name where that is known, and its servers' hosts; none: here."""

    name: str | None
    hosts: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """Where it runs, in words for members."""
        return tuple(dict.fromkeys(map(_placed, self.hosts))) or (HERE,)

    @property
    def described(self) -> str:
        """In words for members."""
        where = f"on {' and '.join(self.places)}"
        return f"{known_as(self.name)} {where}" if self.name else where


def model_notice(settings: EngineSettings) -> ModelNotice:
    """Who drafts and who judges. Raises SettingsError where a setting of the judge cannot be used."""
    drafter, judge = _drafter(settings), _judge(settings)
    other = judge if judge != drafter else None
    return ModelNotice(
        drafter=(settings.model_notice or drafter.described) if drafter else "",
        judge=other.described if other else "",
        last_resort=drafter is not None and settings.last_resort,
        drafter_at=drafter.places if drafter else (),
        judge_at=other.places if other else (),
    )


def arm_notice(name: str, settings: EngineSettings) -> ModelNotice:
    """What members are told of the model that the arm `model:NAME` of a study is drafted by."""
    drafter = _drafter(settings)
    model = _Model(name, drafter.hosts if drafter else ())
    return ModelNotice(drafter=model.described, drafter_at=model.places)


def _drafter(settings: EngineSettings) -> _Model | None:
    match settings.chosen_generator:
        case "tgi":
            return _Model(settings.tgi_adapter, _hosts(settings.tgi_url.split(",")))
        case "openai":
            return _Model(settings.openai_model, _hosts(settings.openai_base_url.split(",")))
        case "local":
            return _Model((settings.local_model or "").removesuffix(".gguf"))
    return None


def _judge(settings: EngineSettings) -> _Model | None:
    """None where none judges, or the model does that drafts on this machine."""
    options = judge_options(settings) if is_judge(settings.reward_model) else None
    if options is None or options.local is not None:
        return None
    return _Model(options.model, _hosts(options.urls))


def _hosts(addresses: Sequence[str]) -> tuple[str, ...]:
    """The hosts alone: user and key, port and path are nobody's business."""
    return tuple(dict.fromkeys(_host(address.strip()) for address in addresses if address.strip()))


def _host(address: str) -> str:
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ELSEWHERE
    except ValueError:
        return ELSEWHERE


def _placed(host: str) -> str:
    """A public name as it is; a name or a number that only this network knows tells members nothing."""
    try:
        address = ip_address(host)
    except ValueError:
        public = "." in host or host == ELSEWHERE
        return HERE if host == "localhost" else host if public else NEARBY
    if address.is_loopback:
        return HERE
    return NEARBY if address.is_private else host
