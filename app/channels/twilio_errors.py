"""What Twilio's error codes mean for us, as data.

Source: https://www.twilio.com/docs/api/errors, one page a code (`/docs/api/errors/21610`). Codes
are added without notice and their meaning is refined (changelog of 2024-07-10), so an unknown code
falls back on its HTTP status.
"""

from enum import StrEnum
from http import HTTPStatus


class Meaning(StrEnum):
    """What to do about a failure."""

    #: This recipient will never get it: do not try again.
    PERMANENT = "permanent"
    #: Twilio will never take it there: not tried again through it, but another provider may.
    ELSEWHERE = "elsewhere"
    #: Another try may pass.
    TEMPORARY = "temporary"
    #: The recipient told Twilio to stop: never again, until they say so.
    OPTED_OUT = "opted_out"
    #: Nothing of this account will pass: stop, and tell a person.
    ACCOUNT = "account"
    #: Too fast, or Twilio is ill: rest, then go on.
    PROVIDER = "provider"


MEANINGS = {
    # account, credentials, money, sender
    10001: Meaning.ACCOUNT,  # account is not active
    20003: Meaning.ACCOUNT,  # authenticate: bad token, suspended, or closed
    20005: Meaning.ACCOUNT,  # account not active
    20006: Meaning.ACCOUNT,  # access denied
    20008: Meaning.ACCOUNT,  # test credentials used on a real resource
    20404: Meaning.ACCOUNT,  # no such account under this SID
    21212: Meaning.ACCOUNT,  # invalid From number
    21603: Meaning.ACCOUNT,  # From is required
    21606: Meaning.ACCOUNT,  # From is not one of ours, or cannot send SMS
    21659: Meaning.ACCOUNT,  # From is not a Twilio number
    21660: Meaning.ACCOUNT,  # From belongs to another account
    21661: Meaning.ACCOUNT,  # From cannot send SMS
    21701: Meaning.ACCOUNT,  # no such messaging service
    21703: Meaning.ACCOUNT,  # messaging service without a number
    30002: Meaning.ACCOUNT,  # account suspended
    30010: Meaning.ELSEWHERE,  # dearer than the maximum price set
    90010: Meaning.ACCOUNT,  # account is not active
    63038: Meaning.ACCOUNT,  # daily limit of the account reached
    # speed and illness
    20429: Meaning.PROVIDER,  # too many requests
    20500: Meaning.PROVIDER,  # internal server error
    20503: Meaning.PROVIDER,  # service unavailable
    21730: Meaning.PROVIDER,  # maintenance
    21611: Meaning.PROVIDER,  # queue of this sender is full
    14107: Meaning.PROVIDER,  # message rate limit
    30001: Meaning.TEMPORARY,  # queue overflow
    30022: Meaning.TEMPORARY,  # carrier rate limit
    # the recipient
    21211: Meaning.PERMANENT,  # invalid To number
    21214: Meaning.PERMANENT,  # To cannot be reached
    21217: Meaning.PERMANENT,  # To does not look like a number
    21265: Meaning.PERMANENT,  # To is a short code
    21266: Meaning.PERMANENT,  # To is From
    21408: Meaning.ELSEWHERE,  # this region is not enabled for the account
    21604: Meaning.PERMANENT,  # To is required
    21608: Meaning.ELSEWHERE,  # trial account: unverified number
    21610: Meaning.OPTED_OUT,  # the recipient replied STOP
    21612: Meaning.ELSEWHERE,  # no route from From to To
    21614: Meaning.PERMANENT,  # not a mobile number
    21635: Meaning.PERMANENT,  # To is a landline
    30003: Meaning.TEMPORARY,  # handset unreachable: off or out of coverage
    30004: Meaning.PERMANENT,  # blocked
    30005: Meaning.PERMANENT,  # unknown or inactive handset
    30006: Meaning.PERMANENT,  # landline or carrier that cannot be reached
    30007: Meaning.ELSEWHERE,  # filtered
    30008: Meaning.TEMPORARY,  # unknown error
    30011: Meaning.PERMANENT,  # MMS not supported
    30410: Meaning.TEMPORARY,  # a provider behind Twilio timed out: failed, not tried again there
    30036: Meaning.TEMPORARY,  # validity period ran out in Twilio's queue
    63016: Meaning.PERMANENT,  # outside of the window of a conversation
    # the message
    30044: Meaning.ELSEWHERE,  # too many segments for a trial account
    21602: Meaning.PERMANENT,  # body is required
    21605: Meaning.PERMANENT,  # body too long
    21609: Meaning.ACCOUNT,  # StatusCallback is not a valid URL: our public URL is wrong
    21617: Meaning.PERMANENT,  # body over 1,600 characters
    21619: Meaning.PERMANENT,  # no body
}


_ILL = 500


def meaning_of(code: int | None, http_status: int) -> Meaning:
    """Return what an answer means; `code` is Twilio's own, when the body had one."""
    if code is not None and code in MEANINGS:
        return MEANINGS[code]
    if http_status in {401, 402, 403, 404, 405}:
        return Meaning.ACCOUNT  # we may not post to the one resource we post to
    if http_status >= _ILL or http_status == HTTPStatus.TOO_MANY_REQUESTS:
        return Meaning.PROVIDER
    return Meaning.PERMANENT
