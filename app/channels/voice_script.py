"""What Twilio is told to say on the phone: TwiML. Pure.

Source: https://www.twilio.com/docs/voice/twiml (Say, Play, Pause, Gather, Hangup)
"""

from typing import Any

from twilio.twiml.voice_response import VoiceResponse

from app.channels.scripts import VoiceScript

#: A person at the wheel needs both hands first.
_WAIT_S = 8


def ask(script: VoiceScript, text: str, *, action: str, greet: bool = True) -> str:
    """Return a call that says `text` twice and waits for a key; `action` is told which."""
    call = VoiceResponse()
    if greet:
        _phrase(call, script, "greeting")
    gather = call.gather(
        input="dtmf", num_digits=1, timeout=_WAIT_S, action=action, method="POST"
    )  # a key may be pressed at any point, and need not wait for the end
    _say(gather, script, text)
    gather.pause(length=1)
    _say(gather, script, text)
    gather.pause(length=1)
    _phrase(gather, script, "menu")
    _phrase(call, script, "goodbye")
    return str(call)


def leave(script: VoiceScript, text: str) -> str:
    """Return what is left on an answering machine: said once, nothing asked."""
    call = VoiceResponse()
    _phrase(call, script, "greeting")
    _say(call, script, text)
    return str(call)


def end(script: VoiceScript, phrase: str) -> str:
    """Return the end of a call: one of the script's phrases."""
    call = VoiceResponse()
    _phrase(call, script, phrase)
    call.hangup()
    return str(call)


def hang_up() -> str:
    """Return the end of a call that nobody needs."""
    call = VoiceResponse()
    call.hangup()
    return str(call)


def _phrase(verb: Any, script: VoiceScript, name: str) -> None:
    if url := script.play.get(name):
        verb.play(url)
    else:
        _say(verb, script, script.words[name])


def _say(verb: Any, script: VoiceScript, words: str) -> None:
    more = {"voice": script.voice} if script.voice else {}
    verb.say(words, language=script.say, **more)
