"""What a file of a question holds back, and why, in words; the file itself has them.

Gives:  a whole sentence for each reason.
"""

NOT_CLOSED = "Opinions come with the export once there is a statement, or the question has ended."
FEW_OPINIONS = "Fewer than {fewest} opinions are not exported: one could guess who wrote which."
PREDICTIONS = "What was predicted comes with the export once the vote is over."
VOTE_RUNS = "Private ratings come with the export once the vote is over."
FEW_RATINGS = "Fewer than {fewest} private ratings are not exported: one could guess whose they are."
SOMEBODY_LEFT = (
    "A member asked to be forgotten. What is missing from a private list now would be theirs, so private "
    "lists are not exported any more."
)
