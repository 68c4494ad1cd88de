"""Makes `tests` ours: some libraries install a package of that name, which would hide a mere folder."""
