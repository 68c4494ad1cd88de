"""State in Redis or Valkey, version 7 or newer.

connection  a client for a URL, checked           store     `DeliberationStore`
embedded    the bundled server, started if needed feedback  `FeedbackLog`
keys        every key's name                      live      `LiveFeed`
errors      what redis-py raises, as `StoreError`
due         which deliberations may be due, for the store
scripts     what happens in one atomic step on the server
"""
