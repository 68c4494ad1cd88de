"""What a file of a question holds back, and why, in words; the file itself has them.

Gives:  a whole sentence for each reason.
"""

from bot.wording.language import N_

NOT_CLOSED = N_("Opinions come with the export once there is a statement, or the question has ended.")
FEW_OPINIONS = N_("Fewer than {fewest} opinions are not exported: one could guess who wrote which.")
PREDICTIONS = N_("What was predicted comes with the export once the vote is over.")
FEW_PREDICTIONS = N_(
    "What was predicted from fewer than {fewest} opinions is not exported: one could guess whose it is."
)
VOTE_RUNS = N_("Private ratings come with the export once the vote is over.")
FEW_RATINGS = N_("Fewer than {fewest} private ratings are not exported: one could guess whose they are.")
SOMEBODY_LEFT = N_(
    "A member asked to be forgotten. What is missing from a private list now would be theirs, so private "
    "lists are not exported any more."
)
