"""`python -m bot` is the `accord` command."""

from bot.cli.main import main

main()
