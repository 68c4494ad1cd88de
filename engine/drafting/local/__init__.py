"""Local: drafts from a language model on this machine, without a server that somebody else runs.

llama.py                 a GGUF file: llama.cpp's own server on loopback, behind the OpenAI drafter
llama_host.py            the one model that llama.cpp runs for this process
llama_process.py         llama.cpp, in a process of its own
transformers_drafter.py  a model from a folder or the hub, in this process

Above: whoever makes a generator; the judge in `engine.reward`, which shares llama.cpp's model. Below:
everything else in `engine.drafting`. Which files there are is for `engine.language_models` to say.
"""
