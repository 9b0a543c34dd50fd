"""The pages: the same flows as the API as HTML, whole without JavaScript, in one response.

By what they are for; a test holds the list to the folder.

- Where pages are, and how one is made and sent: endpoints, maker, shelf, rendering, sending,
  speaking, refusals, assets, own_scripts, palette.
- Who may see one: admission, signed, visits, sign_in.
- Roads, for everybody: state_page, route_page, strip, history, map_page, map_days, drawing.
- Open pages hear of news: live, changes.
- Forms: form_page, forms, asking.
- A report, `/report`: report, report_form, report_values, report_foreseen, offline.
- The desk, `/desk`: desk, desk_lists, desk_incident, desk_alert, desk_report, desk_place,
  desk_message, desk_forced, desk_say; in two steps: deciding, desk_foreseen; in words: desk_values,
  desk_told.
- Rules, `/rules`: rules, rule_edit, rule_shipped, rule_form, rule_faults, rule_values, rule_words.
- Organisations, `/my`: my, my_own, my_contact, my_consent, my_calls, my_money, my_form, my_faults,
  my_people, my_values.
"""
