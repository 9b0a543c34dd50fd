"""One file per use case: the stories, told top to bottom.

The stories stand here; what a story needs, and every smaller one, is in the folder of its
subject. By what they are for; a test holds the list to the folder.

- A report comes in, alone or in a file: report_incident, import_reports; what it needs: reports.
- Roads are rated, and what of it is told: assess; what it needs: rating, alerting.
- Time passes and nothing new is heard: age_out, remind.
- Alerts become messages and leave: fan_out, dispatch; what they need: sending, money.
- What became of them: outcomes; what somebody on duty must know of: duty.
- A message of a phone comes in: messages.
- People decide: desk; organisations and who listens for them: people.
- Rules change: rules; what a change would bring about: preview; the past is played: past.
- What readers see: readers.
- The house is kept: upkeep.
- What all of them work with: context, wire, turns.
"""
