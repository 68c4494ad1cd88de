"""One outside system each: chat platforms, the web, the terminal, Redis, the job queue, webhooks.

Adapters translate and decide nothing. They implement the ports of `bot.service.ports`, do not know each
other, and let no foreign error out: it becomes a `PlatformError` or a `StoreError` here.
"""
