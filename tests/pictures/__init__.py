"""Pictures of every card, window and page, to be looked at: `python -m tests.pictures FOLDER`.

A question is played on the loopback Slack, the loopback Discord and the web, and what people see at each
stage is drawn nearly as the platform draws it and photographed in a headless Chromium.
"""
