"""What Prometheus sees, units in the names. No label ever names a user, a channel or a question."""

from prometheus_client import Counter, Gauge, Histogram

PHASES = Counter("deliberation_phase_total", "Deliberations that entered a phase", ["phase"])
COMMANDS = Counter("commands_total", "Commands handled, by outcome", ["command", "outcome"])
MEDIATIONS = Counter("mediation_total", "Mediations, by outcome", ["outcome"])
STAGES = Histogram(
    "mediation_stage_seconds",
    "Time spent in each stage of a mediation",
    ["stage"],
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600),
)
STEPS = Counter("worker_steps_total", "Steps taken by workers, by outcome", ["step", "outcome"])
DUE_STEPS = Gauge("worker_due_steps", "Questions whose next step is due, running ones too (1000 at most)")
OLDEST_DUE = Gauge("worker_oldest_due_seconds", "For how long the step that waits longest has been due")
# 0 where no worker runs in this process: a gateway serves the same metrics, so none of them is ever absent.
LOOKED_AT = Gauge(
    "worker_looked_at_seconds", "When this worker last looked for what is due, in seconds since 1970"
)
SWEEPS_FAILED = Counter("worker_sweeps_failed_total", "Times that a worker could not look for what is due")
REQUESTS = Counter("platform_requests_total", "Calls of chat platforms, by outcome", ["platform", "outcome"])
CONNECTED = Gauge("platform_connected", "Whether this gateway hears a platform: 1, or 0", ["platform"])
CONNECTED_SINCE = Gauge(
    "platform_connected_since_seconds",
    "When this gateway last began or ceased to hear a platform, in seconds since 1970",
    ["platform"],
)
RECONCILED = Counter(
    "reconciliations_total",
    "Votes compared with what stands on the platform, by outcome",
    ["platform", "outcome"],
)
RECONCILED_RATINGS = Counter(
    "reconciled_ratings_total", "Ratings that were mended by that", ["platform", "change"]
)
DRAFTS = Counter("draft_requests_total", "Texts asked of language models, by outcome", ["server", "outcome"])
REFUSED = Counter("web_refused_total", "Requests that a limit of the web channel turned away", ["limit"])
EMBEDDED_RESTARTS = Counter(
    "embedded_server_restarts_total", "Times the embedded server had died and was started again", ["outcome"]
)
WEBHOOKS = Counter("webhook_deliveries_total", "Tries to deliver to a webhook, by outcome", ["outcome"])
WEBHOOKS_OLDEST = Gauge(
    "webhook_oldest_due_seconds", "For how long the delivery that waits longest has been due"
)
WEBHOOKS_DEAD = Gauge("webhook_dead_letters", "Deliveries that are no longer tried, counted every minute")
for outcome in ("done", "failed"):
    # There from the start: Prometheus sees no rise in a count that begins with its first one.
    EMBEDDED_RESTARTS.labels(outcome)
for limit in ("address", "requests", "writes", "newcomers", "streams"):
    REFUSED.labels(limit)
