"""The rules as people read and tune them, `/rules`.

- The pages: listing, edit, shipped.
- A rule as a form, and what is wrong in it: form, faults.
- In words: values, wording.
"""
