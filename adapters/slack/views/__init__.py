"""What Slack shows, as plain dictionaries: messages, modals and the app's home.

Pure: domain data in, Block Kit out; no I/O, no clock. Whatever people or models wrote is escaped and cut to
Block Kit's limits in `blocks`, which everything here is made with.
"""
