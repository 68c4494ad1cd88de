"""Groups of people: by what they speak of, and by what they would agree with.

`opinion_kinds`: kinds of opinions, so that each is read and none is drowned.
`opinion_groups`: groups by predicted or given ratings, and what a statement is to each.
`juries`, `jury_choice`, `jury_changes`, `jury_hearing`: whose agreement counts by seats, and what other seats
would choose.
`k_means`, `two_directions`: how both find clusters, and how members become points on a map.
"""
