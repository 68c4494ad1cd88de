"""What is told about commands: in a platform's help, and where it lists them with their options.

Gives:  the help's lines by platform; descriptions of commands and options, up to 100 characters each, for
        platforms that show them while somebody types. What is told about options that are fields of a form,
        `bot.wording.fields` says.
"""

from bot.wording.language import N_

# In the help of both.
LIST_HELP = N_("this channel's questions")
PAST_HELP = N_("past questions with these words, from every channel that you see")
OUTCOME_HELP = N_("record what was decided, who does it and by when")
RESULTS_HELP = N_("how a statement was rated")
CLOSE_HELP = N_("close the opinions or the vote of your question")
REVISE_HELP = N_("have your question's statement revised and voted on once more")
REOPEN_HELP = N_("open your question for opinions again, where no statement could be drafted")
CANCEL_HELP = N_("end your question without a result")
WHO_HELP = N_("how many have answered and rated your question; who, where names are shown")
REMIND_HELP = N_("remind people who haven't answered or rated your question")
AGAIN_HELP = N_("ask one of your questions again")
CHANGE_HELP = N_("change your question until somebody answers")
STATUS_HELP = N_("whether everything works")
POINTS_HELP = N_("vote on points from opinions")
SLACK_HELP = (
    ("ask [question]", N_("ask this channel")),
    ("list", LIST_HELP),
    ("list [past …]", PAST_HELP),
    ("results [words]", RESULTS_HELP),
    ("points", POINTS_HELP),
    ("outcome", OUTCOME_HELP),
    ("close", CLOSE_HELP),
    ("revise", REVISE_HELP),
    ("who", WHO_HELP),
    ("remind", REMIND_HELP),
    ("extend [time]", N_("move your question's deadline, such as `extend tomorrow 5pm`")),
    ("reopen [time]", REOPEN_HELP),
    ("change", CHANGE_HELP),
    ("again", AGAIN_HELP),
    ("cancel", CANCEL_HELP),
    ("export", N_("your question's data, in a direct message")),
    ("forget-me", N_("delete everything you submitted")),
    ("settings", N_("your own settings; for admins also the team's")),
    ("status", STATUS_HELP),
)
DISCORD_HELP = (
    ("ask", N_("ask this channel; without a question a window opens")),
    ("try", N_("see what simulated members would answer, before you ask")),
    ("list", LIST_HELP),
    ("list [past]", PAST_HELP),
    ("results", RESULTS_HELP),
    ("points", POINTS_HELP),
    ("outcome", OUTCOME_HELP),
    ("close", CLOSE_HELP),
    ("revise", REVISE_HELP),
    ("who", WHO_HELP),
    ("remind", REMIND_HELP),
    ("extend", N_("move your question's deadline")),
    ("reopen", REOPEN_HELP),
    ("change", CHANGE_HELP),
    ("again", AGAIN_HELP),
    ("cancel", CANCEL_HELP),
    ("export", N_("your question's data, as files that only you see")),
    ("forget-me", N_("delete everything you submitted here")),
    ("settings", N_("reminders and learning; for admins also the server's settings")),
    ("library", N_("templates, question bank and schedules, for admins")),
    ("import", N_("add questions from a CSV file to the bank, for admins")),
    ("schedule", N_("post a question once or every week, for admins")),
    ("status", STATUS_HELP),
    ("help", N_("this list")),
)

# -- commands ------------------------------------------------------------------------------------

ACCORD = N_("Find common ground in this channel")
ASK = N_("Ask a question that this channel should agree on")
LIST = N_("This channel's questions")
POINTS = N_("Vote on points from this question's opinions")
RESULTS = N_("A statement and how it was rated")
OUTCOME = N_("Record what was decided, who does it and by when")
CLOSE = N_("Close opinions, or the vote, now")
REVISE = N_("End the vote; a revised statement is drafted and voted on")
EXTEND = N_("Move the deadline of opinions or of the vote")
REOPEN = N_("Open for opinions again after drafting failed")
WHO = N_("How many have answered and rated; who, where names are shown")
REMIND = N_("Remind people who haven't answered or rated")
TRY = N_("Try a question out with simulated members")
TRIED = N_("The question to try out")
AGAIN = N_("Ask one of your questions again")
CHANGE = N_("Change your question until somebody answers")
CANCEL = N_("Cancel a question; there will be no result")
EXPORT = N_("Your question's data as files")
FORGET_ME = N_("Delete everything you submitted here")
SETTINGS = N_("Reminders and learning; for admins everything")
LIBRARY = N_("Templates, question bank, schedules, for admins")
IMPORT = N_("Add questions from a CSV file to the bank")
SCHEDULE = N_("Post a question once or every week, for admins")
STATUS = N_("Whether everything works here")
HELP = N_("What you can say to Accord")

# -- options -------------------------------------------------------------------------------------

ONLY_ONE_THAT_FITS = N_("Which question; leave out if only one fits")
PAST = N_("Past questions with these words, from every channel that you see")
UNTIL = N_("The new deadline: tomorrow 5pm, in 3 hours, friday 17:00")
ZONE = N_("Your time zone; saved for next time")
ZONE_FOR_TIMES = N_("Your time zone, for times of day; saved for next time")
THREAD = N_("Open a thread for discussion below the question")
TEMPLATE = N_("One of this server's templates")
JURY = N_("Whose agreement chooses the statement: one of this server's juries")
FILE = N_("First line: question or question,context. If a line is wrong, nothing is added")
