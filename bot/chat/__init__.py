"""What every platform does alike, pages too, so that no adapter does it in its own way.

taking_part.py                opinions, ratings, reminders: what somebody did, and what they are told
public_votes.py               reactions and polls, counted as ratings
copies.py                     what came before, when, and what was answered
posted_messages.py, notes.py  posting once, and knowing where a message stands
card_messages.py              cards posted, shown again, posted again where they are gone
follow_ups.py                 what a channel is told next to a card
answer_counter.py             how many have answered or rated, on the card
lookup_cache.py               what was looked up lately, once for all who ask at once
listening.py                  whether a gateway still hears its platform
tasks.py                      work that goes on after a platform has been answered
asking.py                     asking a question: what it starts from, reading it, posting it
rehearsals.py                 questions tried out with simulated members, and nothing real of it
finding_results.py            looking at results and past questions: which one is meant
finding_points.py             points to vote on: which question is meant, pages of them to hide or show
steering.py                   running questions: which one is meant, closing it, moving its deadline
participating.py              who has taken part so far
rewording.py                  changing a question's words before anybody has answered
recording_outcome.py          what was decided: the form, and recording it
changing.py                   settings, the library, one's own: each act once, what would be lost asked first
removing.py                   taking something out of the library: asked first
old_buttons.py                what no button of this version is called
resuming.py                   what waited for a platform that was away
settings.py                   one's own settings; changing a team's: what would be lost asked first

Refrains from payloads and cards' forms: those are each adapter's.
"""
