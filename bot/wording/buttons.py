"""What stands on buttons, links and menus, and above windows: a few words each, the same on every platform.

Discord shows them in other languages too (`translations.py` and `window_translations.py` in
`adapters/discord/views/`), which a test holds against this list.
"""

# On cards and notes.
SHARE = "Share your opinion"
WITHDRAW_MINE = "Withdraw mine"
HOW = "How this works"
TRY_AGAIN = "Try again"
OPEN_PAGE = "Open the page"
READ_AND_RATE = "Read and rate it"
GO_TO_QUESTION = "Go to the question"
THE_STATEMENT = "The statement"
STOP_REMINDING = "Stop reminding me"

# Beside what somebody gave or was refused.
CHANGE_IT = "Change it"
WITHDRAW_IT = "Withdraw it"
OPEN_IT_AGAIN = "Open it again"
FIX_IT = "Fix it"
KEEP_IT = "Keep it"
KEEP_AS_IT_IS = "Keep as it is"

# Where a question is run that is over.
END_RESULT_LINK = "End the link to the result"
NEW_RESULT_LINK = "Make a new result link"

# In lists of questions.
MANAGE = "Manage"
RESULTS = "Results"
MOVE = "Move"
EXPORT = "Export"

# Settings.
REMIND_AGAIN = "Remind me again"
STOP_LEARNING = "Stop learning from me"
OWN_SETTINGS = "My own settings"
LIBRARY = "Templates, bank, schedules"

# On the app's own tab.
ASK_A_QUESTION = "Ask a question"
MY_SETTINGS = "My settings"
TEAM_SETTINGS = "Team settings"
TO_ASK_AGAIN = "Questions to ask again"
REFRESH = "Refresh"
ASK_NOW = "Ask now"

# What is kept for asking again.
NEW_TEMPLATE = "New template"
NEW_SCHEDULE = "New schedule"
IMPORT_QUESTIONS = "Import questions"
REMOVE = "Remove"
TAKE_OUT = "Take something out …"
BACK = "Back"
MORE = "More"

# In and under windows.
FIND_COMMON_GROUND = "Find common ground"
MORE_SETTINGS = "More settings"
FEWER_SETTINGS = "Fewer settings"
YOUR_OPINION = "Your opinion"
CHANGE_YOUR_OPINION = "Change your opinion"
RUN_QUESTION = "Run this question"
YOUR_SETTINGS = "Your settings"
QUESTION_TEMPLATE = "Question template"
CHOOSE = "Choose"
YES = "Yes"
NO = "No"
ASK = "Ask"
SHARE_IT = "Share"
CHANGE = "Change"
CANCEL = "Cancel"
SAVE = "Save"
OPEN = "Open"
IMPORT = "Import"
