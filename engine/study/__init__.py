"""Studies: how one is planned and dealt (`plan`), and the ways of drafting that it compares (`arms`)."""
