"""Rehearsals: a question tried out with simulated members before anybody is asked it.

Everything here is made up by a language model, and every result says so on each of its levels.

`personas`: who the simulated members are; from a file's data, or invented.
`asking`: what a language model is asked, how its answers are read, and how often it is asked again.
`similarity`: how alike opinions are, against the rounds of the corpus.
`costs`: how many requests and tokens a rehearsal takes, before it begins.
`results`: what comes out.
`rehearsing`: the whole of it: members, opinions, drafts, predicted ratings, several times over.

Source: Park et al. 2022, "Social Simulacra: Creating Populated Prototypes for Social Computing Systems".
"""
