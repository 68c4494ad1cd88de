"""State in Redis or Valkey, version 7 or newer.

connection     a client for a URL, checked        store     the port `DeliberationStore`
embedded       the bundled server, if needed      feedback  the port `FeedbackLog`
keys           every key's name                   live      the port `LiveFeed`
errors         redis-py's errors as `StoreError`
scripts        what happens in one atomic step on the server
contributions  opinions and ratings, for the store
due            which deliberations may be due, for the store
documents      reading back what was written
"""
