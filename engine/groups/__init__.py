"""Groups of people by what they say: kinds of opinions, so that each is read and none is drowned."""
