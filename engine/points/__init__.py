"""Points to vote on: opinions as single ideas, which one a member sees next, and what the votes say.

splitting.py  opinions into points, without a model or with one
routing.py    which point comes next for a member. No numpy: gateways ask it for every page
point_map.py  who votes with whom, what all groups share, and what divides them

What drafters read of the counts is chosen in `engine.draft_briefs`.
"""
