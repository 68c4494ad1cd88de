"""What stands on buttons, links and menus, and above windows: a few words each, alike on every platform."""

from bot.wording.language import N_

# On cards and notes.
SHARE = N_("Share your opinion")
WITHDRAW_MINE = N_("Withdraw mine")
HOW = N_("How this works")
TRY_AGAIN = N_("Try again")
OPEN_PAGE = N_("Open the page")
READ_AND_RATE = N_("Read and rate it")
GO_TO_QUESTION = N_("Go to the question")
THE_STATEMENT = N_("The statement")
SEE_RESULT = N_("See the result")
STOP_REMINDING = N_("Stop reminding me")

# Beside what somebody gave or was refused.
CHANGE_IT = N_("Change it")
WITHDRAW_IT = N_("Withdraw it")
SAY_WHY = N_("Say why")
OPEN_IT_AGAIN = N_("Open it again")
FIX_IT = N_("Fix it")
KEEP_IT = N_("Keep it")
KEEP_AS_IT_IS = N_("Keep as it is")

# Where a question is run that is over.
END_RESULT_LINK = N_("End the link to the result")
NEW_RESULT_LINK = N_("Make a new result link")

# Where a question is run whose vote is closed, and on its card.
RECORD_OUTCOME = N_("Record what was decided")
CHANGE_OUTCOME = N_("Change what was decided")
SAY_HOW_IT_WENT = N_("Say how it went")
OUTCOME = N_("What was decided")

# In lists of questions.
MANAGE = N_("Manage")
RESULTS = N_("Results")
MOVE = N_("Move")
EXPORT = N_("Export")
ASK_LIKE = N_("Ask again")
WHO_ANSWERED = N_("Who has answered")
CHANGE_QUESTION = N_("Change the question")

# Settings.
REMIND_AGAIN = N_("Remind me again")
STOP_LEARNING = N_("Stop learning from me")
OWN_SETTINGS = N_("My own settings")
LIBRARY = N_("Templates, bank, schedules")

# On the app's own tab.
ASK_A_QUESTION = N_("Ask a question")
MY_SETTINGS = N_("My settings")
TEAM_SETTINGS = N_("Team settings")
TO_ASK_AGAIN = N_("Questions to ask again")
REFRESH = N_("Refresh")
ASK_NOW = N_("Ask now")

# What is kept for asking again.
NEW_TEMPLATE = N_("New template")
NEW_SCHEDULE = N_("New schedule")
IMPORT_QUESTIONS = N_("Import questions")
REMOVE = N_("Remove")
TAKE_OUT = N_("Take something out …")
BACK = N_("Back")
MORE = N_("More")

# In and under windows.
FIND_COMMON_GROUND = N_("Find common ground")
MORE_SETTINGS = N_("More settings")
FEWER_SETTINGS = N_("Fewer settings")
YOUR_OPINION = N_("Your opinion")
CHANGE_YOUR_OPINION = N_("Change your opinion")
YOUR_REASON = N_("Your reason")
RUN_QUESTION = N_("Run this question")
YOUR_SETTINGS = N_("Your settings")
QUESTION_TEMPLATE = N_("Question template")
CHOOSE = N_("Choose")
YES = N_("Yes")
NO = N_("No")
ASK = N_("Ask")
SHARE_IT = N_("Share")
CHANGE = N_("Change")
CANCEL = N_("Cancel")
SAVE = N_("Save")
OPEN = N_("Open")
IMPORT = N_("Import")
