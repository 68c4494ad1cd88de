"""Language models in GGUF files that run on this machine: a vetted list, fetching, and what is chosen."""
