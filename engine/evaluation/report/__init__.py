"""Report: everything that is measured of a feedback export, and how it is shown.

results.py       all results in one object, which is also `report.json`
sections.py      what is said of them, in which order
exam_section.py  the section on what a reward model picks
figures.py       the pictures
parts.py         what sections are made of, and numbers as people read them
page.py          the page, by `page.html` and `table.html`

Above: `engine.evaluation.evaluate`. Below: everything else in `engine.evaluation`. Only `results.py` has
anything computed.
"""
