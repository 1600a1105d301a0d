"""The public pages: article, questions, result, report, privacy notice. They set no cookie.

The token in an address is the right to act, so these POSTs need no CSRF token.
"""
