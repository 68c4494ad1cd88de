"""Outside data sets in the form of a feedback export, so that what reads an export reads them too."""
