"""The pages: the same flows as the API as HTML, whole without JavaScript, in one response.

By what they are for; a test holds the list to the folder. A folder for each group of pages, and
here what they share.

- Where pages are, and how one is made and sent: endpoints, maker, shelf, rendering, sending,
  speaking, refusals, assets, own_scripts, palette.
- Who may see one: admission, signed, visits, sign_in.
- Roads, for everybody: roads.
- Open pages hear of news: live, changes.
- Forms, and a report that waits in one for its key: form_page, forms, asking, report_form,
  report_values.
- A report, `/report`: report.
- The desk, `/desk`: desk.
- Rules, `/rules`: rules.
- Organisations, `/my`: my.
"""
