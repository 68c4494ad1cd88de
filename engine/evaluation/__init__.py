"""Evaluation: the room for measuring reward models and drafters against what people really rated.

Nothing lives here yet. What comes reads files and writes reports; the application never imports it.
"""
