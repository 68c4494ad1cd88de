"""Servers: drafts from language models behind TGI's API or OpenAI's, and how each server wants to be asked.

tgi.py           TGI's own routes
openai.py        any server of OpenAI's chat API
remote.py        what both have in common: whom they ask, for how much, and drafts as they come
chat_servers.py  one request to any chat server, also the judge's
manners.py       how each server wants to be asked, learnt from what it refuses
ollama.py        its own chat route, by which the window can be chosen
listing.py       the models that a server has

Above: `local`, which puts llama.cpp's own server on loopback behind the OpenAI drafter; the judge in
`engine.reward`; whoever makes a generator. Below: everything else in `engine.drafting`.
"""
