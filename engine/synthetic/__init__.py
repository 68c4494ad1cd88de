"""Whatever is made up: people, teams, studies, and the topics and phrases that they speak with.

topics.py                               debate questions and Polis conversations to start from
phrases.py, opposites.py, wording.py    how a made-up person says what they think
teams.py, studies.py, simulate.py       feedback of made-up teams and studies, labelled as such

Refrains from passing for people, and from learning: `engine.training` and `engine.evaluation` stand above.
"""
