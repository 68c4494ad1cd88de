"""What people read and type, the same on every platform.

texts.py, cards.py      sentences, and what a question's card says
fields.py               every field of every form, in one list; field_types.py: what a field is
forms.py, readers.py    from what was typed to what a command needs
choices.py              what their pickers offer
confirmations.py        what is asked before something that cannot be undone
deadlines.py            "tomorrow 5pm"; days.py: which day that is; time_spellings.py: ways to write times
time_zones.py, emoji.py "Europe/Berlin"; what emoji are called

Refrains from I/O and from any platform's own form of a message.
"""
