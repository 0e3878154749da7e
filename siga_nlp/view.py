"""The view: a document's text as it is matched, with the way back.

Matching happens on folded characters: full width to half width, CJK radicals and compatibility forms to the usual
characters, traditional script to simplified (OpenCC's dictionaries), white space in the middle of words removed,
hard-wrapped lines joined. The source text is never changed: ``View.origin`` says for each character of the view
where it stands in the source.
"""
