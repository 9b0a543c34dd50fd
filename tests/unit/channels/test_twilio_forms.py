"""What is sent to Twilio is the form that any other client would send."""

from urllib.parse import urlencode

from hypothesis import example, given
from hypothesis import strategies as st

from app.channels.twilio_client import _encoded

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
FORMS = st.fixed_dictionaries({"To": TEXT, "From": TEXT, "Body": TEXT, "StatusCallback": TEXT})


@given(FORMS)
@example(
    {
        "To": "+22370000000",
        "From": "Sira",
        "Body": "GRAVE: 1 + 1 = 2 & été, le 6/9 https://sira.example/ok/Ab_9-z",
        "StatusCallback": "https://sira.example/v1/twilio/status?a=b&delivery=0199-ab",
    }
)
def test_forms_are_quoted_like_everywhere(form: dict[str, str]) -> None:
    assert _encoded(form) == urlencode(form).encode()
