"""What is told about commands: in a platform's help, and where it lists them with their options.

Gives:  the help's lines by platform; descriptions of commands and options, up to 100 characters each, for
        platforms that show them while somebody types. What is told about options that are fields of a form,
        `bot.wording.fields` says.
"""

# In the help of both.
LIST_HELP = "this channel's questions"
RESULTS_HELP = "how a statement was rated"
CLOSE_HELP = "close the opinions or the vote of your question"
REOPEN_HELP = "open your question for opinions again, where no statement could be drafted"
CANCEL_HELP = "end your question without a result"
STATUS_HELP = "whether everything works"
SLACK_HELP = (
    ("ask [question]", "ask this channel"),
    ("list", LIST_HELP),
    ("results [words]", RESULTS_HELP),
    ("close", CLOSE_HELP),
    ("extend [time]", "move your question's deadline, such as `extend tomorrow 5pm`"),
    ("reopen [time]", REOPEN_HELP),
    ("cancel", CANCEL_HELP),
    ("export", "your question's data, in a direct message"),
    ("forget-me", "delete everything you submitted"),
    ("settings", "your own settings; for admins also the team's"),
    ("status", STATUS_HELP),
)
DISCORD_HELP = (
    ("ask", "ask this channel; without a question a window opens"),
    ("list", LIST_HELP),
    ("results", RESULTS_HELP),
    ("close", CLOSE_HELP),
    ("extend", "move your question's deadline"),
    ("reopen", REOPEN_HELP),
    ("cancel", CANCEL_HELP),
    ("export", "your question's data, as files that only you see"),
    ("forget-me", "delete everything you submitted here"),
    ("settings", "reminders and learning; for admins also the server's settings"),
    ("library", "templates, question bank and schedules, for admins"),
    ("import", "add questions from a CSV file to the bank, for admins"),
    ("schedule", "post a question once or every week, for admins"),
    ("status", STATUS_HELP),
    ("help", "this list"),
)

# -- commands ------------------------------------------------------------------------------------

ACCORD = "Find common ground in this channel"
ASK = "Ask a question that this channel should agree on"
LIST = "This channel's questions"
RESULTS = "A statement and how it was rated"
CLOSE = "Close opinions, or the vote, now"
EXTEND = "Move the deadline of opinions or of the vote"
REOPEN = "Open for opinions again after drafting failed"
CANCEL = "Cancel a question; there is no result then"
EXPORT = "Your question's data as files"
FORGET_ME = "Delete everything you submitted here"
SETTINGS = "Reminders and learning; for admins everything"
LIBRARY = "Templates, question bank, schedules, for admins"
IMPORT = "Add questions from a CSV file to the bank"
SCHEDULE = "Post a question once or every week, for admins"
STATUS = "Whether everything works here"
HELP = "What you can say to Accord"

# -- options -------------------------------------------------------------------------------------

ONLY_ONE_THAT_FITS = "Which one; without it, the only one that fits"
UNTIL = "The new deadline: tomorrow 5pm, in 3 hours, friday 17:00"
ZONE = "Your time zone; remembered"
ZONE_FOR_TIMES = "Your time zone, for times of day; remembered"
THREAD = "Open a thread for discussion below the question"
TEMPLATE = "One of this server's templates"
TEMPLATE_OR_BANK = "One of this server's templates; without it, the bank's questions in turn"
FILE = "Its first line: question or question,context. All is added, or nothing"
AT = "Once: tomorrow 5pm, friday 17:00. Every week: the time of day, such as 09:30"
WEEKDAY = "Every week on this day; without it, once"
CHANNEL = "Where; without it, in this channel"
