"""What people read and type, the same on every platform.

texts.py                sentences that many places say
cards.py, card_lines.py what a question's card says; its titles and lines
round_lines.py          what is said of further rounds, and what changed from one statement to the next
rehearsal_lines.py      what is said of questions that are tried out with simulated members
jury_lines.py           juries and questions about members: as admins write them, and what is said of them
group_lines.py          how opinion groups take the statement
answers.py, commands.py what commands answer; what is told about each
point_lines.py          what is said of points to vote on
decision_lines.py       what was decided after a vote, and asking how it went
export_lines.py         what an export holds back; health_lines.py: what is alive and what waits
settings_lines.py       what is said about settings; library_lines.py: about templates, bank and schedules
settings_changes.py     what was changed in them, by field
models.py               which AI model it is and where it runs
troubles.py             why a platform refused, and what helps; permissions.py: what each is for
page_lines.py           what only web pages say; api_lines.py: about other software
webhook_lines.py        what admins read of webhooks
buttons.py              what stands on buttons and above windows
fields.py               every field of every form, in one list; field_types.py: what a field is
forms.py                from what was typed to what a command needs
field_readers.py        from what was typed to what a field can hold
choices.py              what their pickers offer
confirmations.py        what is asked before something that cannot be undone
deadlines.py            "tomorrow 5pm"; day_spellings.py: which day that is; time_spellings.py: which time
time_zones.py, emoji.py "Europe/Berlin"; what emoji are called
language.py             all of it in the reader's language, from the catalogues in locale/

Refrains from I/O but for reading those, and from any platform's own form of a message.
"""
