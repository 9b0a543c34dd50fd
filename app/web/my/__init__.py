"""An organisation's own pages, `/my`.

- The pages: account, contact, calls, money; whose they are: own.
- A contact as a person fills it in: form, faults, consent.
- In words: values, people.
"""
