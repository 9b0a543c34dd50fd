"""What every HTTP edge shares: problems, pagination, dependencies.

By what they are for; a test holds the list to the folder.

- Around every route: edge, heads, unread, members, parts, languages.
- What a route asks for: state, deps, key_cache, shares, pagination, model, routing.
- What goes wrong: problems, fault_words, openapi.
- Done alike by the API and the pages: taking, publishing, previews.
- Answers that are not JSON: link_page, streams.
"""
