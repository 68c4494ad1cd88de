"""Questions: the bank that comes with Accord, search in it, new ones from old ones, clusters and splits.

Reads:  `bank.jsonl.gz` beside this module (ATTRIBUTION.md says whose it is), or questions that it is given.
Gives:  questions with their two position statements, to the application and to learning.
"""
