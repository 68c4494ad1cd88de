"""What is drawn of a result, the same on pages and in chats.

charts.py    where bars, columns and a map's marks go
drawing.py   them as a PNG
results.py   the picture of a result card, and what it shows in words

Refrains from saying who anybody is, and from any member's words: a picture has numbers,
and nothing else.
"""
