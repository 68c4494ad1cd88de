"""Pure rendering: domain data in, embeds, buttons and windows out."""
