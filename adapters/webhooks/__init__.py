"""Other people's servers, which a team's webhooks tell what happens to its questions.

sender  the port `WebhookSender` over aiohttp: one signed body to one address, and never to a private one
"""
