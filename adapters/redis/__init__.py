"""State in Redis or Valkey, version 7 or newer.

connection    a client for a URL, checked        state     the ports of `bot.service.ports.state`
embedded      the bundled server, if needed      feedback  the port `FeedbackLog`
keys          every key's name                   library   the port `LibraryStore`
errors        redis-py's errors as `StoreError`  live      the port `LiveFeed`
documents     reading back what was written      notes     what platform adapters remember
server_files  rewriting the server's files after something was erased
supervision   the bundled server is started again when it dies
schema        the version of what is kept, and how older state is changed into it
erasures      what was erased, so that no backup brings it back
backup        all of it in one encrypted file, and the way back

What happens in one atomic step on the server is a script in Lua, in the module that runs it. The keys of a
script all have one hash tag. A script that is sent twice, because the first answer was lost on the way, does
nothing the second time and answers as the first time.
"""
