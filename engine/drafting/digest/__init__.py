"""The digest: the drafter that needs no model, and says what members said in their own words.

drafter.py        drafts, from the points of the opinions
points.py         what the members of a group said, as points
positions.py      where they stand on the question, and whether their wishes exclude one another
reading_order.py  a reply after what it answers
signs.py          what a sentence tells of itself: a wish, a question, a need

Above: whoever makes a generator. Imports no other room of drafting, only `engine.drafting.sentences`. How a
digest looks on the page is `engine.digest`'s to say.
"""
