"""Texts with secrets of meetings, in every form in which invitations have them: `s3cret` and `c0de`."""

from __future__ import annotations

FORMS = {
    "an address": "Join https://zoom.us/j/91?pwd=s3cretA now",
    "one without its scheme": "Join zoom.us/j/91?pwd=s3cretA now",
    "a link inside another": "https://www.google.com/url?q=https%3A%2F%2Fzoom.us%2Fj%2F1%3Fpwd%3Ds3cretA",
    "the address alone": "https://zoom.us/j/91?pwd=s3cretA",
    "ten": " ".join(f"https://zoom.us/j/{n}?pwd=s3cret{n}" for n in range(10)),
    "one for Zoom's program": "Join zoommtg://zoom.us/join?action=join&confno=91&pwd=s3cretA now",
    "one without slashes": "Join zoommtg:zoom.us/join?action=join&confno=91&pwd=s3cretA now",
    "one of Teams, with one": "msteams:/l/meetup-join/19%3ameeting_s3cretA@thread.v2/0?context=s3cretB now",
    "in HTML": '<p>Join <a href="https://zoom.us/j/91?pwd=s3cretA">here</a></p>',
    "with a passcode": "Join https://zoom.us/j/91?pwd=s3cretA (Passcode: c0deB)",
}
