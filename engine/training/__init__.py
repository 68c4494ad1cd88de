"""Training: the room for learning reward models and drafters from the feedback export.

Nothing lives here yet. What comes reads files and writes checkpoints; the application never imports it.
"""
