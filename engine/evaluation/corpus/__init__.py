"""The corpus of deliberations, and what a reward model is judged by on it.

Reads:  rounds with every member's rating of every statement, sets of options, conditions (`reading`).
Gives:  `Exam`: what a model picks and what that is worth, which statements it places above which, whether it
        tells options, quantities and conditions apart, beside choosers that know less (`exam`).
Refrains from learning: training reads the same files, and the split says which lines.
"""
