"""The pages: the same flows as the API as HTML, whole without JavaScript, in one response."""
