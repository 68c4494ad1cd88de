"""The room for Slack: payloads in, commands out; cards in, Block Kit out (slack-bolt)."""
