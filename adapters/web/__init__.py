"""The web channel: a deliberation in the browser.

Reads:  requests with signed cookies; state and live events through the ports.
Gives:  pages rendered from the store; what people do, to `bot.chat` or as commands to `bot.service.dispatch`.
        It decides nothing itself.
The page is the message: nothing is ever "posted" here (see `platform`). `links` and `config` import no
server, so that the command line can print a link quickly.
"""
