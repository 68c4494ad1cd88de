"""The room for Slack (slack-bolt). Nothing lives here yet: Slack is not connected in this version."""
