"""`python -m bot` is the `accord` command."""

from bot.cli import main

main()
