"""A report on its way in: taken, placed, believed or kept; what its sender is told of it.

By what they are for; a test holds the list to the folder.

- What comes in: filing; where it was: find_place; how far it is believed: judge_source.
- As a report at a place, of an incident: read_located, join_incident; what good news ends:
  answer_danger.
- What has no place yet: keep_unplaced, left_open.
- What its sender is told: tell_reporter, own_reports; all that one sent: reports_by.
"""
