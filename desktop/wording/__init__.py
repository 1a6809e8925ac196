"""Every figure and state as words: one place for screens, reports and the command line. No Qt.

Not known is always a dash, minus is U+2212, ratios are rounded half up to a tenth of a percent.
Sentences are made at the moment of asking, in the language in use (`desktop.text`)."""
