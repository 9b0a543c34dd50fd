"""What channels through Twilio are called, here and there."""

CALLS = "twilio_voice"
WHATSAPP = "twilio_whatsapp"
#: How Twilio writes an address of WhatsApp.
WHATSAPP_PREFIX = "whatsapp:"
