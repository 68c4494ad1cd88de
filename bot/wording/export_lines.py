"""What a file of a question holds back, and why, in words; the file itself has them.

Gives:  a whole sentence for each reason.
"""

from bot.wording.language import N_

NOT_CLOSED = N_("Opinions are in the export once there is a statement or the question has ended.")
FEW_OPINIONS = N_("Fewer than {fewest} opinions are not exported: people could guess who wrote which.")
PREDICTIONS = N_("Predictions are in the export once the vote is over.")
FEW_PREDICTIONS = N_(
    "Predictions from fewer than {fewest} opinions are not exported: people could guess whose they are."
)
VOTE_RUNS = N_("Private ratings are in the export once the vote is over.")
FEW_RATINGS = N_("Fewer than {fewest} private ratings are not exported: people could guess whose they are.")
REASONS_LATER = N_("Reasons are in the export once the vote is over.")
FEW_REASONS = N_("Fewer than {fewest} reasons are not exported: people could guess who wrote which.")
SOMEBODY_LEFT = N_(
    "A member asked to be forgotten. Anything now missing from a private list would be theirs, so private "
    "lists are no longer exported."
)
