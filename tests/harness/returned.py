"""Mails that came back, as mail servers write them."""

_REPORT = """\
Return-Path: <>
From: MAILER-DAEMON@relay.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <20250906080512.4C7E1@relay.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

This is a MIME-encapsulated message.

--B
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

<awa@union.example>: host mx.union.example said: {said}

--B
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
X-Queue-ID: 4C7E1
Arrival-Date: Sat,  6 Sep 2025 08:05:11 +0000 (UTC)

Final-Recipient: rfc822; awa@union.example
Original-Recipient: rfc822;awa@union.example
Action: {action}
Status: {code}
Remote-MTA: dns; mx.union.example
Diagnostic-Code: smtp; {said}

--B
Content-Description: Undelivered Message
Content-Type: {kind}

Return-Path: <{to}>
To: awa@union.example
Message-ID: <{delivery_id}@{domain}>
In-Reply-To: <01991e0a-1000-72cf-b78c-000000000000@{domain}>
Subject: [Sira] =?utf-8?q?DANGER_GRAVE?=

{rest}--B--
"""


def a_return(
    delivery_id: str,
    *,
    domain: str = "sira.example",
    action: str = "failed",
    code: str = "5.1.1",
    said: str = "550 5.1.1 <awa@union.example>: Recipient address rejected: User unknown",
    whole: bool = True,
) -> bytes:
    """Return the report on a message of ours; `whole`: the message is in it, not its headers alone.

    Source: what Postfix writes, and RFC 3464, appendix E.
    """
    words = _REPORT.format(
        to="returned@sira.example",
        said=said,
        action=action,
        code=code,
        delivery_id=delivery_id,
        domain=domain,
        kind="message/rfc822" if whole else "text/rfc822-headers",
        rest="DANGER GRAVE, carburant\n\n" if whole else "",
    )
    return words.encode()


_COMPLAINT = """\
Return-Path: <feedback@mailbox.example>
From: <feedback@mailbox.example>
To: returned@sira.example
Subject: FW: [Sira] DANGER GRAVE
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="F"

--F
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report for an email message received on Sat, 6 Sep 2025.

--F
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Rcpt-To: <redacted@mailbox.example>
Source-IP: 192.0.2.1

--F
Content-Type: message/rfc822

{mail}
--F--
"""


def a_complaint(mail: bytes, *, kind: str = "abuse") -> bytes:
    """Return the report that a reader called a mail of ours spam.

    Source: RFC 5965, appendix B.
    """
    return _COMPLAINT.format(kind=kind, mail=mail.decode()).encode()


def a_mail(message_id: str, *, stop_link: str) -> bytes:
    """Return a mail of ours as its reader has it, in short."""
    return (
        f"To: redacted@mailbox.example\nMessage-ID: <{message_id}@sira.example>\n"
        f"List-Unsubscribe: <https://sira.example/v1/unsubscribe/{stop_link}>,\n"
        f" <mailto:alerts@sira.example?subject=unsubscribe%20{message_id}>\n"
        "Subject: DANGER GRAVE\n\nDANGER GRAVE, carburant\n"
    ).encode()
