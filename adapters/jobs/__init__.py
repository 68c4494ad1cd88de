"""Jobs over streaq (Redis Streams): any number of gateways ask, any number of workers take turns.

queue       `StreaqJobQueue`, the `JobQueue` of gateways and workers
worker      `run_worker`: takes steps until it is told to stop
steps       the steps that run in this process
streams     how a job looks in Redis, and streaq set up for it
connection  what streaq is given for a REDIS_URL
errors      what streaq and its client raise

A job is a hint that holds a step's name and a deliberation's id, nothing else. Whatever happens to it,
the sweep asks again for what is due; so nothing here has to be safer than that.
"""
